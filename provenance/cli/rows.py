"""What is told of each file that is signed, and of all of them in the end."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from provenance.batch.work import Fate
from provenance.claims import ID
from provenance.cli import common
from provenance.errors import BatchError
from provenance.reports.escape import visible

if TYPE_CHECKING:
    from provenance.batch.work import Outcome
    from provenance.model.manifest import Signed
    from provenance.reports.form import SignedReport
    from provenance.workspace import Workspace

_PLANNED = {Fate.PLANNED: "would sign", Fate.SKIPPED: "would skip", Fate.FAILED: "would refuse"}


class RowFormat(StrEnum):
    """How rows are written."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


class Rows:
    """Tells of signatures one by one, and keeps none."""

    def __init__(
        self, space: Workspace, form: RowFormat, *, quiet: bool, dry: bool = False, brief: bool = False
    ) -> None:
        """`brief` leaves out what went well: a bar shows it."""
        self._space, self._form, self._quiet, self._dry, self._brief = space, form, quiet, dry, brief
        self._fates: Counter[Fate] = Counter()
        self._bytes = 0
        self._begun = time.monotonic()
        self._address: str | None = None

    def add(self, outcome: Outcome, *, address: str | None = None) -> None:
        """Tell of one file; `address` is where its manifest will be found, when that is elsewhere."""
        first = not self._fates
        self._fates[outcome.fate] += 1
        self._bytes += outcome.job.size
        if self._form is not RowFormat.TEXT:
            self._write(outcome, first=first)
            return
        if self._dry:
            self._plan(outcome)
        elif outcome.error is not None:
            common.report(outcome.error)
        elif outcome.signed is not None:
            for note in outcome.signed.notes:
                common.warn(f"{outcome.job.source}: {note}")
            if not (self._quiet or self._brief):
                where = outcome.job.target or (f"{outcome.job.source}.c2pa" if outcome.signed.sidecar else None)
                tell(self._space, outcome.signed, address, target=where)

    def end(self, *, passed_over: int, stopped: bool) -> BatchError | None:
        """Sum up; returns what to raise when something failed."""
        if self._form is RowFormat.JSON:
            common.write("\n]\n" if self._fates else "[]\n")
        elif not self._quiet and self._form is RowFormat.TEXT:
            common.show(self._sum(passed_over=passed_over, stopped=stopped))
        failed = self._fates[Fate.FAILED]
        if not failed:
            return None
        return BatchError(
            f"{failed} of {self._fates.total()} files {'would not be' if self._dry else 'were not'} signed"
        )

    def _write(self, outcome: Outcome, *, first: bool) -> None:
        from provenance import codec
        from provenance.reports.escape import as_json

        row = row_of(outcome)
        if self._form is RowFormat.JSONL:
            common.write(as_json(codec.to_json(row, indent=0)) + "\n")
        else:
            common.write(("[\n" if first else ",\n") + as_json(codec.to_json(row)))

    def _plan(self, outcome: Outcome) -> None:
        if self._quiet:
            return
        said = _PLANNED.get(outcome.fate, outcome.fate.value)
        why = outcome.reason or (str(outcome.error.message) if outcome.error else "")
        goes = f" -> {visible(outcome.job.target)}" if outcome.fate is Fate.PLANNED and outcome.job.target else ""
        common.show(f"{said:12} {visible(outcome.job.source)}{goes}{f': {visible(why)}' if why else ''}")

    def _sum(self, *, passed_over: int, stopped: bool) -> str:
        seconds = max(time.monotonic() - self._begun, 1e-3)
        words = {Fate.DONE: "signed", Fate.PLANNED: "to be signed", Fate.SKIPPED: "skipped", Fate.FAILED: "failed"}
        counted = ", ".join(f"{self._fates[fate]:,} {word}" for fate, word in words.items() if self._fates[fate])
        rest = passed(passed_over)
        pace = ""
        if self._fates[Fate.DONE]:
            pace = f" in {seconds:,.1f} s ({self._fates[Fate.DONE] / seconds:,.1f} files/s)"
        end = "\nstopped: run the same command again to go on" if stopped else ""
        return f"{counted or 'nothing to sign'}{rest}{pace}{end}"


def passed(count: int) -> str:
    """Say how many files in folders were not taken."""
    if not count:
        return ""
    return f"; {count:,} other {'file' if count == 1 else 'files'} passed over"


def row_of(outcome: Outcome) -> SignedReport:
    """Report what became of a file."""
    from provenance.reports import to_json
    from provenance.reports.form import SignedReport

    job = outcome.job
    if outcome.signed is None:
        row = SignedReport(source=job.source, output=job.target)
    else:
        # What goes to an object store was made elsewhere before.
        row = replace(to_json.of_signed(job.source, outcome.signed), output=job.target)
        if outcome.signed.sidecar is not None:
            row = replace(row, sidecar=f"{job.target or job.source}.c2pa")
    error = str(outcome.error) if outcome.error else None
    return replace(row, fate=outcome.fate.value, sha256=outcome.digest, reason=outcome.reason, error=error)


def tell(space: Workspace, signed: Signed, address: str | None, *, target: str | None = None) -> None:
    """Say who signed what."""
    where = target or signed.path or signed.sidecar
    trusted = space.trust.named(signed.store.trust_list)
    standing = "not trusted by any list here" if trusted is None else f"list {trusted.name!r}"
    if trusted is not None and trusted.local:
        standing = "trusted on this machine only"
    stamp = signed.store.active_manifest.signature
    time_said = f", stamped {stamp.time:%Y-%m-%d %H:%M:%S %Z}" if stamp and stamp.time else ""
    common.show(f"{visible(where)}: signed by {visible(signed.signer)} ({standing}){time_said}")
    if signed.sidecar and signed.path:
        sidecar = f"{target}.c2pa" if target else signed.sidecar
        common.show(
            f"{visible(sidecar)}: its manifest"
            + (f"; put it at {visible(address.replace(ID, signed.store.active))}" if address else "")
        )
