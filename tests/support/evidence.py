"""Files of every kind of verdict, each with the workspace that looks at it, to be packed and replayed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding

from provenance import Carrier, SigningOptions, Workspace
from provenance.evidence import Packing, reading, writing
from provenance.keys.files import FileSigner
from provenance.model.ports import Algorithm
from provenance.network import Client, Rules
from provenance.settings import Settings, TimestampSettings, TrustSettings
from provenance.workspace import asking
from tests.support import media, ocsp
from tests.support.certificates import Plan, build
from tests.support.ocsp import Pki, Responder, Says
from tests.support.tsa import Authority

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = Rules(http=True, unsafe_allow=("127.0.0.0/8",), deadline=2)
POLICY = """
name = "desk"
version = "7"
purpose = "Only what bears a trusted time, from one list."

[[rules]]
rule = "time.trusted"
severity = "fail"

[[rules]]
rule = "signer.trusted"
severity = "fail"
lists = ["roots"]

[[rules]]
rule = "integrity.content-intact"
severity = "fail"

[[rules]]
rule = "integrity.engine-agrees"
severity = "fail"
"""
REPLAYS = """
import json, sys
from provenance import Workspace
space = Workspace()
found = {}
for path in sys.argv[1:]:
    replay = space.replay(path)
    differing = [(item.about, item.then, item.now) for item in replay.differences]
    expired = any("judges otherwise today" in note for note in replay.notes)
    found[path] = [replay.agreement, replay.recorded.decision, replay.verdict.decision, differing, expired]
print(json.dumps(found))
"""
SILENCE = """
import socket
def refuse(*_, **__):
    raise AssertionError("a replay asks nobody")
