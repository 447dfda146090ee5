"""Files and objects: how sources are opened and found, and how outputs appear, whole or not at all."""

from provenance.storage.addresses import is_object
from provenance.storage.entries import Entry
from provenance.storage.outputs import publish, syncing, writing
from provenance.storage.sources import Readable, Source, open_source

__all__ = ["Entry", "Readable", "Source", "is_object", "open_source", "publish", "syncing", "writing"]
