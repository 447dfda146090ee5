"""Names that lists of this machine bear, and how to get those of others."""

from __future__ import annotations

from typing import Final

DEVELOPMENT: Final = "development"
"""The list of this machine's own development roots: made of the identities, never kept among the lists."""
DEVELOPMENT_IDENTITIES: Final = "development-identities"
"""The same roots, for those who stand behind a claim apart from its signer."""
HOW_TO_GET_LISTS: Final = "get the official lists with `provenance trust update`"
