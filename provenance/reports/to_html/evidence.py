"""What the fourth level shows of certificates, manifests, status codes and trust lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from provenance.reports import wording
from provenance.reports.to_html import labels
from provenance.reports.to_html.markup import NOTHING, Markup, element, join
from provenance.reports.to_html.parts import bounded, code, listed, moment, phrase, rows, section, state, table, told

if TYPE_CHECKING:
    from provenance.model.further import Further
    from provenance.model.manifest import Manifest, Status
    from provenance.model.trust import TrustList
    from provenance.model.verdict import Inspection
    from provenance.reports.to_html.markup import Child

_ROWS = 100
"""Lines of one table that a file fills."""
_DATA = 400
"""Characters of an assertion that are shown."""


def certificate(found: Inspection) -> Markup | None:
    """Show what stands in the signature, and what was found about its certificate and its time-stamp."""
    signature = found.store.active_manifest.signature if found.store else None
    if signature is None:
        return None
    pairs = (
        (labels.ORGANIZATION, _told(signature.organization)),
        (labels.COMMON_NAME, _told(signature.common_name)),
        (labels.SERIAL, _code(signature.serial)),
        (labels.ALGORITHM, _code(signature.algorithm)),
        (labels.EXPIRES, moment(signature.expires)),
        *_described(found.further),
        *_stamped(found.further),
    )
    return section(labels.CERTIFICATE, rows(pairs))


def _described(further: Further) -> list[tuple[str, Child]]:
    facts = further.certificate
    if facts is None:
        return []
    span = phrase(
        labels.FROM_UNTIL, start=moment(facts.valid_from) or NOTHING, end=moment(facts.valid_until) or NOTHING
    )
    return [
        (labels.KEY, phrase(labels.KEY_OF, kind=facts.key_type, bits=facts.key_bits)),
        (labels.VALIDITY, span),
        (labels.KEY_USAGES, listed(code(item) for item in facts.key_usages[:_ROWS])),
        (labels.CERTIFICATE_POLICIES, listed(code(item) for item in facts.policies[:_ROWS])),
        (labels.PATHS, listed(told(item.through) for item in facts.paths[:_ROWS])),
    ]


def _stamped(further: Further) -> list[tuple[str, Child]]:
    stamp = further.stamp
    if stamp is None:
        return []
    authority: Child = _told(stamp.authority)
    if stamp.through:
        authority = phrase(labels.AUTHORITY_THROUGH, authority=stamp.authority, name=stamp.through)
    return [
        (labels.ATTESTED, moment(stamp.time)),
        (labels.AUTHORITY, authority),
        (labels.STAMP_PROBLEM, _told(stamp.problem)),
    ]


def revocation(found: Inspection) -> Markup | None:
    """Show what an authority says of the certificate, where one was heard."""
    answer = found.further.revocation
    if answer is None:
        return None
    pairs = (
        (labels.ANSWER, join((state(answer.state), " ", told(answer.reason)))),
        (labels.REVOCATION_SOURCE, _code(answer.source)),
        (labels.THIS_UPDATE, moment(answer.this_update)),
        (labels.NEXT_UPDATE, moment(answer.next_update)),
        (labels.REVOKED_AT, moment(answer.revoked_at)),
        (labels.REVOCATION_REASON, _told(answer.revocation_reason)),
    )
    return section(labels.REVOCATION, rows(pairs))


def manifests(found: Inspection) -> list[Markup]:
    """Show the manifests by their labels, and what the active one asserts."""
    if found.store is None:
        return []
    columns = (labels.MANIFEST, labels.CLAIM, labels.GENERATOR, labels.SIGNER, labels.SERIAL)
    shown, more = bounded(tuple(found.store.manifests.values()), _ROWS)
    parts = [
        section(
            labels.MANIFESTS,
            table(labels.MANIFESTS, columns, [_manifest(item) for item in shown], class_="manifests"),
            more,
        )
    ]
    asserted, rest = bounded(found.store.active_manifest.assertions, _ROWS)
    if asserted:
        lines = [
            (code(item.label), labels.ORIGINS[item.origin], code(_json(item.data), limit=_DATA)) for item in asserted
        ]
        headings = (labels.ASSERTION, labels.ORIGIN_OF, labels.DATA)
        parts.append(section(labels.ASSERTIONS, table(labels.ASSERTIONS, headings, lines, class_="assertions"), rest))
    return parts


def _manifest(item: Manifest) -> tuple[Child, ...]:
    names = [f"{generator.name} {generator.version or ''}".strip() for generator in item.generators[:3]]
    signature = item.signature
    return (
        code(item.label),
        phrase(labels.CLAIM_VERSION, version=item.claim_version),
        listed(told(name) for name in names) or labels.DASH,
        told(wording.signed_by(signature)),
        _code(signature.serial if signature else None) or labels.DASH,
    )


def statuses(found: Inspection) -> list[Markup]:
    """Show every status code of the engine, about the file and then about its ingredients."""
    if found.store is None:
        return []
    shown, more = bounded((*found.store.statuses, *found.store.deltas), _ROWS)
    columns = (labels.CODE, labels.KIND, labels.EXPLANATION)
    lines = [(code(item.code), state(item.kind), _explained(item)) for item in shown]
    return [section(labels.STATUSES, table(labels.STATUSES, columns, lines, class_="statuses"), more)]


def _explained(item: Status) -> Markup:
    return join((_told(item.explanation), element("p", code(item.uri), class_="small") if item.uri else None))


def trust(found: Inspection) -> Markup:
    """Show the lists that the verdict rests on, each with what identifies it."""
    lists = found.trust.lists
    if not lists:
        return section(labels.TRUST, element("p", labels.NO_TRUST))
    shown, more = bounded(lists, _ROWS)
    columns = (labels.LIST, labels.FOR, labels.AS_OF, labels.SOURCE, labels.SHA256)
    return section(labels.TRUST, table(labels.TRUST, columns, [_list(item) for item in shown], class_="lists"), more)


def _list(item: TrustList) -> tuple[Child, ...]:
    notes: list[Child] = [
        labels.LOCAL if item.local else None,
        _told(item.note),
        phrase(labels.SKIPPED, count=item.skipped) if item.skipped else None,
    ]
    dates: list[Child] = [
        moment(item.as_of),
        phrase(labels.SEQUENCE, number=item.sequence) if item.sequence is not None else None,
        _dated(labels.OBTAINED_AT, item.obtained),
        _dated(labels.DUE, item.next_update),
    ]
    return (
        join((told(item.name), _small(notes))),
        item.purpose,
        listed(entry for entry in dates if entry) or labels.DASH,
        code(item.source),
        code(item.digest),
    )


def _small(notes: list[Child]) -> Markup | None:
    said = listed(item for item in notes if item)
    return element("p", said, class_="small") if said else None


def _dated(label: str, at: Any) -> Markup | None:
    shown = moment(at)
    return phrase(label, time=shown) if shown else None


def _told(value: str | None) -> Markup | None:
    return told(value) if value else None


def _code(value: str | None) -> Markup | None:
    return code(value) if value else None


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, default=str)
