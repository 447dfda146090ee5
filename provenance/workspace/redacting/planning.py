"""Work out what a redaction will do before anything is signed: what goes, what goes along, what would be left."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance import signing
from provenance.claims.fields import NEEDED, covering
from provenance.claims.leaks import Spot, Wanted, leaks, wanted_values
from provenance.claims.needles import texts
from provenance.claims.redact import going, restated, wanted
from provenance.errors import BrokenSource, InvalidClaim, ManifestError, about
from provenance.manifests.contents import contents
from provenance.model.claim import Carrier
from provenance.model.redaction import Forecast, Hiding, Reason, Value
from provenance.storage import open_source
from provenance.workspace.redacting import searching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from provenance.claims.fields import Field
    from provenance.claims.redact import RedactionOptions
    from provenance.metadata.passages import Passage
    from provenance.model.claim import Assertion
    from provenance.model.manifest import ManifestStore
    from provenance.model.redaction import Content, Gone, Leak
    from provenance.signing import Found
    from provenance.storage import Readable, Source
    from provenance.workspace.core import Workspace

_UPDATABLE = frozenset({"image/jpeg", "image/png", "image/gif", "image/svg+xml", "image/jxl"})
"""Types in which a redaction can be embedded as an update: in others the engine then breaks the hard binding."""
_PACKAGES = ("application/epub", "application/vnd.")
"""Types for which the engine makes no update manifests at all."""
_PDF = "application/pdf"
_ADDRESS = "dcterms:provenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is known before anything is signed."""

    given: Source
    asset: Source
    """The same without what is erased from its metadata."""
    found: Found
    store: ManifestStore
    boxes: tuple[Content, ...]
    """What the store holds."""
    options: RedactionOptions
    restated: Assertion | None
    wanted: Wanted
    forecast: Forecast

    @property
    def carrier(self) -> Carrier:
        """Where the new manifest goes: one that is kept elsewhere stays elsewhere."""
        return Carrier.EMBEDDED if self.found.carrier is Carrier.EMBEDDED else Carrier.SIDECAR

    @property
    def title(self) -> str:
        """What the new manifest calls the file."""
        return self.options.title or self.given.title


def plan(space: Workspace, source: Readable, options: RedactionOptions) -> Plan:
    """Plan a redaction; nothing is signed or written.

    Raises `InvalidClaim` for what cannot be redacted or is not there, `BrokenSource` and `MediaError`.
    """
    given = open_source(source).held()
    fields = wanted(options)
    _require_hidings(options.leave)
    found = _looked_at(space, given, options)
    if found.store is None:
        raise ManifestError(
            "has no Content Credentials: there is nothing to redact",
            path=given.name,
            hint="provenance sign --drop-location signs it without its place",
        )
    with about(given.name):
        return _planned(given, found, found.store, fields, options)


def _looked_at(space: Workspace, given: Source, options: RedactionOptions) -> Found:
    remote = space.manifest_source if options.online else None
    try:
        return signing.look(given, trust=space.trust, remote=remote)
    except BrokenSource as error:
        error.hint = "only an intact history can be redacted: use an intact original"
        raise


def search(file: searching.Finished, sought: Wanted, options: RedactionOptions) -> tuple[Leak, ...]:
    """Search a file as these options ask for it: pictures of more than it shows matter where people are protected."""
    return searching.search(file, sought, narrowed=bool(options.manifests), uncropped=options.reason is Reason.PII)


def _planned(
    given: Source, found: Found, store: ManifestStore, fields: Sequence[Field], options: RedactionOptions
) -> Plan:
    media_type = found.media.media_type
    boxes = contents(store.data)
    gone = going(store, boxes, fields, options)
    said = _described(given, media_type)
    unwanted = _unwanted(fields, gone, options)
    in_file = tuple(dict.fromkeys(_matching(said, unwanted)))
    _require_something(gone, in_file, boxes, fields, options)
    asset = _erased(given, media_type, said, unwanted) if options.erase else given
    again = restated(store, boxes, gone, fields) if options.keep_rest else None
    erased = in_file if asset is not given else ()
    sought = wanted_values(fields, gone, erased)
    planned = Plan(
        given=given, asset=asset, found=found, store=store, boxes=boxes, options=options, restated=again,
        wanted=sought,
        forecast=Forecast(gone=gone, erased=erased, restated=tuple(_restated(again)), leaks=(), update=False),
    )  # fmt: skip
    return replace(
        planned,
        forecast=replace(
            planned.forecast,
            leaks=_foreseen(planned),
            update=_is_update(planned),
            notes=tuple(_notes(planned, fields, said)),
        ),
    )


def _described(given: Source, media_type: str) -> tuple[Passage, ...]:
    if given.data is not None:
        return searching.described_by(given.data, media_type)
    with given.stream() as stream, searching.viewing(stream) as data:
        return searching.described_by(data, media_type)


