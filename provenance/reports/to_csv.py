"""Reports for spreadsheets: one row for each file, the worst first; no cell is a formula.

RFC 4180, in UTF-8 with a byte-order mark, by which spreadsheets know the encoding. There is no row for a summary, which
would break programs that read columns: `decision`, `rule` and `why` are what to group by.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from provenance.reports import wording
from provenance.reports.escape import as_cell
from provenance.reports.summary import why, worst_first

if TYPE_CHECKING:
    from provenance.model.facets import Facets
    from provenance.model.verdict import Verdict
    from provenance.reports.result import Result, Results

MARK = "\ufeff"
FACETS = ("credential", "content", "signature", "signer", "time", "revocation", "ancestry", "publisher")
COLUMNS = (
    "file", "decision", "sentence", "rule", "why", *FACETS, "certificate", "began", "flags", "policy", "looked_at",
    "as_of", "media_type", "bytes", "sha256",
)  # fmt: skip


def document(results: Results) -> str:
    """Return a table with a header."""
    target = io.StringIO()
    target.write(MARK)
    rows = csv.DictWriter(target, COLUMNS)
    rows.writeheader()
    for item in worst_first(results.items):
        rows.writerow({name: as_cell(value) for name, value in _row(item).items()})
    return target.getvalue()


def _row(result: Result) -> dict[str, object]:
    rule, message = why(result)
    history = result.history
    row: dict[str, object] = {
        "file": result.name,
        "decision": result.decision or wording.STANDINGS[None],
        "sentence": wording.headline(result.verdict) if result.verdict else wording.NOT_LOOKED_AT,
        "rule": rule or "",
        "why": message,
        "began": wording.beginning(history) if history else "",
        "flags": "; ".join(wording.flagged(result)),
    }
    return row | _facts(result.verdict) if result.verdict else row


def _facts(verdict: Verdict) -> dict[str, object]:
    inspection = verdict.inspection
    signature = inspection.store.active_manifest.signature if inspection.store else None
    as_of, digest = inspection.further.as_of, inspection.media.digest
    return {
        **_states(verdict.facets),
        "certificate": wording.signed_by(signature) if signature else "",
        "policy": f"{verdict.policy.name} {verdict.policy.version}",
        "looked_at": inspection.at.isoformat(),
        "as_of": as_of.at.isoformat() if as_of else "",
        "media_type": inspection.media.media_type,
        "bytes": inspection.media.size,
        "sha256": digest.value if digest else "",
    }


def _states(facets: Facets) -> dict[str, object]:
    return {name: getattr(facets, name).state for name in FACETS}
