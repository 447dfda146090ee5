"""Any facts and any policies: what properties of judging are tried on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from provenance.history import trace
from provenance.model import statuses
from provenance.model.claim import Action, Assertion, Generator, Relationship
from provenance.model.facets import Revocation
from provenance.model.further import CertificateFacts, Further, TimeCheck
from provenance.model.manifest import Signature, StatusKind
from provenance.model.media import CaptureTime, Device, Metadata, MetadataEntry, Place
from provenance.model.policy import Held, Policy, RuleUse, Severity
from provenance.model.revocation import RevocationAnswer
from provenance.policy import Facts
from provenance.policy.faults import LONGEST, MOST, TIMES
from provenance.policy.registry import every
from tests.unit.stores import AT, SOUND, a_manifest, a_store, an_ingredient, an_inspection, good, status

EARLY, LATE = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
CODES = sorted({
    *SOUND, *statuses.BY_TODAYS_CLOCK, "signingCredential.untrusted", "signingCredential.expired", "unheard.of",
    "signingCredential.ocsp.revoked", "assertion.dataHash.mismatch", "claimSignature.mismatch", "timeStamp.mismatch",
    "timeStamp.trusted", "timeStamp.validated", "timeStamp.untrusted", "cawg.x509.credential.untrusted",
    "cawg.identity.trusted", "ingredient.manifest.missing", "assertion.bmffHash.additionalExclusionsPresent",
})  # fmt: skip
WORDS = (
    "", "x", "a\nb", "\u202eabc", "c2pa.created", "c2pa.edited", "c2pa.published", "c2pa.opened", "Example News",
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia", "digitalCapture", "2026-05-01T12:00:00Z",
    "2026-05-01T12:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "x" * 400,
)  # fmt: skip
KNOWN = (
    "digitalCapture", "c2pa.edited", "c2pa.published", "image/jpeg", "image/*", "1.2.3.4", "embedded", "sidecar",
    "allowed", "sha256", "2.1", "Example News", "*", "signers",
    "data_mining", "ai_training", "not-allowed", "c2pa.metadata", "c2pa.PII.present",
)  # fmt: skip
"""Values of options: one of them is known to each option that knows its words."""
words = st.sampled_from(WORDS)
maybe = st.none() | words
moments = st.sampled_from((AT, AT - timedelta(days=400), AT + timedelta(days=400), EARLY, LATE))
data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
actions = st.builds(
    Action, name=words, when=maybe, source_type=maybe, software_agent=maybe, reason=maybe,
    parameters=st.dictionaries(words, data, max_size=2),
)  # fmt: skip
LABELS = (
    "c2pa.actions.v2", "c2pa.metadata", "cawg.metadata", "cawg.training-mining", "c2pa.hash.data", "c2pa.hash.bmff.v3",
    "stds.schema-org.CreativeWork", "c2pa.ai-disclosure", "c2pa.certificate-status", "c2pa.thumbnail.claim", "x",
)  # fmt: skip
assertions = st.builds(Assertion, label=st.sampled_from(LABELS), data=st.dictionaries(words, data, max_size=3))
signatures = st.builds(
    Signature, algorithm=maybe, organization=maybe, common_name=maybe, serial=maybe, time=st.none() | moments,
    expires=st.none() | moments,
)  # fmt: skip
told = st.lists(
    st.builds(status, st.sampled_from(CODES), st.sampled_from(StatusKind), label=st.sampled_from((None, "m0", "m1"))),
    max_size=5,
).map(tuple)
NAMES = ("m0", "m1", "m2")
ingredients = st.lists(
    st.builds(
        an_ingredient, st.sampled_from((None, *NAMES, "gone")), told,
        relationship=st.sampled_from(Relationship), title=maybe, media_type=maybe,
    ),
    max_size=2,
)  # fmt: skip


@st.composite
def manifests(draw, label):
    return a_manifest(
        label, *draw(ingredients), title=draw(maybe), signature=draw(st.none() | signatures),
        claim_version=draw(st.integers(0, 3)), actions=tuple(draw(st.lists(actions, max_size=3))),
        assertions=tuple(draw(st.lists(assertions, max_size=3))),
        generators=tuple(draw(st.lists(st.builds(Generator, name=words, version=maybe), max_size=2))),
    )  # fmt: skip


@st.composite
def stores(draw):
    """Manifests that name each other, themselves and what is not there."""
    found = [draw(manifests(label)) for label in NAMES[: draw(st.integers(1, 3))]]
    sound = good(*SOUND) if draw(st.booleans()) else ()
    return a_store(
        *found, statuses=(*sound, *draw(told)), deltas=draw(told), trust_list=draw(st.sampled_from((None, "signers"))),
        reported=draw(st.sampled_from(("Trusted", "Valid", "Invalid", "?"))),
    )  # fmt: skip


certificates = st.builds(
    CertificateFacts, key_type=st.sampled_from(("rsa", "ec", "ed25519", "dsa")), key_bits=st.integers(0, 10**6),
    valid_from=moments, valid_until=moments, policies=st.lists(words).map(tuple),
)  # fmt: skip
metadata = st.builds(
    Metadata, entries=st.lists(st.builds(MetadataEntry, name=words, value=words, source=words), max_size=2).map(tuple),
    captured_at=st.none() | st.builds(CaptureTime, text=words, offset_known=st.booleans()),
    device=st.none() | st.builds(Device), place=st.none() | st.builds(Place, city=maybe), title=maybe, credit=maybe,
    creators=st.lists(words, max_size=2).map(tuple), problems=st.sampled_from(((), ("the EXIF block is broken",))),
)  # fmt: skip
further = st.builds(
    Further,
    stamp=st.none() | st.builds(TimeCheck, time=st.none() | moments, authority=words, through=maybe, problem=maybe),
    revocation=st.none()
    | st.builds(RevocationAnswer, state=st.sampled_from(Revocation), reason=st.just("it says so"), source=words),
    certificate=st.none() | certificates,
    stated=st.none() | metadata,
)  # fmt: skip


class Decided:
    """Whoever decides conditions by what they say."""

    def holds(self, expression, facts):
        return Held(value={"yes": True, "no": False, "open": None}[expression], why="nobody knows")


@st.composite
def facts(draw):
    """Everything that can be known of a file, in any combination."""
    store = draw(st.none() | stores())
    more = {"problem": draw(maybe), "remote_url": draw(maybe)} if store is None else {}
    found = an_inspection(store, further=draw(further), metadata=draw(st.none() | metadata), **more)
    return Facts(found, trace=trace, report=dict, conditions=Decided())


def options(rule, dice):
    """Throw for options of a rule: those that it needs, and some of the others."""
    given = [name for name, item in rule.options.items() if item.required or dice.random() < 0.5]
    return {name: _value(name, rule.options[name], dice) for name in given}


def _value(name, option, dice):
    if option.kind == "tuple[str, ...]":
        fits = [item for item in KNOWN if option.check is None or option.check(item) is None]
        return tuple(dice.choices(fits, k=dice.randint(1, 3)))
    numbers = (0, 1, 5, 365, LONGEST if name.endswith(TIMES) else MOST)
    return dice.choice({"bool": (True, False), "int": numbers, "float": numbers, "str": KNOWN}[option.kind])


@st.composite
def uses(draw, *, severity=None, when=None):
    """Any rule with any options and weights, or a condition of the policy's own."""
    severity = severity or draw(st.sampled_from(Severity))
    when = draw(st.sampled_from((None, None, "yes", "no", "open"))) if when is None else when or None
    weights = {"severity": severity, "on_missing": draw(st.sampled_from(Severity)), "when": when}
    if draw(st.integers(0, 9)) == 0:
        require = draw(st.sampled_from(("yes", "no", "open")))
        return RuleUse(rule="custom.own", require=require, message="it is not so", **weights)
    rule = draw(st.sampled_from(every()))
    return RuleUse(rule=rule.id, options=options(rule, Random(draw(st.integers(0, 10**6)))), **weights)


@st.composite
def policies(draw):
    """Any policy that could have been read: at least one rule is asked of every file."""
    rules = [draw(uses(when="")), *draw(st.lists(uses(), max_size=7))]
    return Policy(name="any", version="1", purpose="", rules=tuple(draw(st.permutations(rules))), digest="", text="")
