"""Reports for continuous integration: every file is a test case of one suite.

A rejected file is a *failure*, one that could not be looked at an *error*; one to review is *skipped*: nobody has
decided yet. Red flags of all files, and the summary, stand in the output of the suite, since a test case that passes
can hold nothing. What is written fits the schema of Ant as well as that of Jenkins (Surefire): there is no common one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lxml import etree

from provenance.model.policy import Outcome
from provenance.model.verdict import Decision
from provenance.reports import wording
from provenance.reports.escape import visible
from provenance.reports.summary import Summary, summarise, why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.verdict import Finding
    from provenance.reports.result import Result, Results

NAME = "provenance.verify"
_TEXT_LIMIT = 2000
_ELEMENTS = {Decision.REJECTED: "failure", None: "error", Decision.REVIEW: "skipped"}


def document(results: Results) -> str:
    """Return a JUnit document."""
    summary = summarise(results)
    root = etree.Element("testsuites")
    suite = etree.SubElement(root, "testsuite", _counts(results, summary))
    properties = etree.SubElement(suite, "properties")
    for name, value in _properties(results):
        etree.SubElement(properties, "property", name=name, value=visible(value))
    for item in results.items:
        _case(suite, item)
    etree.SubElement(suite, "system-out").text = "\n".join(_told(results, summary))
    etree.SubElement(suite, "system-err")
    etree.indent(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written.decode() + "\n"


def _counts(results: Results, summary: Summary) -> dict[str, str]:
    at = results.at or datetime.fromtimestamp(0, UTC)
    return {
        "name": NAME,
        "package": NAME,
        "id": "0",
        "hostname": "localhost",
        # The schema of Ant allows no zone.
        "timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "tests": str(summary.files),
        "failures": str(summary.rejected),
        "errors": str(summary.not_looked_at),
        "skipped": str(summary.review),
        "time": "0",
    }


def _properties(results: Results) -> Iterator[tuple[str, str]]:
    yield "generator", results.generator
    if results.policy is not None:
        yield "policy", f"{results.policy.name} {results.policy.version}"
        yield "policy.sha256", results.policy.digest


def _case(suite: etree._Element, result: Result) -> None:
    case = etree.SubElement(suite, "testcase", name=visible(result.name), classname=NAME, time="0")
    element = _ELEMENTS.get(result.decision)
    if element is None:
        return
    rule, message = why(result)
    kind = visible(rule or wording.STANDINGS[result.decision])
    found = etree.SubElement(case, element, type=kind, message=visible(message))
    found.text = "\n".join(_details(result))


def _details(result: Result) -> Iterator[str]:
    if result.verdict is None:
        yield visible(result.error or wording.NOT_LOOKED_AT, limit=_TEXT_LIMIT)
        return
    yield visible(wording.headline(result.verdict), limit=_TEXT_LIMIT)
    for item in result.verdict.findings:
        if item.outcome is not Outcome.PASSED:
            yield _finding(item)


def _finding(finding: Finding) -> str:
    about = f" [{visible(finding.subject)}]" if finding.subject else ""
    message = visible(finding.message, limit=_TEXT_LIMIT)
    return f"{finding.outcome} ({finding.severity}) {visible(finding.rule)}: {message}{about}"


def _told(results: Results, summary: Summary) -> Iterator[str]:
    yield wording.counted(summary)
    for reason in summary.reasons:
        words = visible(wording.because(reason), limit=_TEXT_LIMIT)
        rule = f" ({visible(reason.rule)})" if reason.rule else ""
        yield f"{reason.files} {wording.STANDINGS[reason.decision]}: {words}{rule}"
    for item in results.items:
        for flag in wording.flagged(item):
            yield f"{visible(item.name)}: {wording.LOOK_AT}: {visible(flag, limit=_TEXT_LIMIT)}"
