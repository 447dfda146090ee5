"""Take statements out of a file's history, and see that what they told is nowhere left.

1. What goes is found by its name; it goes whole, assertion by assertion (`planning`).
2. The file, as it would be, is searched for the same values: whatever still tells them is refused, or accepted by name.
3. The redaction is signed: in an update manifest where the content stays as it is, else in one with a new hard binding.
4. What was written is read back and searched once more; only then does it get its name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from provenance import signing
from provenance.claims import SigningOptions
from provenance.claims.redact import redaction_claim
from provenance.errors import LeftBehind, SignerRefused
from provenance.manifests.contents import contents
from provenance.manifests.locate import sidecars
from provenance.model import derived
from provenance.model.claim import Carrier, Redaction, Relationship
from provenance.model.facets import Ancestry
from provenance.model.facets import Signer as SignerState
from provenance.model.record import Operation
from provenance.model.redaction import Redacted
from provenance.workspace.cataloguing import kept
from provenance.workspace.moving import without_store
from provenance.workspace.redacting import planning, searching
from provenance.workspace.sealing import seal_of
from provenance.workspace.seeing import see

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from provenance.model.manifest import ManifestStore, Signed
    from provenance.model.ports import Signer
    from provenance.model.redaction import Content, Leak
    from provenance.signing import Delivery
    from provenance.workspace.core import Workspace
    from provenance.workspace.redacting.planning import Plan

_RANKS = {Ancestry.INTACT: 0, Ancestry.NONE: 0, Ancestry.UNKNOWN: 1, Ancestry.NOT_CHECKED: 1, Ancestry.BROKEN: 2}
_TELLING = 16
"""Bytes from which the content of an assertion is recognised."""


def redact(
    space: Workspace,
    plan: Plan,
    output: str | Path | None,
    *,
    signer: Signer | str | None,
    overwrite: bool,
) -> Redacted:
    """Carry out what was planned; see `Workspace.redact`."""
    options = plan.options
    _refuse(plan, plan.forecast.leaks)
    left: list[Leak] = []

    def approve(written: BinaryIO, store: ManifestStore) -> None:
        boxes = contents(store.data)
        _confirm_gone(plan, store, boxes)
        _refuse_worse(plan, store, space)
        with searching.viewing(written) as data:
            file = searching.Finished(
                data=data, media_type=plan.found.media.media_type, store=store, contents=boxes, new=store.active
            )
            left.extend(planning.search(file, plan.wanted, options))
        _refuse(plan, left)

    signed = _signed(space, plan, _delivery(plan, output, overwrite=overwrite, approve=approve), signer)
    sight = see(space, plan.given, plan.found.media, wanted=space.keeps_catalogue)
    signed = replace(signed, fingerprints=sight.soft_bindings, notes=(*signed.notes, *sight.notes))
    signed = kept(space, signed, plan.given, operation=Operation.REDACTED)
    forecast = plan.forecast
    return Redacted(
        signed=replace(signed, notes=(*signed.notes, *forecast.notes, *_doubts(plan, signed, space))),
        gone=forecast.gone,
        erased=forecast.erased,
        restated=forecast.restated,
        left=tuple(left),
    )


def _delivery(
    plan: Plan,
    output: str | Path | None,
    *,
    overwrite: bool,
    approve: Callable[[BinaryIO, ManifestStore], None],
) -> Delivery:
    path = plan.given.path
    if output is None and path is not None:
        output = path.with_name(f"{path.stem}.redacted{path.suffix}")
    options = SigningOptions(carrier=plan.carrier)
    planned = signing.plan(plan.given, output, options, overwrite=overwrite, changed=plan.asset is not plan.given)
    return replace(planned, approve=approve)


def _signed(space: Workspace, plan: Plan, delivery: Delivery, signer: Signer | str | None) -> Signed:
    options, update = plan.options, plan.forecast.update
    seal = seal_of(space, SigningOptions(timestamp=options.timestamp), signer)
    if update:
        # An identity assertion vouches for a hard binding, and an update has none.
        seal = replace(seal, publisher=None)
    parent = replace(
        signing.ingredient(plan.given, plan.found, id="parent", relationship=Relationship.PARENT_OF), title=plan.title
    )
    claim = redaction_claim(
        parent,
        [Redaction(uri=item.uri, reason=options.reason.code) for item in plan.forecast.gone],
        generator=space.generator,
        at=space.now(),
        erased=plan.asset is not plan.given,
    )
    claim = replace(claim, update=update, assertions=(plan.restated,) if plan.restated else ())
    asset = plan.asset
    if not update and plan.found.carrier is Carrier.EMBEDDED:
        # In TIFF and in packages the engine leaves the bytes of the old store behind, and what was redacted in them.
        asset = without_store(asset, plan.found.media)
    return signing.sign(asset, claim, media=plan.found.media, seal=seal, trust=space.trust, delivery=delivery)


def _refuse(plan: Plan, leaks: Iterable[Leak]) -> None:
    """Refuse to call it done while anything is left that nobody has accepted."""
    open_ones = tuple(item for item in leaks if item.hiding not in plan.options.leave)
    if not open_ones:
        return
    places: dict[tuple[str, str], list[str]] = {}
    for item in open_ones:
        places.setdefault((item.where, item.remedy), []).append(item.what)
    told = "; ".join(f"{where}: {', '.join(said)} ({remedy})" for (where, remedy), said in places.items())
    names = ",".join(dict.fromkeys(item.hiding for item in open_ones))
    error = LeftBehind(
        f"nothing was written, since this would be left behind: {told}",
        path=plan.given.name,
        hint=f"--leave {names} accepts it",
    )
    error.leaks = open_ones
    raise error


def _confirm_gone(plan: Plan, store: ManifestStore, boxes: Iterable[Content]) -> None:
    """See in the bytes that the assertions are out of the store, whatever the engine says."""
    there = {(item.manifest, item.label) for item in boxes}
    left = [item.label for item in plan.forecast.gone if (item.manifest, item.label) in there]
    going = Counter(item.data for item in plan.forecast.gone if len(item.data) >= _TELLING)
    left += [
        "its content" for data, times in going.items() if store.data.count(data) + times > plan.store.data.count(data)
    ]
    if left:
        raise SignerRefused(f"the engine has not taken out what should go: {', '.join(left)}", path=plan.given.name)


def _refuse_worse(plan: Plan, store: ManifestStore, space: Workspace) -> None:
    """See that the history is worth as much as before."""
    before = derived.of_store(plan.store, space.trust, where="").ancestry
    after = derived.of_store(store, space.trust, where="").ancestry
    if _RANKS[after.state] > _RANKS[before.state]:
        raise SignerRefused(f"without it the history would not hold: {after.reason}", path=plan.given.name)


def _doubts(plan: Plan, signed: Signed, space: Workspace) -> Iterator[str]:
    """Say what a reader will see differently, though nothing is wrong."""
    before = derived.of_store(plan.store, space.trust, where="").signer
    after = derived.of_store(signed.store, space.trust, where="").signer
    if before.state is SignerState.TRUSTED and after.state is not SignerState.TRUSTED:
        yield f"the file was signed by somebody trusted, and now is not: {after.reason}"
    beside = sidecars(signed.path)[1] if signed.path else None
    if signed.sidecar is not None and beside is not None and beside.is_file():
        yield f"{beside} still holds all of it"
    if not plan.forecast.update and plan.asset is plan.given:
        yield f"{plan.found.media.name} takes no update manifest: the content, unchanged, has a new hard binding"
