"""An archive to audit: signed files under a home of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provenance.batch.audit import Audit, Auditing
from provenance.batch.crew import Batch
from provenance.batch.executors import Engine
from provenance.batch.finding import Wanted
from provenance.model.ports import Algorithm
from provenance.settings import Settings, TrustSettings
from provenance.workspace import Workspace
from tests.support import media
from tests.support.certificates import make_chain

HERE = Engine(name="here")


class Archive:
    """A folder with `a.jpg` and `sub/b.jpg`, signed, and `plain.jpg`, which is not."""

    def __init__(self, folder):
        self.home, self.folder = folder / "home", folder / "archive"
        (self.folder / "sub").mkdir(parents=True)
        self.settings = Settings(home=str(self.home))
        self.space.identities.create(
            "Example News", algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC)
        )
        data = self.signed()
        self.put("a.jpg", data)
        self.put("sub/b.jpg", data)
        self.put("plain.jpg", media.jpeg())

    @property
    def space(self):
        return Workspace(self.settings)

    def signed(self, number=1, *, space=None, **more):
        return (space or self.space).sign(media.jpeg(number), **more).data

    def put(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def alter(self, name="a.jpg"):
        path = self.folder / name
        data = bytearray(path.read_bytes())
        data[-100] ^= 1
        path.write_bytes(data)

    def trusting(self, **trust):
        """Return a workspace with the same memory that trusts others."""
        return Workspace(replace(self.settings, trust=TrustSettings(**trust)))

    def audit(self, *names, space=None, engine=HERE, listed=None, wanted=None, **task):
        batch = Batch(names=[str(item) for item in names or (self.folder,)], engine=engine, wanted=wanted or Wanted())
        return Audit(space or self.space, batch, Auditing(**task), listed=listed)

    def changes(self, *names, **more):
        """Audit, and return kind and name below the archive of each change, with the summary."""
        audit = self.audit(*names, **more)
        return self.told(audit), audit.summary

    def told(self, changes):
        return [(item.kind.value, item.name.removeprefix(f"{self.folder}/")) for item in changes]


def key_and_chain(folder):
    """Write a key and its chain, and return their paths and the root, in PEM."""
    key, chain, root = make_chain(algorithm=Algorithm.ES256, at=datetime.now(UTC))
    path = folder / "key.pem"
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "chain.pem").write_text(chain)
    return path, folder / "chain.pem", root
