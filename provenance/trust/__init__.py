"""Lists of certificates that are trusted: read from files, or kept by name, dated and compared.

Names are found on first use: most verifications need one of them at most.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.trust.lists import load_file, own_roots, parse_pem
    from provenance.trust.names import DEVELOPMENT, DEVELOPMENT_IDENTITIES, HOW_TO_GET_LISTS
    from provenance.trust.records import Wanted
    from provenance.trust.store import TrustStore

__all__ = [
    "DEVELOPMENT",
    "DEVELOPMENT_IDENTITIES",
    "HOW_TO_GET_LISTS",
    "TrustStore",
    "Wanted",
    "load_file",
    "own_roots",
    "parse_pem",
]

_HOMES = {
    "lists": ("load_file", "own_roots", "parse_pem"),
    "names": ("DEVELOPMENT", "DEVELOPMENT_IDENTITIES", "HOW_TO_GET_LISTS"),
    "records": ("Wanted",),
    "store": ("TrustStore",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
