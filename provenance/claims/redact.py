"""Decide what must go from the history of a file, and state that it went (C2PA 2.4, redaction of assertions)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.claims.describe import is_place
from provenance.claims.fields import NEEDED, Field, field
from provenance.claims.needles import texts
from provenance.errors import InvalidClaim
from provenance.model.claim import Action, Assertion, Claim, Redaction, Relationship
from provenance.model.redaction import Gone, Reason, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from provenance.model.claim import Generator, Ingredient, Timestamp
    from provenance.model.manifest import Manifest, ManifestStore
    from provenance.model.redaction import Content

_RULES = (
    (("c2pa.actions",), "the standard forbids to redact actions: they are the history"),
    (("c2pa.hash.",), "the standard forbids to redact hard bindings: nothing else ties a manifest to its content"),
    (("c2pa.ingredient",), "an ingredient cannot go: the history would hide what the file was made from"),
    (
        ("c2pa.time-stamp", "c2pa.certificate-status"),
        "what authorities say about time and revocation cannot go: verification rests on it",
    ),
    (("c2pa.claim", "c2pa.signature"), "it is no assertion: without it there is no manifest"),
)
_INSTANCE = re.compile(r"__\d+")
_LINK = "self#jumbf="
_NOT_NEEDED = "media-provenance.not_needed"
"""A reason of one's own (C2PA 2.4, actions): none of the standard's is true of a picture that is only too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionOptions:
    """What goes, why, and what may stay; plain values that can travel to another process."""

    fields: tuple[str, ...] = ()
    """Names such as `gps` (`provenance.claims.fields`)."""
    assertions: tuple[str, ...] = ()
    """Labels; every instance of them."""
    manifests: tuple[str, ...] = ()
    """Labels, parts of labels or titles of the manifests to take from; by default all."""
    reason: Reason = Reason.PII
    erase: bool = False
    """Remove the same from the file's own EXIF, IPTC and XMP: the content is then signed anew."""
    keep_rest: bool = False
    """Say again what else stood in metadata assertions that go."""
    leave: tuple[str, ...] = ()
    """Where values may be left behind (`Hiding`)."""
    title: str | None = None
    """In the new manifest; by default the file's name."""
    timestamp: Timestamp | None = None
    """`None`: as the settings say."""
    online: bool = False
    """Remote manifests may be fetched."""


def wanted(options: RedactionOptions) -> tuple[Field, ...]:
    """Return the fields that are asked for.

    Raises `InvalidClaim` for names that nobody knows, and for wishes that ask for nothing or too much.
    """
    if not (options.fields or options.assertions):
        raise InvalidClaim("nothing is named that should go", hint="say --field gps, or --assertion LABEL")
    for label in options.assertions:
        rule = forbidden(label)
        if rule:
            raise InvalidClaim(f"{label!r} cannot be redacted: {rule}", hint="name another assertion, or a --field")
    if options.keep_rest and not options.fields:
        raise InvalidClaim("nothing is left of an assertion that goes whole", hint="--keep-rest goes with --field")
    return tuple(field(name) for name in options.fields)


def forbidden(label: str) -> str | None:
    """Say by which rule an assertion may not be redacted, if there is one."""
    return next((rule for prefixes, rule in _RULES if label.startswith(prefixes)), None)


def going(
    store: ManifestStore, contents: Sequence[Content], fields: Sequence[Field], options: RedactionOptions
) -> tuple[Gone, ...]:
    """Find the assertions that hold what is asked for; they go whole, since nothing less can.

    `contents` is the store itself, box by box. Raises `InvalidClaim` for a label or a manifest that is not there.
    """
    chosen = _chosen(store, options.manifests)
    found = []
    for item in contents:
        if not item.is_assertion or item.manifest not in chosen or forbidden(item.label):
            continue
        whole = any(_is_named(item.label, label) for label in options.assertions)
        file = any(item.label.startswith(one.labels) for one in fields if one.labels)
        values, along = _told(item, fields, whole=whole)
        if whole:
            values += _identified(store, item)
        if whole or file or values:
            found.append(
                Gone(
                    manifest=item.manifest,
                    label=item.label,
                    of=described(store.manifests.get(item.manifest)),
                    values=values,
                    along=along,
                    file=item.data if item.media_type is not None else None,
                    data=item.data,
                )
            )
    _require_labels(options.assertions, [item.label for item in found], contents)
    return tuple(found)