def _unwanted(fields: Sequence[Field], gone: Sequence[Gone], options: RedactionOptions) -> Callable[[str], bool]:
    """Say which properties of the file's own metadata go: those of the fields, and those that went by their label."""
    whole = {value.name.lower() for item in gone for value in item.values} if options.assertions else set()

    def unwanted(name: str) -> bool:
        lowered = name.lower()
        return lowered not in NEEDED and (lowered in whole or covering(fields, name) is not None)

    return unwanted


def _matching(said: Sequence[Passage], unwanted: Callable[[str], bool]) -> Iterator[Value]:
    for item in said:
        for path, text in item.said:
            name = next((name for name in path if unwanted(name)), None)
            if name is not None:
                yield Value(name=name, text=text)


def _erased(given: Source, media_type: str, said: Sequence[Passage], unwanted: Callable[[str], bool]) -> Source:
    """Remove what is unwanted from a file's own metadata, and the address of a manifest that tells it."""
    from provenance.metadata.erasing import erase  # noqa: PLC0415 -- only for this

    elsewhere = any(
        path[-1] == _ADDRESS and text.lower().startswith("http") for item in said for path, text in item.said
    )
    data = erase(given.read(), media_type, lambda name: unwanted(name) or (elsewhere and name == _ADDRESS))
    return given if data == given.data else replace(given, data=data, size=len(data))


def _is_update(planned: Plan) -> bool:
    """Say whether the content stays as it is, so that nothing but statements is added."""
    media_type = planned.found.media.media_type
    if planned.asset is not planned.given or media_type.startswith(_PACKAGES):
        return False
    return planned.carrier is Carrier.SIDECAR or media_type in _UPDATABLE


def _foreseen(planned: Plan) -> tuple[Leak, ...]:
    """Search the file as it would be: without what goes, and with what is said anew."""
    gone = {(item.manifest, item.label) for item in planned.forecast.gone}
    boxes = tuple(item for item in planned.boxes if (item.manifest, item.label) not in gone)
    with planned.asset.stream() as stream, searching.viewing(stream) as data:
        file = searching.Finished(
            data=data, media_type=planned.found.media.media_type, store=planned.store, contents=boxes
        )
        found = search(file, planned.wanted, planned.options)
    new = [
        Spot(
            hiding=Hiding.TITLE,
            where="the title in the new manifest",
            texts=((("dc:title",), planned.title),),
            remedy="--title TEXT gives it another",
        )
    ]
    if planned.restated is not None:
        new.append(
            Spot(
                hiding=Hiding.ASSERTION,
                where="what --keep-rest says again",
                texts=tuple(texts(planned.restated.data)),
                remedy="name its field too, or leave off --keep-rest",
            )
        )
    return (*found, *leaks(planned.wanted, new))


def _restated(again: Assertion | None) -> Iterator[Value]:
    for path, text in texts(again.data) if again is not None else ():
        yield Value(name=path[0] if path else "", text=text)


def _require_something(
    gone: Sequence[Gone],
    in_file: Sequence[Value],
    boxes: Sequence[Content],
    fields: Sequence[Field],
    options: RedactionOptions,
) -> None:
    """Refuse a redaction of nothing, and say where else it is told."""
    if gone or (options.erase and in_file):
        return
    names = ", ".join(item.name for item in fields)
    if in_file:
        raise InvalidClaim(
            f"{names}: no assertion tells it, only the file's own metadata does ({in_file[0].name})",
            hint="--erase removes it there and signs the change",
        )
    fixed = next(
        (item.label for item in boxes for path, _ in texts(item.value) if any(covering(fields, key) for key in path)),
        None,
    )
    if fixed is not None:
        raise InvalidClaim(f"{names}: only {fixed!r} tells it, which cannot be redacted", hint="nothing can be done")
    raise InvalidClaim(f"{names}: nothing in the file or its history tells it", hint="provenance show tells what does")


def _notes(planned: Plan, fields: Sequence[Field], said: Sequence[Passage]) -> Iterator[str]:
    from provenance.metadata.passages import has_maker_notes  # noqa: PLC0415 -- brings in lxml

    told = [value.name for item in planned.forecast.gone for value in item.values]
    told += [value.name for value in planned.forecast.erased]
    for item in fields:
        if not item.labels and not any(item.covers(name) for name in told):
            yield f"no assertion tells {item.about} ({item.name})"
    after = said if planned.asset is planned.given else _described(planned.asset, planned.found.media.media_type)
    if has_maker_notes(tuple(after)):
        yield "the maker notes in its EXIF cannot be read here: what they tell was not checked"
    if planned.found.media.media_type == _PDF:
        yield "compressed parts of a PDF cannot be looked into here: what they tell was not checked"
    if planned.given.data is None:
        yield "it is very large: metadata was looked for near its beginning only"


def _require_hidings(names: Sequence[str]) -> None:
    known = [item.value for item in Hiding]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            raise InvalidClaim(f"there is no place {name!r} where something could be left", hint=hint)
