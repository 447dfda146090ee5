"""Whose fault it is: a file that cannot be signed is put aside, what concerns all files is waited for."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import (
    AuthorityError,
    KeyUnavailable,
    NoIdentity,
    OutputError,
    OutputExists,
    SettingsError,
    SignerRefused,
    UnsuitableCertificate,
    WrongSecret,
)
from provenance.storage import is_object

if TYPE_CHECKING:
    from provenance.errors import ProvenanceError

_OF_ALL = (
    AuthorityError,
    KeyUnavailable,
    NoIdentity,
    OutputError,
    SettingsError,
    SignerRefused,
    UnsuitableCertificate,
    WrongSecret,
)
_UNCLEAR = (SettingsError, SignerRefused)
_OF_NAMES = {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOTDIR, errno.ELOOP}


def concerns_all(error: ProvenanceError, target: str | None) -> bool:
    """Say whether the next file would meet the same; `target` is where the result should go."""
    if isinstance(error, OutputExists):
        return False
    if isinstance(error, OutputError) and target is not None and not is_object(target):
        return not _cannot_be_named(Path(target))
    return isinstance(error, _OF_ALL)


def unclear(error: ProvenanceError) -> bool:
    """Say whether it may be the file's fault all the same, if again and again it is the only one."""
    return isinstance(error, _UNCLEAR)


def _cannot_be_named(target: Path) -> bool:
    try:
        if target.is_dir():
            return True
        for path in (target, target.with_name(f"{target.name}.c2pa")):
            path.lstat()
    except ValueError:
        return True
    except OSError as error:
        return error.errno in _OF_NAMES
    return False