def restated(
    store: ManifestStore, contents: Sequence[Content], gone: Sequence[Gone], fields: Sequence[Field]
) -> Assertion | None:
    """Put together what else stood in metadata assertions that go, as far as it was said of this very content.

    Of several statements the newest counts. What no namespace is known for is left out.
    """
    going_now = {(item.manifest, item.label) for item in gone}
    spaces: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for label in parents(store):
        for item in contents:
            known = item.value.get("@context") if isinstance(item.value, dict) else None
            if item.manifest != label or (label, item.label) not in going_now or not isinstance(known, dict):
                continue
            spaces = {str(prefix): uri for prefix, uri in known.items() if isinstance(uri, str)} | spaces
            for name, value in item.value.items():
                if not _covered((name,), fields) and not any(_covered(path, fields) for path, _ in texts(value)):
                    properties.setdefault(name, value)
    kept = {name: value for name, value in properties.items() if name.partition(":")[0] in spaces}
    if not kept:
        return None
    used = sorted({name.partition(":")[0] for name in kept})
    return Assertion(label="cawg.metadata", data={"@context": {prefix: spaces[prefix] for prefix in used}, **kept})


def redaction_claim(
    parent: Ingredient, redactions: Sequence[Redaction], *, generator: Generator, at: datetime, erased: bool
) -> Claim:
    """Make the claim of a redaction; `at` is the time of signing, aware.

    `erased` says that the file's own metadata was changed as well. Whether it can be an update manifest is for those
    to say who know the format.
    """
    steps = [Action(name="c2pa.opened", when=at.isoformat(), ingredients=(parent.id,))]
    steps += [redacted(item, at) for item in redactions]
    if erased:
        steps.append(Action(name="c2pa.edited.metadata", when=at.isoformat()))
    return Claim(
        title=parent.title,
        generator=generator,
        actions=tuple(steps),
        all_actions_included=True,
        ingredients=(parent,),
        redactions=tuple(redactions),
    )


def redacted(redaction: Redaction, at: datetime) -> Action:
    """Make the action that tells of a redaction and why."""
    return Action(
        name="c2pa.redacted",
        when=at.isoformat(),
        reason=redaction.reason,
        parameters={"redacted": redaction.uri},
    )


def location_redactions(store: ManifestStore) -> Iterator[Redaction]:
    """Yield a redaction for every assertion of a store that names a place."""
    for manifest in store.manifests.values():
        seen: Counter[str] = Counter()
        for item in manifest.assertions:
            # The engine's report gives all instances the same label; the store numbers them.
            label = f"{item.label}__{seen[item.label]}" if seen[item.label] else item.label
            seen[item.label] += 1
            if not forbidden(label) and _names_place(item.data):
                uri = f"self#jumbf=/c2pa/{manifest.label}/c2pa.assertions/{label}"
                yield Redaction(uri=uri, reason=Reason.PII.code)


def thumbnail_redactions(store: ManifestStore) -> Iterator[Redaction]:
    """Yield a redaction for every small picture in a store, whether of a file itself or of what went into it."""
    for manifest in store.manifests.values():
        for uri in (manifest.thumbnail, *(item.thumbnail for item in manifest.ingredients)):
            if uri is not None:
                yield Redaction(uri=uri, reason=_NOT_NEEDED)


