"""The main job in one call, with the user's own settings or a given workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.workspace.core import Workspace

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from provenance.claims import SigningOptions
    from provenance.model.manifest import Signed
    from provenance.model.verdict import Inspection, Verdict
    from provenance.storage import Readable


def sign(
    source: Readable,
    output: str | Path | None = None,
    *,
    options: SigningOptions | None = None,
    identity: str | None = None,
    overwrite: bool = False,
    workspace: Workspace | None = None,
) -> Signed:
    """Sign a path, bytes or an open binary file; see `Workspace.sign`.

    A workspace of one's own saves reading settings and opening keys for every file.
    """
    return (workspace or Workspace()).sign(source, output, options=options, signer=identity, overwrite=overwrite)


def inspect(
    source: Readable,
    *,
    online: bool = False,
    digest: bool = False,
    as_of: datetime | None = None,
    workspace: Workspace | None = None,
) -> Inspection:
    """Collect the facts about the credentials of a path, bytes or an open binary file; see `Workspace.inspect`."""
    return (workspace or Workspace()).inspect(source, online=online, digest=digest, as_of=as_of)


def verify(
    source: Readable,
    *,
    policy: str | Path | None = None,
    online: bool = False,
    digest: bool = False,
    as_of: datetime | None = None,
    workspace: Workspace | None = None,
) -> Verdict:
    """Inspect a path, bytes or an open binary file and judge what was found; see `Workspace.verify`."""
    return (workspace or Workspace()).verify(source, policy=policy, online=online, digest=digest, as_of=as_of)
