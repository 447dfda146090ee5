"""Lists of certificates that are trusted, read from files."""

from provenance.trust.lists import load_file, own_roots, parse_pem

__all__ = ["load_file", "own_roots", "parse_pem"]
