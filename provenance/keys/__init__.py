"""Private keys and the certificates that speak for them: open, check, issue, keep.

Only `IdentityStore` and `Identity` are loaded with the package. The other names are found on first use,
because they bring in `cryptography`, which a command that only looks at identities or verifies a file does
not need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from provenance.keys.identities import IdentityStore
from provenance.keys.identity import Identity

if TYPE_CHECKING:
    from provenance.keys.authority import DevelopmentIdentity, ephemeral_signer, issue_development_identity
    from provenance.keys.certificates import ChainFault, check_chain, parse_chain, require_suitable
    from provenance.keys.files import FileSigner
    from provenance.keys.open import open_bare, open_files, open_key
    from provenance.keys.reading import read_chain

__all__ = [
    "ChainFault",
    "DevelopmentIdentity",
    "FileSigner",
    "Identity",
    "IdentityStore",
    "check_chain",
    "ephemeral_signer",
    "issue_development_identity",
    "open_bare",
    "open_files",
    "open_key",
    "parse_chain",
    "read_chain",
    "require_suitable",
]

_LATER = {
    "ChainFault": "certificates",
    "DevelopmentIdentity": "authority",
    "FileSigner": "files",
    "check_chain": "certificates",
    "ephemeral_signer": "authority",
    "issue_development_identity": "authority",
    "open_bare": "open",
    "open_files": "open",
    "open_key": "open",
    "parse_chain": "certificates",
    "read_chain": "reading",
    "require_suitable": "certificates",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
