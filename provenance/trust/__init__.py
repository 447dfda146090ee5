"""Lists of certificates that are trusted: read from files, or kept by name, dated and compared."""

from provenance.trust.lists import load_file, own_roots, parse_pem
from provenance.trust.records import Wanted
from provenance.trust.store import DEVELOPMENT, DEVELOPMENT_IDENTITIES, HOW_TO_GET_LISTS, TrustStore

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
