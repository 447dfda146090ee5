"""Results put together by hand for reports: rich ones, ones that say something hostile everywhere, and many."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from provenance.errors import UnreadableMedia
from provenance.history import trace
from provenance.model.claim import Action, Assertion, Generator, Origin, Relationship
from provenance.model.facets import Revocation
from provenance.model.further import CertificateFacts, Further, TimeCheck
from provenance.model.manifest import IdentityAssertion, Signature
from provenance.model.media import Digest, Media, Thumbnail
from provenance.model.revocation import RevocationAnswer
from provenance.model.trust import Purpose, Trust
from provenance.reports.result import Result, Results
from tests.unit.stores import (
    AT,
    SOUND,
    a_list,
    a_manifest,
    a_store,
    a_verdict,
    an_ingredient,
    bad,
    good,
)

GENERATOR = "provenance 1.2.3"
SOUND_STATUSES = good(*SOUND)
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
LATER = datetime(2026, 4, 30, 9, 30, tzinfo=UTC)


def a_picture(size=(64, 48), colour=(200, 80, 40)) -> Thumbnail:
    """Make a small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return Thumbnail(media_type="image/jpeg", data=out.getvalue())


def a_result(store=None, *, name="photo.jpg", picture=None, thumbnails=None, **more) -> Result:
    """Judge a store by the standard policy."""
    media = Media(name=name, media_type="image/jpeg", size=123_456, digest=Digest(algorithm="sha256", value="ab" * 32))
    verdict = a_verdict(store, **{"media": media} | more)
    return Result(
        name=name, verdict=verdict, history=trace(store) if store else None, picture=picture,
        thumbnails=thumbnails or {},
    )  # fmt: skip


def results(*items: Result) -> Results:
    """Put results of one run together."""
    return Results(items=items, generator=GENERATOR)


def an_error(name="gone.jpg") -> Result:
    """Fail to look at a file."""
    return Result(name=name, error=UnreadableMedia("no such file", path=name, hint="check the path"))


def uri(label: str) -> str:
    return f"self#jumbf=/c2pa/{label}/c2pa.assertions/c2pa.thumbnail.claim"


def a_rich_store(**more: Any):
    """Put together a history with everything that a report shows: steps, redactions, flags, statements."""
    signed = Signature(algorithm="es256", organization="Example News", common_name="Desk", serial="77", time=LATER)
    camera = replace(signed, organization="Camera Works", common_name="Camera 7", time=LATER - timedelta(days=2))
    capture = a_manifest(
        "urn:c2pa:capture", title="harbour-raw.jpg", signature=camera, thumbnail=uri("urn:c2pa:capture"),
        actions=(Action(name="c2pa.created", source_type=f"{_IPTC}digitalCapture", when="2026-04-28T09:30:00Z"),),
    )  # fmt: skip
    logo = a_manifest(
        "urn:c2pa:logo", title="logo.png", signature=replace(signed, organization="Studio"), claim_version=2,
        actions=(Action(name="c2pa.created", source_type=f"{_IPTC}trainedAlgorithmicMedia"),),
    )  # fmt: skip
    removed = "self#jumbf=/c2pa/urn:c2pa:capture/c2pa.assertions/c2pa.metadata"
    edited = a_manifest(
        "urn:c2pa:edited",
        an_ingredient("urn:c2pa:capture", title="harbour-raw.jpg"),
        an_ingredient("urn:c2pa:logo", title="logo.png", label="c2pa.ingredient.v3__1",
                      relationship=Relationship.COMPONENT_OF),
        an_ingredient(title="note.txt", label="c2pa.ingredient.v3__2", relationship=Relationship.INPUT_TO,
                      description="typed by hand"),
        title="harbour.jpg", signature=signed, thumbnail=uri("urn:c2pa:edited"),
        generators=(Generator(name="Editor", version="5"),),
        actions=(
            Action(name="c2pa.opened", ingredients=("self#jumbf=c2pa.assertions/c2pa.ingredient.v3",)),
            Action(name="c2pa.placed", description="logo in the corner", when="2026-04-30T09:00:00Z",
                   software_agent="Editor 5", ingredients=("self#jumbf=c2pa.assertions/c2pa.ingredient.v3__1",)),
            Action(name="c2pa.redacted", reason="c2pa.PII.present", parameters={"redacted": removed}),
        ),
        assertions=(
            Assertion(label="c2pa.metadata", origin=Origin.CREATED,
                      data={"dc:creator": ["Zoë Example"], "dc:rights": "© Example News"}),
            Assertion(label="cawg.metadata", data={"photoshop:City": "Hamburg", "tiff:Model": "Camera 7"}),
            Assertion(label="cawg.training-mining",
                      data={"entries": {"cawg.ai_training": {"use": "constrained", "constraint_info": "ask us"}}}),
        ),
        identities=(IdentityAssertion(label="cawg.identity", organization="Example News", common_name=None,
                                      roles=("cawg.publisher",), kind="cawg.x509.cose"),),
    )  # fmt: skip
    return a_store(edited, capture, logo, **more)


