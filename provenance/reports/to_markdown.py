"""Reports for issues, wikis and notes: Markdown with tables, of which nothing is obeyed that comes from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance.model.facets import Credential, Publisher
from provenance.reports import wording
from provenance.reports.escape import as_markdown
from provenance.reports.reasons import remarks
from provenance.reports.summary import summarise, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provenance.model.verdict import Verdict
    from provenance.reports.result import Result, Results
    from provenance.reports.summary import Summary

_LIMIT = 2000


def document(results: Results) -> str:
    """Return a summary, when there are several files, and a section for each, the worst first."""
    lines = ["# Content Credentials", ""]
    if len(results.items) != 1:
        lines += _summary(summarise(results))
    for item in worst_first(results.items):
        lines += _file(item)
    by = (
        f" by the policy {_text(results.policy.name)}, version {_text(results.policy.version)}"
        if results.policy
        else ""
    )
    lines.append(f"Judged{by}, with {_text(results.generator)}.")
    return "\n".join(lines) + "\n"


def _summary(summary: Summary) -> Iterator[str]:
    yield f"Of {_text(wording.counted(summary))}."
    yield ""
    if summary.reasons:
        yield from _table(
            ("Decision", "Files", "Why", "Rule", "Such as"),
            (
                (
                    wording.STANDINGS[item.decision],
                    str(item.files),
                    _text(wording.because(item)),
                    _text(item.rule or ""),
                    _text(wording.examples(item)),
                )
                for item in summary.reasons
            ),
        )
    for found in summary.flags:
        yield f"* {wording.LOOK_AT}: {_text(wording.noticed(found))}"
    if summary.flags:
        yield ""


def _file(result: Result) -> Iterator[str]:
    standing = wording.STANDINGS[result.decision]
    yield f"## {standing.capitalize()}: {_text(result.name)}"
    yield ""
    if result.verdict is None:
        yield f"**{wording.NOT_LOOKED_AT}** {_text(result.error or '')}"
        yield ""
        return
    yield f"**{standing.capitalize()}.** {_text(wording.headline(result.verdict))}"
    yield ""
    yield from _table(("Question", "Answer", "Why"), _facets(result.verdict))
    notes = [f"* {item.outcome}: {_text(f'{item.message} ({item.rule})')}" for item in remarks(result.verdict)]
    notes += [f"* {wording.LOOK_AT}: {_text(flag)}" for flag in wording.flagged(result)]
    if notes:
        yield from (*notes, "")


def _facets(verdict: Verdict) -> Iterator[tuple[str, str, str]]:
    facets = verdict.facets
    names = list(type(facets).__dataclass_fields__)
    missing = facets.credential.state is not Credential.PRESENT
    for name in names[:1] if missing else names:
        facet = getattr(facets, name)
        if facet.state is not Publisher.NONE:
            yield name, str(facet.state), _text(facet.reason)
    if missing:
        yield "all else", "not checked", f"nothing to check {', '.join(names[1:-1])} and {names[-1]} with"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _row(head)
    yield _row("---" for _ in head)
    for row in rows:
        yield _row(row)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(value: object) -> str:
    return as_markdown(value, limit=_LIMIT)
