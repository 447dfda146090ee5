"""Look at everything that goes into a file before it is signed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.errors import BrokenSource, InvalidClaim, about
from provenance.manifests import sniff
from provenance.manifests.locate import locate
from provenance.manifests.reader import Keep
from provenance.model import derived
from provenance.model.claim import Ingredient, Relationship
from provenance.model.facets import Ancestry, Content, Revocation, Signer, Signing

if TYPE_CHECKING:
    from provenance.manifests.formats import Format
    from provenance.manifests.reader import Reading
    from provenance.model.claim import Carrier
    from provenance.model.manifest import ManifestStore
    from provenance.model.ports import ManifestSource
    from provenance.model.trust import Trust
    from provenance.storage import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file that is about to be used already carries."""

    media: Format
    store: ManifestStore | None
    note: str | None
    """Said in the new manifest when credentials were there but could not be kept."""
    carrier: Carrier | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A file that others were made from, looked at once."""

    source: Source
    found: Found


def look(
    source: Source,
    *,
    trust: Trust,
    remote: ManifestSource | None = None,
    allow_broken: bool = False,
    beside: bool = True,
) -> Found:
    """Read a source's own credentials before anything is signed over them.

    `beside` looks for sidecars too. Raises `BrokenSource` when they are broken, unreadable or out of reach, unless
    `allow_broken`.
    """
    media = sniff.detect(source.head(sniff.HEAD), source.name)
    path = source.path if beside else None
    with about(source.name):
        located = locate(source.stream, media.media_type, path=path, trust=trust, remote=remote, keep=Keep.STORE)
    reading = located.reading
    fault = _fault(reading, trust)
    if fault and not allow_broken:
        raise BrokenSource(
            f"its own credentials cannot be built on: {fault}",
            path=source.name,
            hint="use an intact original; --allow-broken-source signs it and records that they are broken",
        )
    note = f"Its Content Credentials could not be kept: {fault}" if fault and reading.store is None else None
    return Found(media=media, store=reading.store, note=note, carrier=located.carrier)


def _fault(reading: Reading, trust: Trust) -> str | None:
    """Say why `verify` would reject these credentials; a signer whom nobody trusts is no reason."""
    if reading.store is None:
        if reading.remote_url:
            return f"they are kept at {reading.remote_url} and were not fetched (--online fetches them)"
        return reading.problem
    found = derived.of_store(reading.store, trust, where="")
    sound = (
        (found.content, found.content.state is Content.INTACT),
        (found.signature, found.signature.state is Signing.VALID),
        (found.signer, found.signer.state is not Signer.INVALID),
        (found.revocation, found.revocation.state is not Revocation.REVOKED),
        (found.ancestry, found.ancestry.state is not Ancestry.BROKEN),
    )
    return next((facet.reason for facet, good in sound if not good), None)


def ingredient(source: Source, found: Found, *, id: str, relationship: Relationship) -> Ingredient:  # noqa: A002
    """Make an ingredient of a file that was looked at."""
    return Ingredient(
        id=id,
        title=source.title,
        media_type=found.media.media_type,
        relationship=relationship,
        store=found.store,
        note=found.note,
    )


def refuse_second_past(source: Source, found: Found, past: Found) -> None:
    """See that an edited file brings no history of its own besides its parent's.

    Raises `InvalidClaim`: a file has one parent, and a history that would be lost is not dropped silently.
    """
    own = found.store.active if found.store else None
    if own is None or (past.store is not None and own in past.store.manifests):
        return
    raise InvalidClaim(
        "carries a history that is not its parent's",
        path=source.name,
        hint="leave off --parent to build on its own history, or remove it first: provenance strip",
    )
