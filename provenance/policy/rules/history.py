"""Where does it come from, and is that told without gaps?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.history import EditState, FlagKind, moment_of
from provenance.policy.registry import failed, passed, rule, undecided
from provenance.policy.rules.naming import among, called, counted, listed, quoted, source_name
from provenance.policy.rules.statements import stated

if TYPE_CHECKING:
    from provenance.model.history import Edit
    from provenance.model.manifest import Manifest
    from provenance.model.policy import Answer
    from provenance.policy.rules.statements import Told


@rule("history.known-origin", "Does everything that it began with say how it was made?")
@stated
def known_origin(told: Told) -> Answer:
    """Each beginning has to be a creation (`c2pa.created`) with its digital source type.

    A file without credentials fails; undecided where a manifest is missing or does not hold.
    """
    beginnings = told.history.beginnings
    for edit in beginnings:
        problem = _unknown(edit)
        if problem:
            return failed(f"{called(edit)} {problem}", subject=told.subject(edit.id))
    doubtful = next((edit for edit in beginnings if edit.state is not EditState.INTACT), None)
    if doubtful is not None:
        reason = doubtful.reason or doubtful.state
        return undecided(f"{called(doubtful)} is not to be relied on: {reason}", subject=told.subject(doubtful.id))
    if not beginnings:
        return failed("its history has no beginning: it leads in a circle")
    names = dict.fromkeys(name for edit in beginnings for name in _ways(edit))
    return passed(f"it began with {listed(names)}", evidence=tuple(names))


def _unknown(edit: Edit) -> str | None:
    if edit.state is EditState.UNKNOWN:
        return "has no Content Credentials, so that its origin is not known"
    if edit.state is not EditState.INTACT:
        return None
    if not any(item.name == "c2pa.created" for item in edit.actions):
        return "does not say that it was created"
    return None if _ways(edit) else "does not say how it was made"


def _ways(edit: Edit) -> tuple[str, ...]:
    created = (source_name(item.source_type) for item in edit.actions if item.name == "c2pa.created")
    return tuple(name for name in created if name is not None)


@rule("history.no-gaps", "Does every step say what it was made from?")
@stated
def no_gaps(told: Told) -> Answer:
    """A gap is a file that was opened and is not named, a step that does not say how it began, a missing manifest.

    Files without credentials are no gaps, but named: `history.known-origin` asks for their origin.
    """
    return _free_of(
        told, FlagKind.OPENED_NOTHING, FlagKind.NEVER_CREATED, FlagKind.MISSING, good="every step says what came before"
    )


@rule("history.created-once", "Was nothing created twice?")
@stated
def created_once(told: Told) -> Answer:
    """What was created has no past: a creation beside another, or beside a parent, hides something."""
    return _free_of(told, FlagKind.CREATED_TWICE, good="nothing in its history was created twice")


@rule("history.times-in-order", "Are the times in its history in order?")
@stated
def times_in_order(told: Told) -> Answer:
    """Nothing is made from what does not exist yet; looks at stated times and time-stamps.

    Undecided where there are not two times to compare.
    """
    answer = _free_of(told, FlagKind.TIMES, good="the times in its history are in order")
    stated_times = [item.when for edit in told.history.edits for item in edit.actions if moment_of(item.when)]
    attested = [edit for edit in told.history.edits if edit.signature is not None and edit.signature.time is not None]
    if told.flagged(FlagKind.TIMES) or len(stated_times) + len(attested) > 1:
        return answer
    return undecided("there are not two times in its history to compare")


@rule("history.depth", "Is its history short enough?")
@stated
def depth(told: Told, *, most: int) -> Answer:
    """`most`: steps back from the file itself, by the shortest way to each; 0 for a file that was made from nothing."""
    back = max(told.history.generations.values(), default=0)
    said = f"its history goes {counted(back, 'step')} back"
    return passed(said) if back <= most else failed(f"{said}, more than {most}")


@rule("history.generator-allowed", "Was it made with one of these programs?")
@stated
def generator_allowed(told: Told, *, names: tuple[str, ...], anywhere: bool = False) -> Answer:
    """`names`: claim generators such as `Example Camera` or `Example Editor 2.*`; `*` stands for any characters.

    Looks at the active manifest and what it updates; with `anywhere = true` at every step that has a manifest.
    """
    doubtful = None
    for manifest in told.manifests(anywhere=anywhere):
        first = _programs(manifest)[:1]
        if not any(among(name, names) for forms in first for name in forms):
            made = quoted(first[0][0]) if first else "a program without a name"
            return failed(
                f"it was made with {made}, which is not one of {listed(names)}", subject=told.subject(manifest.label)
            )
        doubtful = doubtful if told.intact(manifest.label) else manifest.label
    if doubtful is not None:
        return undecided("what a broken step says of its program counts for nothing", subject=told.subject(doubtful))
    if anywhere and told.flagged(FlagKind.MISSING):
        return undecided("a manifest that its history names is not at hand")
    return passed(f"it was made with {quoted(_programs(told.store.active_manifest)[0][0])}")


@rule("history.generator-forbidden", "Was it made with none of these programs?")
@stated
def generator_forbidden(told: Told, *, names: tuple[str, ...], anywhere: bool = True) -> Answer:
    """`names`: claim generators such as `Example Editor 1.*`; `*` stands for any characters.

    Looks at every step that has a manifest, broken ones included; with `anywhere = false` at the active manifest and
    what it updates. Undecided where a step names no program.
    """
    silent = None
    for manifest in told.manifests(anywhere=anywhere):
        programs = _programs(manifest)
        found = next((forms[0] for forms in programs if any(among(name, names) for name in forms)), None)
        if found is not None:
            return failed(f"it was made with {quoted(found)}", subject=told.subject(manifest.label), evidence=(found,))
        silent = silent if programs else manifest.label
    if silent is not None:
        return undecided("a step names no program", subject=told.subject(silent))
    if anywhere and told.flagged(FlagKind.MISSING):
        return undecided("a manifest that its history names is not at hand")
    return passed(f"it was made with none of {listed(names)}")


def _programs(manifest: Manifest) -> tuple[tuple[str, ...], ...]:
    """Return the programs that made a claim, the claim generator first, each in the forms in which it may be named."""
    return tuple(
        (item.name, f"{item.name} {item.version}", f"{item.name}/{item.version}") if item.version else (item.name,)
        for item in manifest.generators
        if item.name
    )


@rule("history.no-untrusted-ancestors", "Can the identity of everybody who signed an ancestor be verified?")
@stated
def no_untrusted_ancestors(told: Told) -> Answer:
    """As recorded by whoever used them, and as far as lists vouch for them here.

    Files without credentials have no signer: `history.known-origin` asks for them. Undecided where nobody says.
    """
    doubted = told.flagged(FlagKind.UNTRUSTED, FlagKind.UNSOUND, FlagKind.BROKEN)
    if doubted:
        return failed(doubted[0].message, subject=told.subject(doubted[0].edit))
    signed = [edit for edit in told.history.edits if edit.signature is not None and edit.id != told.history.head]
    silent = next((edit for edit in signed if not edit.trusted), None)
    if silent is not None:
        return undecided(f"whether the signer of {called(silent)} was trusted is not said", subject=silent.id)
    missing = told.flagged(FlagKind.MISSING)
    if missing:
        return undecided("a manifest that its history names is not at hand", subject=missing[0].edit)
    if not signed:
        return passed("it has no ancestors with credentials")
    return passed(f"the identity of whoever signed its {counted(len(signed), 'ancestor')} was verified")


@rule("history.no-redactions", "Was nothing redacted from its history?")
@stated
def no_redactions(told: Told, *, reasons: tuple[str, ...] = ()) -> Answer:
    """`reasons`: redactions for these are allowed, such as `c2pa.PII.present`.

    Also fails where an action refers to an ingredient that is gone although nobody says that it was redacted.
    """
    removed = [item for edit in told.history.edits for item in edit.removals]
    for item in removed:
        if item.reason not in reasons:
            message = (
                f"{quoted(item.label)} was redacted: {quoted(item.reason) if item.reason else 'no reason is given'}"
            )
            return failed(message, subject=told.subject(item.by), evidence=(item.label,))
    said = tuple(f"{item.label} was redacted" for item in removed)
    gone = [item for item in told.flagged(FlagKind.REDACTED) if not item.message.startswith(said)]
    if gone:
        return failed(gone[0].message, subject=told.subject(gone[0].edit))
    return passed("every redaction was made for a reason that is allowed" if removed else "nothing was redacted")


def _free_of(told: Told, *kinds: FlagKind, good: str) -> Answer:
    """Pass where no flag of these kinds is raised."""
    found = told.flagged(*kinds)
    return failed(found[0].message, subject=told.subject(found[0].edit)) if found else passed(good)
