"""What was signed and what was checked, kept in a database: SQLite here, or PostgreSQL for a team.

Names are found on first use: whoever keeps no catalogue never loads the database library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from provenance.errors import CatalogueError

if TYPE_CHECKING:
    from provenance.catalogue.places import is_kept, url_of
    from provenance.catalogue.store import Catalogue

__all__ = ["Catalogue", "is_kept", "url_of"]

_HOME = {"Catalogue": "store", "is_kept": "places", "url_of": "places"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    except ModuleNotFoundError as error:
        hint = "pip install 'media-provenance[catalogue]'"
        raise CatalogueError(f"a catalogue needs a library that is not installed ({error.name})", hint=hint) from error