def a_rich_result(*, statuses=SOUND_STATUSES, name="photos/harbour.jpg", **more: Any) -> Result:
    """Put together a result that fills every part of the page."""
    store = a_rich_store(statuses=statuses, deltas=bad("ingredient.unknownProvenance", label="urn:c2pa:logo"))
    further = Further(
        stamp=TimeCheck(time=LATER, authority="Example Time", through="stamps"),
        revocation=RevocationAnswer(
            state=Revocation.GOOD, reason="not revoked, says the authority", source="http://ocsp.example.com/",
            produced_at=LATER, this_update=LATER, next_update=LATER + timedelta(days=7),
        ),
        certificate=CertificateFacts(
            key_type="ec", key_bits=256, valid_from=LATER - timedelta(days=90),
            valid_until=LATER + timedelta(days=275), policies=("1.3.6.1.4.1.62558.1.1",),
        ),
    )  # fmt: skip
    lists = (
        replace(a_list(), note="frozen since 2026", skipped=2, sequence=4, as_of=LATER, obtained=AT, next_update=AT),
        a_list("stamps", Purpose.TIMESTAMP),
    )
    told = {"further": further, "trust": Trust(lists=lists), "picture": a_picture((320, 240))} | more
    shown = {uri("urn:c2pa:capture"): a_picture(), uri("urn:c2pa:edited"): a_picture(colour=(20, 90, 160))}
    return a_result(store, name=name, **{"thumbnails": shown} | told)


SPARED = frozenset(
    {
        *SOUND, "ingredient.unknownProvenance", "assertion.dataHash.mismatch", "c2pa.metadata", "cawg.metadata",
        "cawg.training-mining", "entries", "use", "constraint_info", "dc:creator", "dc:rights", "photoshop:City",
        "tiff:Model", "c2pa.created", "c2pa.opened", "c2pa.redacted", "redacted",
        "self#jumbf=/c2pa/urn:c2pa:logo/c2pa.signature",
    }
)  # fmt: skip
"""Words of the standard without which nothing would be said."""


def everywhere(value: Any, text: str, *, spared: frozenset[str] = frozenset()) -> Any:
    """Put a text behind every string of a value, names and keys included, alike wherever the same string stands."""
    if type(value) is str:
        return value if value in spared else f"{value}{text}"
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            item.name: everywhere(getattr(value, item.name), text, spared=spared) for item in fields(value) if item.init
        }
        return type(value)(**changed)
    if isinstance(value, Mapping):
        return {
            everywhere(key, text, spared=spared): everywhere(item, text, spared=spared) for key, item in value.items()
        }
    return tuple(everywhere(item, text, spared=spared) for item in value) if isinstance(value, tuple | list) else value


def saying(text: str, *, spared: frozenset[str] = SPARED) -> Results:
    """Say a text in every place of two files that were judged and one that could not be looked at."""
    judged = []
    for given in (a_rich_result(), a_rich_result(statuses=bad("assertion.dataHash.mismatch"))):
        verdict = everywhere(given.verdict, text, spared=spared)
        shown = {f"{key}{text}": item for key, item in given.thumbnails.items()}
        store = verdict.inspection.store
        judged.append(replace(
            given, name=f"{given.name}{text}", verdict=verdict, history=trace(store), thumbnails=shown,
        ))  # fmt: skip
    failed = UnreadableMedia(f"no such file{text}", path=f"gone{text}", hint=f"check{text}")
    return Results(items=(*judged, Result(name=f"gone{text}", error=failed)), generator=f"{GENERATOR}{text}")
