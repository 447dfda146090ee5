"""One question asked of facts that were put together by hand, and the tables that such cases stand in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from provenance.metadata import derive
from provenance.model.claim import Action, Assertion
from provenance.model.further import CertificateFacts, Further, TimeCheck
from provenance.model.media import Metadata, MetadataEntry
from provenance.model.policy import Outcome
from provenance.policy.registry import find
from tests.unit.stores import AT, SOUND, a_manifest, a_store, an_ingredient, bad, good, some_facts

if TYPE_CHECKING:
    from provenance.model.manifest import Manifest, ManifestStore
    from provenance.model.policy import Answer

PASSED, FAILED, UNDECIDED = Outcome.PASSED, Outcome.FAILED, Outcome.UNDECIDED
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
DAY = timedelta(days=1)
STAMP = TimeCheck(time=AT - 3 * DAY, authority="tsa", through="stamps")
STAMPED = (*good(*SOUND), *good("timeStamp.validated", "timeStamp.trusted"))


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a rule is expected to say."""

    outcome: Outcome
    says: str = ""
    """A part of its message."""
    store: ManifestStore | None = None
    options: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    """The rest of the inspection."""
    subject: str | None = None


def answer(rule: str, store: ManifestStore | None = None, *, told: dict[str, Any] | None = None, **options) -> Answer:
    """Ask a rule."""
    return find(rule).ask(some_facts(store, **(told or {})), **options)


def check(rule: str, case: Case) -> None:
    """Ask a rule and hold its answer against what was expected."""
    found = answer(rule, case.store, told=case.told, **case.options)
    assert found.outcome is case.outcome, found
    assert case.says in found.message, found.message
    assert found.subject == case.subject, found
    assert found.message == found.message.strip().removesuffix("."), "a message is a clause"


def flat(table: dict[str, dict[str, Case]]) -> list[Any]:
    """List a table of cases by rule for `parametrize`."""
    return [
        pytest.param(rule, case, id=f"{rule}: {name}") for rule, cases in table.items() for name, case in cases.items()
    ]


def created(kind: str | None = "digitalCapture", when: str | None = None) -> Action:
    return Action(name="c2pa.created", source_type=IPTC + kind if kind else None, when=when)


def opened(**more: Any) -> Action:
    return Action(name="c2pa.opened", **more)


def assertion(label: str, **data: Any) -> Assertion:
    return Assertion(label=label, data=data)


def holding(*assertions: Assertion, **more: Any) -> ManifestStore:
    """A store of one manifest with these assertions."""
    return a_store(a_manifest("active", assertions=assertions, actions=(created(),), **more))


def changed(*manifests: Any) -> ManifestStore:
    """A store whose content was changed after signing."""
    return a_store(*manifests, statuses=(*good(*SOUND[:2]), *bad("assertion.dataHash.mismatch")), reported="Invalid")


def updating(old: Manifest, **more: Any) -> ManifestStore:
    """A store whose active manifest `new` only updates another: the engine says whose hash it has compared."""
    match = replace(good(SOUND[2])[0], uri=f"self#jumbf=/c2pa/{old.label}/c2pa.assertions/c2pa.hash.data")
    new = a_manifest("new", an_ingredient(old.label), **({"actions": (opened(),)} | more))
    return a_store(new, old, statuses=(*good(*SOUND[:2]), match))


def certificate(**more: Any) -> dict[str, Any]:
    """An inspection with a certificate, and a trusted time where one is given."""
    stamp = more.pop("stamp", None)
    told = {
        "key_type": "ec", "key_bits": 256, "valid_from": AT - 10 * DAY, "valid_until": AT + 10 * DAY, "policies": (),
    } | more  # fmt: skip
    return {"further": Further(certificate=CertificateFacts(**told), stamp=stamp)}


def metadata(**named: Any) -> Metadata:
    """What a file says of itself; `__` stands for the colon of a name."""
    entries = {
        name: MetadataEntry(name=name, value=value, source="xmp")
        for name, value in ((key.replace("__", ":"), value) for key, value in named.items())
    }
    return Metadata(entries=tuple(entries.values()), place=derive.place(entries))
