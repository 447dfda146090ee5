"""`provenance identity check`: the certificate doctor, then a signature for trial."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.errors import SigningError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cryptography.x509 import Certificate
    from rich.console import RenderableType

    from provenance.keys.algorithms import PublicKey
    from provenance.keys.bound import BoundSigner
    from provenance.keys.profile import Check, Outcome
    from provenance.keys.secrets import Secret
    from provenance.workspace import Workspace

_TRIAL = "test-signature"
_COLOURS = {"pass": "green", "fail": "bold red", "warning": "yellow", "skipped": "dim"}
_COUNTED = {"fail": "failed", "warning": "warned about", "skipped": "not checked", "pass": "passed"}
_MENDED = ("fail", "warning")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patient:
    """A chain, and a way to its key."""

    name: str
    chain: tuple[Certificate, ...]
    open: Callable[[], BoundSigner] | None
    """Opens the key with the chain; `None` when no key is at hand."""


def check(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME|FILE]", help="An identity (by default the one that signs), or a file.", show_default=False
        ),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="The key to a file of certificates.", metavar="FILE|URI")
    ] = None,
    online: Annotated[bool, typer.Option("--online", help="Ask whether the certificate is revoked (OCSP).")] = False,
    as_json: common.AsJson = False,
) -> None:
    """Check certificates against every rule, then sign a built-in picture: exits 0 when it can sign, 6 when not."""
    from provenance.keys.doctor import examine
    from provenance.keys.profile import Outcome

    space = common.workspace()
    patient = _patient(space, what, key)
    signer, key_or_problem = _opened(patient)
    rows = examine(
        patient.chain,
        at=space.now(),
        lists=space.trust.lists,
        key=key_or_problem,
        revocation=space.revocation(patient.chain) if online else None,
    )
    rows = (*rows, _trial(space, signer, rows))
    can_sign = all(item.outcome is not Outcome.FAIL for item in rows)
    if as_json:
        common.write_json({"name": patient.name, "can_sign": can_sign, "checks": rows})
    else:
        common.show(_shown(patient.name, rows, can_sign=can_sign))
    raise typer.Exit(0 if can_sign else SigningError.exit_code)


def _patient(space: Workspace, what: str | None, key: str | None) -> _Patient:
    store = space.identities
    chosen = what or space.settings.signing.identity
    if what is not None and store.find(what) is None and (Path(what).exists() or "/" in what or Path(what).suffix):
        return _file(Path(what), key, space.secret)
    if key is not None:
        raise typer.BadParameter("--key goes with a file of certificates: an identity has its own")
    from provenance.keys import parse_chain
    from provenance.keys.identity import read_pem

    item = store.get(chosen) if chosen else store.default()
    if item.waiting:
        # The store says what it waits for.
        store.open(item.slug, secret=space.secret)
    chain = parse_chain(read_pem(item.chain_path), path=item.chain_path)
    return _Patient(name=item.name, chain=chain, open=lambda: store.open(item.slug, secret=space.secret))


def _file(path: Path, key: str | None, secret: Secret) -> _Patient:
    from provenance.errors import KeyUnavailable
    from provenance.keys.bound import bind
    from provenance.keys.bundle import open_bundle, pem_of
    from provenance.keys.certificates import in_order
    from provenance.keys.files import FileKey
    from provenance.keys.open import open_key

    name = path.name
    bundle = open_bundle([path], name=name, secret=secret)
    if not bundle.certificates:
        raise KeyUnavailable("there is no certificate in this file", path=path, hint="name the file of the chain")
    # In whatever order they are given: that is a rule of its own.
    pem = pem_of(in_order(bundle.certificates))

    def beside() -> BoundSigner:
        found = bundle.keys[0]
        signer = bind(FileKey(place=str(path), private_key=found.private_key), pem, name=name)
        signer.require_pair()
        return signer

    given = None if key is None else lambda: open_key(key, pem, name=name, secret=secret)
    return _Patient(name=name, chain=bundle.certificates, open=given or (beside if bundle.keys else None))


def _opened(patient: _Patient) -> tuple[BoundSigner | None, PublicKey | SigningError | None]:
    """Open the key; return it with its public key, where that is told, or with why it cannot be opened."""
    if patient.open is None:
        return None, None
    try:
        signer = patient.open()
        return signer, signer.key.public_key()
    except SigningError as error:
        return None, error


def _trial(space: Workspace, signer: BoundSigner | None, rows: tuple[Check, ...]) -> Check:
    from provenance.keys.profile import Check, Outcome
    from provenance.signing.trial import trial

    def row(outcome: Outcome, found: str, mend: str | None = None) -> Check:
        return Check(rule=_TRIAL, outcome=outcome, subject="a built-in picture", found=found, mend=mend)

    outcomes = {item.rule: item.outcome for item in rows}
    if Outcome.FAIL in outcomes.values():
        return row(Outcome.SKIPPED, "not tried: a rule is broken")
    if signer is None:
        return row(Outcome.SKIPPED, "not tried: the private key is not at hand")
    with closing(signer):
        done = trial(signer, trust=space.trust, at=space.now())
    if not done.ok:
        return row(Outcome.FAIL, f"was not signed: {done.problem}", "mend what it says; the certificates are in order")
    if done.trusted_through is not None:
        return row(Outcome.PASS, f"was signed and read back, trusted through {done.trusted_through!r}")
    if outcomes["lists-root"] is Outcome.PASS:
        mend = "verifiers that use this engine will not trust it: ask its issuer for another certificate"
        return row(Outcome.WARNING, "was signed and read back, but the engine does not follow the chain", mend)
    return row(Outcome.PASS, "was signed and read back; no list that is set up here vouches for the signer")


def _shown(name: str, rows: tuple[Check, ...], *, can_sign: bool) -> RenderableType:
    from collections import Counter

    from rich.console import Group
    from rich.text import Text

    from provenance.keys.profile import Outcome
    from provenance.reports.escape import visible

    head = (" CAN SIGN ", "bold reverse green") if can_sign else (" CANNOT SIGN ", "bold reverse red")
    if can_sign and rows[-1].outcome is Outcome.SKIPPED:
        # Nothing is wrong with the certificates, but whether the key signs was not tried.
        head = (" SUITABLE ", "bold reverse green")
    counted = Counter(str(item.outcome) for item in rows)
    total = ", ".join(f"{counted[outcome]} {word}" for outcome, word in _COUNTED.items() if counted[outcome])
    return Group(Text.assemble(head, " ", (visible(name), "bold"), f"  {total}"), *_groups(rows))


def _groups(rows: tuple[Check, ...]) -> Iterator[RenderableType]:
    """Put the rows under the certificate that they are about, those of the whole chain first, the trial last."""
    from itertools import groupby

    from rich.table import Table
    from rich.text import Text

    from provenance.reports.escape import visible

    def place(item: Check) -> tuple[bool, int]:
        return item.rule == _TRIAL, item.certificate or 0

    for (_, number), found in groupby(sorted(rows, key=place), key=place):
        table = Table.grid(padding=(0, 2, 0, 0))
        for _ in range(2):
            table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        group = list(found)
        for item in group:
            table.add_row(Text(f" {item.outcome}", _COLOURS[item.outcome]), item.rule, Text(visible(item.found)))
            if item.mend and item.outcome in _MENDED:
                table.add_row("", "", Text(f"→ {visible(item.mend)}", "italic"))
        title = f"Certificate {number}: {visible(group[0].subject)}" if number else visible(group[0].subject)
        yield Text(f"\n{title[:1].upper()}{title[1:]}", "bold")
        yield table
