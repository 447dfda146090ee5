"""`provenance evidence`: keep what a verdict rests on, and judge it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.cli.common import AsJson, Force, Online, Policy, Quiet, Trust, TrustLists
from provenance.model.verdict import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provenance.evidence import Packing, Replay
    from provenance.workspace import Workspace

_EXIT = {Decision.ACCEPTED: 0, Decision.REVIEW: 3, Decision.REJECTED: 1}


def evidence(
    file: Annotated[Path | None, typer.Argument(help="The media file.", show_default=False)] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write the pack.", metavar="FILE", show_default=False)
    ] = None,
    policy: Policy = None,
    online: Online = False,
    at: Annotated[
        str | None,
        typer.Option("--at", help="The verdict as of another day: 2025-06-01T12:00Z.", metavar="TIME"),
    ] = None,
    trust: Trust = None,
    trust_list: TrustLists = None,
    include_asset: Annotated[
        bool | None,
        typer.Option("--include-asset/--no-asset", help="The file goes into the pack.  [default: up to 100 MB]"),
    ] = None,
    identity: Annotated[str | None, typer.Option("--identity", help="Who signs the pack.", metavar="NAME")] = None,
    timestamp: Annotated[bool, typer.Option("--timestamp", help="Have it attested when the pack was there.")] = False,
    replay: Annotated[
        Path | None, typer.Option("--replay", help="Judge this pack again, offline.", metavar="PACK")
    ] = None,
    asset: Annotated[
        Path | None, typer.Option("--asset", help="The file, for a pack that does not have it.", metavar="FILE")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Keep all that the verdict on a file rests on in one pack: photo.jpg becomes photo.evidence.zip.

    With --replay a pack is judged again, later, elsewhere and without a network. The exit code is then that of the
    verdict; 11 when it is another one than was recorded; 5 when the pack was changed. Without the file the content
    stays unchecked, and the exit code is never 0.
    """
    told = _Told(as_json=as_json, quiet=quiet)
    making = {
        "--output": output, "--policy": policy, "--online": online, "--at": at, "--identity": identity,
        "--timestamp": timestamp, "--include-asset or --no-asset": include_asset is not None, "--force": force,
    }  # fmt: skip
    if replay is not None:
        _require_alone(file, making)
        _replay(common.workspace(trust, lists=trust_list), replay, asset, told)
        return
    if file is None:
        raise typer.BadParameter("name the media file, or a pack with --replay")
    if asset is not None:
        raise typer.BadParameter("--asset is for --replay")
    from provenance.evidence import Packing

    wishes = Packing(
        policy=policy,
        online=online,
        as_of=common.moment(at),
        include_asset=include_asset,
        identity=identity,
        timestamp=timestamp,
    )
    space = common.workspace(trust, lists=trust_list)
    _make(space, file, output, wishes, force=force, told=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    as_json: bool
    quiet: bool


def _require_alone(file: Path | None, making: Mapping[str, object]) -> None:
    if file is not None:
        raise typer.BadParameter("--replay takes a pack; name the media file with --asset")
    given = [name for name, value in making.items() if value]
    if given:
        raise typer.BadParameter(f"{given[0]} is for making a pack, not for --replay")


def _make(space: Workspace, file: Path, output: Path | None, wishes: Packing, *, force: bool, told: _Told) -> None:
    packed = space.evidence(file, output, wishes=wishes, overwrite=force)
    for note in packed.notes:
        common.warn(f"{packed.path}: {note}")
    if told.as_json:
        from provenance.cli import evidence_shown

        common.write_json(evidence_shown.packed_data(packed))
    elif not told.quiet:
        from provenance.cli import evidence_shown

        common.show(evidence_shown.packed(packed))


def _replay(space: Workspace, pack: Path, asset: Path | None, told: _Told) -> None:
    from provenance.errors import ReplayDiffers, about
    from provenance.evidence import Agreement

    with about(pack):
        found = space.replay(pack, asset=asset)
    if told.as_json:
        from provenance.cli import evidence_shown

        common.write_json(evidence_shown.replay_data(pack.name, found))
    elif not told.quiet:
        from provenance.cli import evidence_shown

        common.show(*evidence_shown.replay(pack.name, found))
    if found.agreement is Agreement.DIFFERENT:
        listed = "; ".join(
            f"{item.about} was {item.then}, is {item.now}" for item in found.differences if not item.unchecked
        )
        raise ReplayDiffers(f"the replay comes to another verdict: {listed}", path=pack)
    raise typer.Exit(_exit_code(found))


def _exit_code(found: Replay) -> int:
    """Return that of the verdict; where the content was not checked, the most severe that it could be taken for."""
    from provenance.evidence import Agreement
    from provenance.evidence.comparing import stricter

    if found.agreement is Agreement.SAME:
        return _EXIT[found.verdict.decision]
    return _EXIT[stricter(stricter(found.verdict.decision, found.recorded.decision), Decision.REVIEW)]