def described(manifest: Manifest | None) -> str:
    """Name a manifest: what it calls its file, and who signed it."""
    if manifest is None:
        return "a manifest that is not part of the history"
    signature = manifest.signature
    who = signature.organization or signature.common_name if signature else None
    return f"{manifest.title or 'a file without a title'!r}, signed by {who or 'a certificate without a name'}"


def parents(store: ManifestStore) -> tuple[str, ...]:
    """Return the manifests of this very content, from the active one back to where it began."""
    line: list[str] = []
    label: str | None = store.active
    while label is not None and label not in line and label in store.manifests:
        line.append(label)
        made_from = store.manifests[label].ingredients
        label = next((item.manifest for item in made_from if item.relationship is Relationship.PARENT_OF), None)
    return tuple(line)


def _told(item: Content, fields: Sequence[Field], *, whole: bool) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """Return what an assertion tells of what was asked for, and what else it tells."""
    values: list[Value] = []
    along: list[Value] = []
    for path, text in texts(item.value, binary=False):
        if text.startswith(_LINK) or (path and path[-1].startswith("@")):
            continue
        hit = next((key for key in path if any(one.covers(key) for one in fields)), None)
        value = Value(name=hit or (path[-1] if path else item.label), text=text)
        asked = (hit is not None or whole) and value.name.lower() not in NEEDED
        (values if asked else along).append(value)
    return tuple(values), tuple(along)


def _identified(store: ManifestStore, item: Content) -> tuple[Value, ...]:
    """Return whom an identity assertion names: that stands in a certificate, not in words."""
    manifest = store.manifests.get(item.manifest)
    named = [one for one in manifest.identities if one.label == item.label] if manifest else []
    names = [name for one in named for name in (one.organization, one.common_name) if name]
    return tuple(Value(name="identity", text=name) for name in dict.fromkeys(names))


def _chosen(store: ManifestStore, names: Iterable[str]) -> set[str]:
    if not names:
        return set(store.manifests)
    found: set[str] = set()
    for name in names:
        fitting = {label for label, item in store.manifests.items() if name in {label, item.title}}
        fitting = fitting or {label for label in store.manifests if name in label}
        if not fitting:
            there = "; ".join(f"{label} ({item.title!r})" for label, item in store.manifests.items())
            raise InvalidClaim(f"there is no manifest {name!r}", hint=f"there are: {there}")
        found |= fitting
    return found


def _require_labels(labels: Iterable[str], found: Sequence[str], contents: Sequence[Content]) -> None:
    for label in labels:
        if any(_is_named(one, label) for one in found):
            continue
        if any(label in uri.rpartition("/")[2] for item in contents for uri in _redacted_before(item)):
            raise InvalidClaim(f"{label!r} has been redacted already", hint="there is nothing left of it")
        there = sorted({_INSTANCE.sub("", item.label) for item in contents if item.is_assertion})
        can = ", ".join(item for item in there if not forbidden(item)) or "none that can go"
        raise InvalidClaim(f"there is no assertion {label!r} in the history", hint=f"there are: {can}")


def _redacted_before(item: Content) -> Iterator[str]:
    listed = item.value.get("redacted_assertions") if isinstance(item.value, dict) else None
    if item.room.startswith("c2pa.claim") and isinstance(listed, list):
        yield from (uri for uri in listed if isinstance(uri, str))


def _is_named(label: str, name: str) -> bool:
    """Say whether a label is of this name, whatever its instance; old thumbnails end with their format."""
    plain = _INSTANCE.sub("", label)
    return name in {label, plain} or (name.startswith("c2pa.thumbnail.") and plain.rpartition(".")[0] == name)


def _covered(path: Sequence[str], fields: Sequence[Field]) -> bool:
    return any(one.covers(key) for one in fields for key in path)


def _names_place(data: Any) -> bool:
    if isinstance(data, dict):
        return any(is_place(str(key)) or _names_place(value) for key, value in data.items())
    return isinstance(data, list) and any(_names_place(item) for item in data)
