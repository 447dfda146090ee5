"""Where the parts are joined: what can be done with a file, under one set of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provenance import verification
from provenance.manifests.reader import Keep
from provenance.model.policy import Policy
from provenance.policy import Need, needs
from provenance.storage import open_source
from provenance.workspace.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from provenance.claims import DerivingOptions, RedactionOptions, SigningOptions
    from provenance.evidence import Packed, Packing, Replay
    from provenance.model.manifest import Signed
    from provenance.model.ports import Signer
    from provenance.model.recovery import Candidate, Recovery
    from provenance.model.redaction import Redacted
    from provenance.model.verdict import Inspection, Verdict
    from provenance.storage import Readable
    from provenance.workspace.deriving import Master
    from provenance.workspace.reattaching import Reattached


class Workspace(Opened):
    """It signs, verifies, and knows who may be trusted and asked."""

    def inspect(
        self,
        source: Readable,
        *,
        online: bool = False,
        digest: bool = False,
        as_of: datetime | None = None,
        keep: Keep = Keep.NOTHING,
        needs: Need = Need.NOTHING,
    ) -> Inspection:
        """Collect the facts about a file's credentials.

        `online` allows fetching remote manifests and asking whether certificates are revoked, `as_of` (aware) asks for
        the state on another day; `keep` says what is handed on besides the report, `needs` what a policy asks for.
        Raises `MediaError` when the file cannot be read or cannot carry credentials, `SettingsError` for bad trust or
        a day to come.
        """
        questions = verification.Questions(
            remote=self.manifest_source if online else None,
            revocation=self.revocation_source if online else None,
            as_of=as_of,
            digest=digest,
            keep=keep,
            needs=needs,
        )
        return verification.inspect(open_source(source), trust=self.trust, at=self.now(), questions=questions)

    def verify(
        self,
        source: Readable,
        *,
        policy: Policy | str | Path | None = None,
        online: bool = False,
        digest: bool = False,
        as_of: datetime | None = None,
        keep: Keep = Keep.NOTHING,
    ) -> Verdict:
        """Inspect a file and judge what was found by a policy: one that was read, its name or file, or the usual one.

        Raises as `inspect` and `policy` do.
        """
        chosen = policy if isinstance(policy, Policy) else self.policy(policy)
        found = self.inspect(source, online=online, digest=digest, as_of=as_of, keep=keep, needs=needs(chosen))
        return self.judge(found, chosen)

    def sign(
        self,
        source: Readable,
        output: str | Path | None = None,
        *,
        options: SigningOptions | None = None,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Signed:
        """Sign a file; the result is read back and verified before it appears.

        `output` is a file or a folder; by default `photo.jpg` becomes `photo.signed.jpg` beside it, and bytes are
        signed in memory. Naming the source itself as output needs `overwrite`. Raises `MediaError`, `SigningError`,
        `TimestampError`, `OutputError` or `SettingsError`; nothing is left behind then.
        """
        from provenance.workspace import sealing  # noqa: PLC0415 -- only who signs needs it

        return sealing.sign(self, source, output, options=options, signer=signer, overwrite=overwrite)

    def rehearse(
        self,
        source: Readable,
        output: str | Path | None = None,
        *,
        options: SigningOptions | None = None,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Path | None:
        """Do all that `sign` does but the signature, and write nothing; return where the result would be.

        Raises as `sign` does, apart from what only shows when the key signs.
        """
        from provenance.workspace import sealing  # noqa: PLC0415 -- only who signs needs it

        return sealing.rehearse(self, source, output, options=options, signer=signer, overwrite=overwrite)

    def master(self, source: Readable, *, online: bool = False) -> Master:
        """Look at a signed file that several renditions are to be derived from: it is read and verified once.

        `online` allows fetching a remote manifest. Raises `ManifestError` for one without credentials, `BrokenSource`
        for one that verification would reject, and `MediaError`.
        """
        from provenance.workspace import deriving  # noqa: PLC0415 -- only who derives needs it

        return deriving.master(self, source, online=online)

    def derive(
        self,
        master: Readable | Master,
        rendition: Readable,
        output: str | Path | None = None,
        *,
        options: DerivingOptions | None = None,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Signed:
        """Sign a rendition that other tools have made of a signed master, with the master as its parent.

        What was done is found by comparing types and sizes. By default `web.jpg` becomes `web.signed.jpg`. Raises as
        `master` does, `InvalidClaim` for the master itself, a second past and what cannot be told from outside, else
        as `sign`.
        """
        from provenance.claims import DerivingOptions  # noqa: PLC0415 -- only who derives needs it
        from provenance.workspace import deriving  # noqa: PLC0415 -- only who derives needs it

        wishes = options or DerivingOptions()
        origin = deriving.master(self, master, online=wishes.online)
        order = deriving.Order(master=origin, options=wishes, signer=signer, overwrite=overwrite)
        return deriving.derive(self, order, rendition, output)

    def timestamp(
        self,
        source: Readable,
        output: str | Path | None = None,
        *,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Signed:
        """Add a trusted time to a signed file, in an update manifest: the content and its history stay as they are.

        By default `photo.jpg` becomes `photo.stamped.jpg`. Raises `TimestampError` when no authority answers, else as
        `sign`, and `ManifestError` for a file without credentials.
        """
        from provenance.workspace import sealing  # noqa: PLC0415 -- only who signs needs it

        return sealing.timestamp(self, source, output, signer=signer, overwrite=overwrite)

    def refresh(
        self,
        source: Readable,
        output: str | Path | None = None,
        *,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Signed:
        """Add what responders say now about the certificates of a signed file, in an update manifest.

        It asks over the network. By default `photo.jpg` becomes `photo.refreshed.jpg`. Raises `AuthorityError` when no
        answer could be kept, else as `timestamp`.
        """
        from provenance.workspace import sealing  # noqa: PLC0415 -- only who signs needs it

        return sealing.refresh(self, source, output, signer=signer, overwrite=overwrite)

    def redact(
        self,
        source: Readable,
        output: str | Path | None = None,
        *,
        options: RedactionOptions,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Redacted:
        """Take statements out of a file's history, and see that what they told is nowhere left.

        By default `photo.jpg` becomes `photo.redacted.jpg`. Raises `LeftBehind` while anything still tells it that is
        not accepted, `InvalidClaim` for what may not go or is not there, else as `sign`.
        """
        from provenance.workspace.redacting import planning, signing  # noqa: PLC0415 -- only who redacts needs it

        plan = planning.plan(self, source, options)
        return signing.redact(self, plan, output, signer=signer, overwrite=overwrite)

    def evidence(
        self, source: Readable, output: str | Path | None = None, *, wishes: Packing, overwrite: bool = False
    ) -> Packed:
        """Keep all that the verdict on a file rests on in one file: by default `photo.evidence.zip` beside it.

        Raises as `verify` does, `OutputError`, and `SigningError` or `TimestampError` when it cannot be vouched for.
        """
        from provenance.workspace.evidencing import making  # noqa: PLC0415 -- only who makes packs needs it

        return making.make(self, source, output, wishes=wishes, overwrite=overwrite)

    def replay(self, pack: Readable, *, asset: Readable | None = None) -> Replay:
        """Judge an evidence pack again, offline; `asset` is the media file where the pack does not have it.

        Raises `EvidenceError` for a pack that is damaged or was tampered with, and for another file than its own.
        """
        from provenance.workspace.evidencing import replaying  # noqa: PLC0415 -- only who replays needs it

        return replaying.replay(self, pack, asset=asset)

    def recover(
        self, source: Readable, *, most: int = 5, resolvers: Sequence[str] = (), send_file: bool = False
    ) -> Recovery:
        """Find the credentials of a file again in the catalogue, by its bytes or by what it shows.

        `most` candidates are compared picture by picture. Resolvers (addresses) are asked over the network where the
        catalogue is not sure: for its fingerprint, with `send_file` by the file itself. Nothing that is found is a
        signature of this file. Raises `CatalogueError` where there is neither a catalogue nor a resolver, `FetchError`
        where no resolver answers and there is no catalogue, and `MediaError`.
        """
        from provenance.workspace import recovering  # noqa: PLC0415 -- only who recovers needs it

        return recovering.recover(self, source, most=most, resolvers=resolvers, send_file=send_file)

    def reattach(
        self,
        source: Readable,
        candidate: Candidate,
        output: str | Path | None = None,
        *,
        signer: Signer | str | None = None,
        overwrite: bool = False,
    ) -> Reattached:
        """Give a file the history back that was recovered for it: as its parent's, signed anew.

        By default `photo.jpg` becomes `photo.recovered.jpg`. A file whose bytes are those that were signed gets its
        original manifest back as it was. Raises `InvalidClaim` for what is only a guess, else as `sign`.
        """
        from provenance.workspace import reattaching  # noqa: PLC0415 -- only who recovers needs it

        return reattaching.reattach(self, source, candidate, output, signer=signer, overwrite=overwrite)

    def extract(self, source: Readable, output: str | Path, *, overwrite: bool = False) -> Inspection:
        """Write a file's manifest store to a sidecar, as it is.

        Raises `ManifestError` when there is none.
        """
        inspection = self.inspect(source, keep=Keep.STORE)
        from provenance.workspace import moving  # noqa: PLC0415 -- only who moves credentials needs it

        moving.extract(inspection, output, overwrite=overwrite)
        return inspection

    def attach(self, source: Readable, sidecar: str | Path, output: str | Path, *, overwrite: bool = False) -> None:
        """Put a sidecar's manifest store into a file, where it still matches.

        Raises `ManifestError` where it does not, or where the file has credentials already.
        """
        from provenance.workspace import moving  # noqa: PLC0415 -- only who moves credentials needs it

        moving.attach(open_source(source), open_source(sidecar), output, trust=self.trust, overwrite=overwrite)

    def strip(self, source: Readable, output: str | Path, *, overwrite: bool = False) -> None:
        """Write a file without its embedded credentials.

        Raises `ManifestError` when there are none, or when they cannot be removed.
        """
        from provenance.workspace import moving  # noqa: PLC0415 -- only who moves credentials needs it

        moving.strip(open_source(source), output, trust=self.trust, overwrite=overwrite)
