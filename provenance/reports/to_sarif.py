"""Reports for code scanning and security tools: SARIF 2.1.0 (OASIS).

A finding that does not pass is a result: an error, a warning or a note by its weight. One that is undecided and does
not count is *open*, a red flag is to *review*; by the standard neither has a level. A file that could not be looked at
is a notification of the run. All files are artifacts, with their digest.
"""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from provenance import codec
from provenance.model.history import FlagKind
from provenance.model.policy import Outcome, Severity
from provenance.model.verdict import Decision
from provenance.reports import to_json, wording
from provenance.reports.escape import as_json, as_message, visible
from provenance.reports.reasons import deciding, idle
from provenance.reports.summary import summarise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model.history import History, RedFlag
    from provenance.model.policy import RuleUse
    from provenance.model.verdict import Finding, Verdict
    from provenance.reports.result import Result, Results

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.FAIL: "error", Severity.REVIEW: "warning", Severity.INFO: "note"}
_FLAG = "flag."
"""What the ids of red flags begin with, which no policy asks for."""


def document(results: Results) -> str:
    """Return a SARIF log of one run."""
    rules = list(_rules(results))
    places = {item["id"]: number for number, item in enumerate(rules)}
    name, _, version = results.generator.rpartition(" ")
    summary = summarise(results)
    run: dict[str, Any] = {
        "tool": {"driver": {"name": name, "version": version, "rules": rules}},
        "invocations": [_invocation(results)],
        "artifacts": [_artifact(item) for item in results.items],
        "results": [
            found for number, item in enumerate(results.items) for found in _results(item, number, places=places)
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {"summary": codec.to_plain(to_json.of_summary(summary))},
    }
    if results.policy is not None:
        run["properties"]["policy"] = {
            "name": results.policy.name,
            "version": results.policy.version,
            "sha256": results.policy.digest,
        }
    return as_json(codec.to_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})) + "\n"


# ---- what can be found


def _rules(results: Results) -> Iterator[dict[str, Any]]:
    """Describe every rule that was asked once, then every kind of red flag."""
    asked = {item.rule: item for item in results.questions}
    policies = [results.policy, *(item.verdict.policy for item in results.items if item.verdict)]
    for use in {use.rule: use for policy in policies if policy for use in policy.rules}.values():
        known = asked.get(use.rule)
        short = known.question if known else _condition(use)
        rule: dict[str, Any] = {
            "id": use.rule,
            "shortDescription": {"text": as_message(short)},
            "defaultConfiguration": {"level": _LEVELS[use.severity]},
        }
        if known is not None:
            rule["fullDescription"] = {"text": as_message(" ".join(known.explanation.split()))}
        yield rule
    for kind in FlagKind:
        yield {
            "id": _flag_id(kind),
            "shortDescription": {"text": f"Red flag in the history: {kind}"},
            "defaultConfiguration": {"level": "none"},
        }


def _condition(use: RuleUse) -> str:
    return f"Does this hold: {use.require}" if use.require else use.rule


def _flag_id(kind: FlagKind) -> str:
    return _FLAG + kind.name.lower().replace("_", "-")


# ---- what was looked at


def _invocation(results: Results) -> dict[str, Any]:
    errors = [(number, item) for number, item in enumerate(results.items) if item.error is not None]
    found: dict[str, Any] = {
        "executionSuccessful": not errors,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": as_message(item.error)},
                "locations": [_location(item, number)],
            }
            for number, item in errors
        ],
    }
    if results.at is not None:
        found["startTimeUtc"] = _utc(results.at.isoformat())
    return found


def _utc(moment: str) -> str:
    return moment.removesuffix("+00:00") + "Z" if moment.endswith("+00:00") else moment


def _artifact(result: Result) -> dict[str, Any]:
    artifact: dict[str, Any] = {
        "location": {"uri": _uri(result.name)},
        "roles": ["analysisTarget"],
        "properties": {
            "decision": result.decision,
            "sentence": wording.headline(result.verdict) if result.verdict else wording.NOT_LOOKED_AT,
        },
    }
    if result.verdict is not None:
        media = result.verdict.inspection.media
        artifact |= {"length": media.size, "mimeType": media.media_type}
        if media.digest is not None:
            artifact["hashes"] = {"sha-256": media.digest.value}
    return artifact


def _location(result: Result, number: int) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(result.name), "index": number}}}


def _uri(name: str) -> str:
    """Write a path as a URI reference, whatever bytes its name consists of."""
    path = PurePath(name)
    try:
        raw = os.fsencode(path.as_posix())
    except UnicodeEncodeError:
        # Not the name of a file: whoever gave it made it up.
        raw = path.as_posix().encode("utf-8", "backslashreplace")
    return f"file://{quote(raw)}" if path.is_absolute() else quote(raw)


# ---- what was found


def _results(result: Result, number: int, *, places: dict[str, int]) -> Iterator[dict[str, Any]]:
    found = [(item.subject, written) for item, written in _findings(result.verdict)] if result.verdict else []
    found += [(item.edit, _red_flag(item, result.history)) for item in result.flags]
    for subject, written in found:
        place = _location(result, number)
        if subject is not None:
            place["logicalLocations"] = [{"fullyQualifiedName": visible(subject), "kind": "manifest"}]
        yield written | {"ruleIndex": places[written["ruleId"]], "locations": [place]}


def _findings(verdict: Verdict) -> Iterator[tuple[Finding, dict[str, Any]]]:
    # That there are no credentials is a finding of its own where a policy asks for some.
    said = verdict.inspection.store is None and any(item.outcome is Outcome.FAILED for item in deciding(verdict))
    for item in verdict.findings:
        if item.outcome is not Outcome.PASSED:
            yield item, _finding(item, follows=said and idle(item))


def _finding(finding: Finding, *, follows: bool) -> dict[str, Any]:
    """Write a finding; `follows` says that it is undecided for want of credentials, which another one tells."""
    undecided = finding.outcome is Outcome.UNDECIDED
    is_open = undecided and (follows or finding.decision is Decision.ACCEPTED)
    words = f"undecided: {finding.message}" if undecided else finding.message
    return {
        "ruleId": finding.rule,
        "kind": "open" if is_open else "fail",
        "level": "none" if is_open else _LEVELS[finding.severity],
        "message": {"text": as_message(words)},
        "properties": {"outcome": finding.outcome, "severity": finding.severity, "evidence": list(finding.evidence)},
    }


def _red_flag(flag: RedFlag, history: History | None) -> dict[str, Any]:
    words = wording.about(flag, history) if history else flag.message
    return {
        "ruleId": _flag_id(flag.kind),
        "kind": "review",
        "level": "none",
        "message": {"text": as_message(words)},
    }