socket.socket.connect = socket.getaddrinfo = refuse
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One file and how it is packed."""

    path: Path
    space: Workspace
    wishes: Packing = field(default_factory=Packing)

    def pack(self, target: Path, **wishes: Any) -> Path:
        """Pack it."""
        return self.space.evidence(self.path, target, wishes=replace(self.wishes, **wishes), overwrite=True).path


def desk(folder: Path, plan: Plan, name: str = "roots") -> tuple[FileSigner, Path]:
    """Make a signer under a root of its own, and the file with that root."""
    key, chain, root = build(plan, at=datetime.now(UTC).replace(microsecond=0))
    roots = folder / f"{name}.pem"
    roots.write_text(root)
    return FileSigner(name="desk", algorithm=Algorithm.ES256, chain_pem=chain, private_key=key), roots


class Cases:
    """All of them, made in a folder; servers run as long as it is open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()
        self.tsa = self._stack.enter_context(Authority())
        self.signer, roots = desk(folder, Plan(starts=-5, ends=20))
        times = folder / "times.pem"
        times.write_text(self.tsa.root_pem)
        trust = TrustSettings(signers=(str(roots),), timestamps=(str(times),))
        stamps = TimestampSettings(urls=(self.tsa.url,), deadline=5)
        self.knowing = Workspace(Settings(home=str(folder / "home"), trust=trust))
        self.stamping = Workspace(replace(self.knowing.settings, timestamps=stamps))
        self.stranger = Workspace(Settings(home=str(folder / "stranger")))
        self.publisher = Workspace(Settings(home=str(folder / "publisher")))
        pki = Pki()
        self.delegate = pki.delegate()
        self.responder = self._stack.enter_context(Responder(pki.middle, pki.middle_key))
        (folder / "pki.pem").write_bytes(pki.root.public_bytes(Encoding.PEM))
        self.asking = Workspace(
            Settings(home=str(folder / "asking"), trust=TrustSettings(signers=(str(folder / "pki.pem"),)))
        )
        chain = "".join(
            item.public_bytes(Encoding.PEM).decode() for item in (pki.leaf(url=self.responder.url), pki.middle)
        )
        key = ocsp.key("es256", "leaf")
        self.named = FileSigner(name="named", algorithm=Algorithm.ES256, chain_pem=chain, private_key=key)

    def close(self) -> None:
        """End the servers."""
        self._stack.close()

    def every(self) -> dict[str, Case]:
        """Return all cases that ask nobody."""
        signed, stamped = self._signed("signed"), self._signed("stamped", space=self.stamping)
        changed = bytearray(signed.read_bytes())
        changed[-20] ^= 0xFF
        policy = self.folder / "desk.toml"
        policy.write_text(POLICY)
        self._signed("sidecar", options=SigningOptions(carrier=Carrier.SIDECAR))
        remote = SigningOptions(carrier=Carrier.REMOTE, remote_url="https://manifests.example/1")
        self._signed("elsewhere", options=remote).with_name("elsewhere.jpg.c2pa").rename(
            self.folder / "elsewhere.store"
        )
        unreadable = self._file("unreadable", media.jpeg())
        unreadable.with_name("unreadable.jpg.c2pa").write_bytes(b"not a manifest store")
        by_policy, another_day = Packing(policy=policy), Packing(as_of=datetime(2025, 1, 1, tzinfo=UTC))
        return {
            "trusted": Case(path=signed, space=self.knowing),
            "of a stranger": Case(path=signed, space=self.stranger),
            "without credentials": Case(path=self._file("bare", media.jpeg()), space=self.knowing),
            "with credentials that cannot be read": Case(path=unreadable, space=self.knowing),
            "changed": Case(path=self._file("changed", bytes(changed)), space=self.knowing),
            "with a sidecar": Case(path=self.folder / "sidecar.jpg", space=self.knowing),
            "with a manifest elsewhere": Case(path=self.folder / "elsewhere.jpg", space=self.knowing),
            "with a trusted time": Case(path=stamped, space=self.knowing),
            "with the time of a stranger": Case(path=stamped, space=self.stranger),
            "by a policy of one's own": Case(path=stamped, space=self.knowing, wishes=by_policy),
            "failing that policy": Case(path=signed, space=self.knowing, wishes=by_policy),
            "as of another day": Case(path=signed, space=self.knowing, wishes=another_day),
            "made from another": Case(path=self._signed("edited", source=signed), space=self.knowing),
            "with a publisher": Case(path=self._published(), space=self.publisher),
        }  # fmt: skip

    def asked(self, says: Says, does: str = "answer") -> Case:
        """Return a case whose signer's responder says this, and behaves so."""
        self.responder.says, self.responder.does = says, does
        path = self._file("asked", self.asking.sign(media.jpeg(), signer=self.named).data or b"")
        return Case(path=path, space=self.asking, wishes=Packing(online=True))

    def stapled(self) -> Case:
        """Return a case whose file carries an answer about revocation; reaching this machine must be allowed."""
        signed = self.asked(Says(status=ocsp.GOOD, delegate=self.delegate)).path
        path = self.folder / "stapled.jpg"
        self.asking.refresh(signed, path, signer=self.named)
        return Case(path=path, space=self.asking)

    def _file(self, name: str, data: bytes) -> Path:
        path = self.folder / f"{name}.jpg"
        path.write_bytes(data)
        return path

    def _signed(
        self,
        name: str,
        *,
        source: Path | None = None,
        space: Workspace | None = None,
        options: SigningOptions | None = None,
    ) -> Path:
        path = self.folder / f"{name}.jpg"
        given = source or self._file("source", media.jpeg())
        (space or self.knowing).sign(given, path, signer=self.signer, options=options, overwrite=True)
        return path

    def _published(self) -> Path:
        now = datetime.now(UTC)
        for name, days in (("Signer", 30), ("Publisher", 10)):
            self.publisher.identities.create(name, algorithm=Algorithm.ES256, days=days, passphrase=None, at=now)
        options = SigningOptions(publisher="Publisher")
        path = self.folder / "published.jpg"
        self.publisher.sign(media.jpeg(), path, signer="Signer", options=options)
        return path


def reach_loopback(monkeypatch: Any) -> None:
    """Let packs be made with responders on this machine."""
    monkeypatch.setattr(asking, "responders", lambda: Client(LOOPBACK))


def replayed_elsewhere(packs: list[Path], folder: Path, **environment: str) -> dict[str, Any]:
    """Replay packs in a process with an empty home and no way to the network; return what it found."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SILENCE)
    here = {"PROVENANCE_HOME": str(folder / "home"), "XDG_CONFIG_HOME": str(folder), "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", REPLAYS, *map(str, packs)],
        cwd=folder, env=os.environ | here | environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def forged(
    pack: Path, parts: dict[str, bytes] | None = None, *, sealed: writing.Sealed | None = None, **changes: Any
) -> bytes:
    """Return a pack with other members and other words about itself, as consistent as any: anybody can make one.

    The signature and the time-stamp stay as they are, unless others are given.
    """
    data = pack.read_bytes()
    with reading.opened(io.BytesIO(data), len(data)) as found:
        told = found.contents
        asset = found.archive.read(told.file.member) if told.file.member else b""
        members = {name: value for name, value in {**found.parts, **(parts or {})}.items() if value is not None}
        kept = sealed or writing.Sealed(signature=found.signature, stamp=found.stamp)
    given = None
    if told.file.member:
        file = told.file
        given = writing.Asset(name=file.member, open=lambda: io.BytesIO(asset), size=file.size, sha256=file.sha256)
    told = replace(told, **{"members": writing.members_of(members, given)} | changes)
    target = io.BytesIO()
    writing.write(target, told, members, asset=given, sealed=kept)
    return target.getvalue()
