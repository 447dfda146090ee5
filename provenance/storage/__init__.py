"""Files and objects: how sources are opened and found, and how outputs appear, whole or not at all."""

from provenance.storage.addresses import is_object
from provenance.storage.entries import Entry
from provenance.storage.folders import MAGIC, expand, stat_file, walk_folder
from provenance.storage.outputs import publish, refuse_existing, scratch, sweep, syncing, writing
from provenance.storage.sources import Readable, Source, open_source, same_bytes

__all__ = [
    "MAGIC",
    "Entry",
    "Readable",
    "Source",
    "expand",
    "is_object",
    "open_source",
    "publish",
    "refuse_existing",
    "same_bytes",
    "scratch",
    "stat_file",
    "sweep",
    "syncing",
    "walk_folder",
    "writing",
]
