"""Local files: how sources are opened and how outputs appear, whole or not at all."""

from provenance.storage.outputs import publish, scratch, syncing, writing
from provenance.storage.sources import Readable, Source, open_source

__all__ = ["Readable", "Source", "open_source", "publish", "scratch", "syncing", "writing"]
