"""Who signed, and who stands behind it?"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from provenance.model import derived
from provenance.model.facets import Publisher, Signer
from provenance.model.statuses import Concern
from provenance.policy.registry import Need, by_state, failed, passed, rule, undecided

if TYPE_CHECKING:
    from provenance.model.further import CertificateFacts
    from provenance.model.policy import Answer
    from provenance.policy.facts import Facts

_NO_CERTIFICATE = "there is no certificate at hand"


@rule("signer.certificate-acceptable", "May the certificate sign Content Credentials, and was it valid?")
def certificate_acceptable(facts: Facts) -> Answer:
    """Says nothing of trust: anybody can make a certificate that may sign."""
    return by_state(facts.facets.signer, good=(Signer.TRUSTED, Signer.UNTRUSTED), bad=(Signer.INVALID,))


@rule("signer.trusted", "Can the identity of the signer be verified?")
def trusted(facts: Facts, *, lists: tuple[str, ...] = (), development: bool = True) -> Answer:
    """Asks for a trust list that vouches for the signer.

    `lists`: only these count. `development = false`: a development identity of this machine does not count.
    """
    answer = by_state(facts.facets.signer, good=(Signer.TRUSTED,), bad=(Signer.UNTRUSTED, Signer.INVALID))
    through = facts.inspection.trust.named(facts.store.trust_list) if facts.store else None
    if facts.facets.signer.state is not Signer.TRUSTED or through is None:
        return answer
    if lists and through.name not in lists:
        return failed(f"{facts.facets.signer.reason}, which is not one of {_listed(lists)}")
    if through.local and not development:
        return failed(f"{facts.facets.signer.reason}, which is for development only")
    return answer


@rule("signer.organization", "Is the signer's organisation one of these?")
def organization(facts: Facts, *, names: tuple[str, ...]) -> Answer:
    """`names`: organisations as certificates write them; `*` stands for any characters.

    A name counts only where a trust list vouches for the certificate.
    """
    return _named(facts, names, what="organisation")


@rule("signer.common-name", "Is the signer's common name one of these?")
def common_name(facts: Facts, *, names: tuple[str, ...]) -> Answer:
    """`names`: common names as certificates write them; `*` stands for any characters.

    A name counts only where a trust list vouches for the certificate.
    """
    return _named(facts, names, what="common name")


def _named(facts: Facts, names: tuple[str, ...], *, what: str) -> Answer:
    signature = facts.active.signature if facts.active else None
    if signature is None:
        return undecided("there is no signature at hand")
    found = signature.organization if what == "organisation" else signature.common_name
    if found is None:
        return failed(f"the certificate names no {what}")
    if not any(fnmatchcase(found, pattern) for pattern in names):
        return failed(f"the {what} is {found}, which is not one of {_listed(names)}")
    if facts.facets.signer.state is not Signer.TRUSTED:
        return failed(f"the certificate names {found}, but {facts.facets.signer.reason}")
    return passed(f"the {what} is {found}")


@rule("signer.certificate-policy", "Was the certificate issued under one of these policies?", needs=Need.CERTIFICATE)
def certificate_policy(facts: Facts, *, oids: tuple[str, ...]) -> Answer:
    """`oids`: certificate policies (RFC 5280, 4.2.1.4), such as those of assurance levels."""
    certificate = facts.inspection.further.certificate
    if certificate is None:
        return undecided(_NO_CERTIFICATE)
    if set(oids) & set(certificate.policies):
        return passed(f"issued under {_listed(certificate.policies)}")
    return failed(f"issued under {_listed(certificate.policies) or 'no policy'}, not under {_listed(oids)}")


@rule("signer.key-at-least", "Is the signer's key strong enough?", needs=Need.CERTIFICATE)
def key_at_least(facts: Facts, *, rsa: int = 2048, ec: int = 256, ed25519: bool = True) -> Answer:
    """`rsa`, `ec`: bits; `ed25519 = false`: such keys do not count."""
    certificate = facts.inspection.further.certificate
    if certificate is None:
        return undecided(_NO_CERTIFICATE)
    return _strong(certificate, {"rsa": rsa, "ec": ec, "ed25519": 0 if ed25519 else 1 << 20})


def _strong(certificate: CertificateFacts, least: dict[str, int]) -> Answer:
    found = f"a key of {certificate.key_bits} bits ({certificate.key_type})"
    wanted = least.get(certificate.key_type)
    if wanted is None:
        return failed(f"{found} is of a type that is not provided for")
    return passed(found) if certificate.key_bits >= wanted else failed(f"{found} is too weak")


@rule("signer.publisher-unbroken", "Is no identity assertion broken?")
def publisher_unbroken(facts: Facts) -> Answer:
    """Identity assertions (CAWG) say who stands behind a file, apart from who signed it."""
    if facts.store is None:
        return undecided("there is no identity assertion at hand")
    facet = facts.facets.publisher
    codes = tuple(item.code for item in derived.failures(facts.store.statuses, Concern.IDENTITY))
    return failed(facet.reason, evidence=codes) if facet.state is Publisher.INVALID else passed(facet.reason)


@rule("signer.publisher-verified", "Can the identity of whoever is named as standing behind it be verified?")
def publisher_verified(facts: Facts) -> Answer:
    """Passes when nobody is named: `signer.publisher-named` asks for somebody."""
    return by_state(
        facts.facets.publisher,
        good=(Publisher.NONE, Publisher.TRUSTED),
        bad=(Publisher.UNTRUSTED, Publisher.INVALID),
    )


@rule("signer.publisher-named", "Does a publisher whose identity can be verified stand behind it?")
def publisher_named(
    facts: Facts, *, names: tuple[str, ...] = ("*",), roles: tuple[str, ...] = ("publisher",)
) -> Answer:
    """`names`: organisations or common names, `*` stands for any characters; `roles`: one of them (CAWG 1.2)."""
    if facts.active is None:
        return undecided("there is no identity assertion at hand")
    wanted = {item.removeprefix("cawg.") for item in roles}
    for item in facts.active.identities:
        name = item.organization or item.common_name or ""
        played = {role.removeprefix("cawg.") for role in item.roles}
        if wanted & played and any(fnmatchcase(name, pattern) for pattern in names):
            return by_state(
                facts.facets.publisher, good=(Publisher.TRUSTED,), bad=(Publisher.UNTRUSTED, Publisher.INVALID)
            )
    return failed(f"nobody called {_listed(names)} is named as {_listed(roles)}")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)
