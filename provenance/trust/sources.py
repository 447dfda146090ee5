"""Lists that are known by name: who publishes them, where, and what they vouch for. None of them is compiled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from provenance.errors import SettingsError, TrustError
from provenance.model.trust import Purpose
from provenance.network import shown

CLAIM_SIGNING: Final = "1.3.6.1.4.1.62558.2.1"
EMAIL_PROTECTION: Final = "1.3.6.1.5.5.7.3.4"
DOCUMENT_SIGNING: Final = "1.3.6.1.5.5.7.3.36"
MICROSOFT_SIGNING: Final = "1.3.6.1.4.1.311.76.59.1.9"
TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"

KEY_USAGES: Final = {
    Purpose.SIGNER: (CLAIM_SIGNING, EMAIL_PROTECTION, DOCUMENT_SIGNING, MICROSOFT_SIGNING),
    Purpose.TIMESTAMP: (TIME_STAMPING,),
    # CAWG identity assertion 1.2, X.509 trust model: these two, and claim signing not by default.
    Purpose.IDENTITY: (EMAIL_PROTECTION, DOCUMENT_SIGNING),
}
"""Extended key usages that a list of each purpose accepts when nothing else is said."""

_CONFORMANCE = "https://raw.githubusercontent.com/c2pa-org/conformance-public/main/trust-list"
_INTERIM = "https://verify.contentauthenticity.org/trust"
_IPTC = "https://trust.iptc.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one part of a list is."""

    place: str
    """An https address, or the path of a file."""
    single: bool = False
    """Its certificates count for themselves only, even those of authorities."""
    may_be_empty: bool = False
    """The list may be whole without this part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A list that has a name everywhere."""

    name: str
    purpose: Purpose
    addresses: tuple[Address, ...]
    key_usages: tuple[str, ...]
    scheme: str | None = None
    """What an official list calls itself (`SchemeName`)."""
    enabled: bool = True
    """It is among those that the first update gets."""
    frozen: datetime | None = None
    """Its publisher changes nothing after this date."""
    note: str | None = None


KNOWN: Final = {
    item.name: item
    for item in (
        Known(
            name="c2pa",
            purpose=Purpose.SIGNER,
            addresses=(Address(place=f"{_CONFORMANCE}/C2PA-TRUST-LIST.json"),),
            # C2PA Certificate Policy 0.2: claim signing, in addition to one of the older usages.
            key_usages=(CLAIM_SIGNING,),
            scheme="C2PA Trust List",
        ),
        Known(
            name="c2pa-tsa",
            purpose=Purpose.TIMESTAMP,
            addresses=(Address(place=f"{_CONFORMANCE}/C2PA-TSA-TRUST-LIST.json"),),
            key_usages=(TIME_STAMPING,),
            scheme="C2PA TSA Trust List",
        ),
        Known(
            name="c2pa-interim",
            purpose=Purpose.SIGNER,
            # contentcredentials.org/trust only redirects there, to another host.
            addresses=(
                Address(place=f"{_INTERIM}/anchors.pem"),
                Address(place=f"{_INTERIM}/allowed.pem", single=True, may_be_empty=True),
            ),
            key_usages=KEY_USAGES[Purpose.SIGNER],
            enabled=False,
            frozen=datetime(2026, 1, 1, tzinfo=UTC),
            note="interim list, frozen on 2026-01-01; not the official one",
        ),
        Known(
            name="iptc",
            purpose=Purpose.IDENTITY,
            addresses=(
                Address(place=f"{_IPTC}/anchor-list.pem", may_be_empty=True),
                Address(place=f"{_IPTC}/end-entity-list.pem", single=True),
            ),
            key_usages=KEY_USAGES[Purpose.IDENTITY],
        ),
    )
}
"""By name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a list comes from: a known name, an address or a file."""

    source: str
    """As it is kept and shown: the known name, the address, or the whole path."""
    addresses: tuple[Address, ...]
    known: Known | None = None
    remote: bool = False


def origin_of(source: str) -> Origin:
    """Find out what a source is: a known name, an https address or a file.

    Raises `TrustError` for an address that is not https, `SettingsError` for a file that is not there.
    """
    known = KNOWN.get(source)
    if known is not None:
        return Origin(source=source, addresses=known.addresses, known=known, remote=True)
    if "://" in source:
        if not source.lower().startswith("https://"):
            raise TrustError(
                "trust lists are had over https only",
                path=shown(source),
                hint="give an https address, or download the list by other means, check it, and give the file",
            )
        return Origin(source=source, addresses=(Address(place=source),), remote=True)
    path = Path(source).expanduser().absolute()
    if not path.exists():
        raise SettingsError("this is neither a file nor a known list", path=shown(source), hint=_meant(source))
    return Origin(source=str(path), addresses=(Address(place=str(path)),))


def _meant(source: str) -> str:
    close = get_close_matches(source, KNOWN, n=1)
    return f"did you mean {close[0]}?" if close else f"known by name are: {', '.join(KNOWN)}"


def of_scheme(scheme: str | None) -> Known | None:
    """Return the known list that calls itself so."""
    return next((item for item in KNOWN.values() if item.scheme is not None and item.scheme == scheme), None)
