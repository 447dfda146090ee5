"""Who signed, and who stands behind it?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provenance.model import derived
from provenance.model.as_of import held
from provenance.model.facets import Publisher, Signer
from provenance.model.statuses import Concern
from provenance.policy.registry import Need, by_state, failed, passed, rule, undecided
from provenance.policy.rules.moments import attested, looked
from provenance.policy.rules.naming import among, listed, no_oid, quoted
from provenance.policy.rules.statements import stated

if TYPE_CHECKING:
    from collections.abc import Callable

    from provenance.model.further import CertificateFacts
    from provenance.model.policy import Answer
    from provenance.model.trust import TrustList
    from provenance.policy.facts import Facts
    from provenance.policy.rules.statements import Told

CLAIM_SIGNING = "1.3.6.1.4.1.62558.2.1"
"""c2pa-kp-claimSigning."""
_NO_CERTIFICATE = "there is no certificate at hand"
_NO_SIGNATURE = "there is no signature at hand"


@rule("signer.certificate-acceptable", "May the certificate sign Content Credentials, and was it valid?")
def certificate_acceptable(facts: Facts) -> Answer:
    """Says nothing of trust: anybody can make a certificate that may sign."""
    return by_state(facts.facets.signer, good=(Signer.TRUSTED, Signer.UNTRUSTED), bad=(Signer.INVALID,))


@rule("signer.trusted", "Can the identity of the signer be verified?", needs_for={"lists": Need.CERTIFICATE})
def trusted(facts: Facts, *, lists: tuple[str, ...] = (), development: bool = True) -> Answer:
    """Asks for a trust list that vouches for the signer.

    `lists`: only these count. `development = false`: a development identity of this machine does not count.
    """
    facet = facts.facets.signer
    answer = by_state(facet, good=(Signer.TRUSTED,), bad=(Signer.UNTRUSTED, Signer.INVALID))
    if facet.state is not Signer.TRUSTED:
        return replace(answer, evidence=_codes(facts))
    vouching = _vouching(facts)
    if lists and not any(item.name in lists for item in vouching):
        return failed(f"{facet.reason}, which is not one of {listed(lists)}", evidence=_names(vouching))
    if not development and all(item.local for item in vouching):
        return failed(f"{facet.reason}, which is for development only", evidence=_names(vouching))
    return replace(answer, evidence=_names(vouching))


def _vouching(facts: Facts) -> tuple[TrustList, ...]:
    """Name the lists that vouch for a trusted signer: the one that was found first, and others that have its root."""
    trust, as_of = facts.inspection.trust, facts.inspection.further.as_of
    certificate = facts.inspection.further.certificate
    paths = as_of.paths if as_of else certificate.paths if certificate else ()
    moment = attested(facts) or looked(facts)
    valid = [item.through for item in paths if item.valid_from <= moment <= item.valid_until]
    first = facts.store.trust_list if facts.store and not as_of else None
    found = (trust.named(name) for name in dict.fromkeys((first, *valid)))
    known = tuple(item for item in found if item is not None)
    return tuple(item for item in known if held(item, as_of.at)) if as_of else known


def _names(lists: tuple[TrustList, ...]) -> tuple[str, ...]:
    return tuple(item.name for item in lists)


def _codes(facts: Facts) -> tuple[str, ...]:
    found = derived.failures(facts.store.statuses, Concern.TRUST, Concern.CREDENTIAL) if facts.store else []
    return tuple(dict.fromkeys(item.code for item in found))


@rule("signer.organization", "Is the signer's organisation one of these?")
def organization(facts: Facts, *, names: tuple[str, ...]) -> Answer:
    """`names`: organisations as certificates write them; `*` stands for any characters.

    A name counts only where a trust list vouches for the certificate.
    """
    signature = facts.active.signature if facts.active else None
    return _named(facts, names, found=signature.organization if signature else None, what="organisation")


@rule("signer.common-name", "Is the signer's common name one of these?")
def common_name(facts: Facts, *, names: tuple[str, ...]) -> Answer:
    """`names`: common names as certificates write them; `*` stands for any characters.

    A name counts only where a trust list vouches for the certificate.
    """
    signature = facts.active.signature if facts.active else None
    return _named(facts, names, found=signature.common_name if signature else None, what="common name")


def _named(facts: Facts, names: tuple[str, ...], *, found: str | None, what: str) -> Answer:
    if facts.active is None or facts.active.signature is None:
        return undecided(_NO_SIGNATURE)
    if found is None:
        return failed(f"the certificate names no {what}")
    if not among(found, names):
        return failed(f"the {what} is {quoted(found)}, which is not one of {listed(names)}")
    facet = facts.facets.signer
    if facet.state is Signer.TRUSTED:
        return passed(f"the {what} is {quoted(found)}")
    message = f"the certificate names {quoted(found)}, but {facet.reason}"
    return undecided(message) if facet.state is Signer.NOT_CHECKED else failed(message, evidence=_codes(facts))


@rule(
    "signer.certificate-policy", "Was the certificate issued under one of these policies?",
    needs=Need.CERTIFICATE, checks={"oids": no_oid},
)  # fmt: skip
def certificate_policy(facts: Facts, *, oids: tuple[str, ...]) -> Answer:
    """`oids`: certificate policies (RFC 5280, 4.2.1.4), such as those of assurance levels.

    A policy counts only where a trust list vouches for the certificate: anybody can write any policy into their own.
    """
    return _issued(facts, oids, what="policy", of=lambda certificate: certificate.policies)


@rule(
    "signer.key-usage", "Was the certificate made for one of these uses?",
    needs=Need.CERTIFICATE, checks={"oids": no_oid},
)  # fmt: skip
def key_usage(facts: Facts, *, oids: tuple[str, ...] = (CLAIM_SIGNING,)) -> Answer:
    """`oids`: extended key usages (RFC 5280, 4.2.1.12); by default that of signers of claims, which C2PA has fixed.

    A use counts only where a trust list vouches for the certificate: anybody can write any use into their own.
    """
    return _issued(facts, oids, what="use", of=lambda certificate: certificate.key_usages)


def _issued(
    facts: Facts, oids: tuple[str, ...], *, what: str, of: Callable[[CertificateFacts], tuple[str, ...]]
) -> Answer:
    certificate = facts.inspection.further.certificate
    if certificate is None:
        return undecided(_NO_CERTIFICATE)
    found = of(certificate)
    said = f"the certificate states the {what} {listed(found)}" if found else f"the certificate states no {what}"
    if set(oids).isdisjoint(found):
        return failed(f"{said}, and {listed(oids)} is asked for")
    facet = facts.facets.signer
    if facet.state is Signer.TRUSTED:
        return passed(said)
    message = f"{said}, but {facet.reason}"
    return undecided(message) if facet.state is Signer.NOT_CHECKED else failed(message, evidence=_codes(facts))


@rule("signer.key-at-least", "Is the signer's key strong enough?", needs=Need.CERTIFICATE)
def key_at_least(facts: Facts, *, rsa: int = 2048, ec: int = 256, ed25519: bool = True) -> Answer:
    """`rsa`, `ec`: bits; `ed25519 = false`: such keys do not count."""
    certificate = facts.inspection.further.certificate
    if certificate is None:
        return undecided(_NO_CERTIFICATE)
    found = f"a key of {certificate.key_bits} bits ({certificate.key_type})"
    if certificate.key_type == "ed25519":
        return passed(f"it is {found}") if ed25519 else failed(f"{found} does not count here")
    wanted = {"rsa": rsa, "ec": ec}.get(certificate.key_type)
    if wanted is None:
        return failed(f"{found} is of a type that is not provided for")
    if certificate.key_bits >= wanted:
        return passed(f"it is {found}")
    return failed(f"{found} is too weak: {wanted} are asked for")


@rule("signer.publisher-unbroken", "Is no identity assertion broken?")
def publisher_unbroken(facts: Facts) -> Answer:
    """Identity assertions (CAWG) say who stands behind a file, apart from who signed it."""
    if facts.store is None:
        return undecided("there is no identity assertion at hand")
    facet = facts.facets.publisher
    return (
        failed(facet.reason, evidence=_of_identities(facts))
        if facet.state is Publisher.INVALID
        else passed(facet.reason)
    )


@rule("signer.publisher-verified", "Can the identity of whoever is named as standing behind it be verified?")
def publisher_verified(facts: Facts) -> Answer:
    """Passes when nobody is named: `signer.publisher-named` asks for somebody."""
    return replace(
        by_state(
            facts.facets.publisher,
            good=(Publisher.NONE, Publisher.TRUSTED),
            bad=(Publisher.UNTRUSTED, Publisher.INVALID),
        ),
        evidence=_of_identities(facts),
    )


@rule("signer.publisher-named", "Does a publisher whose identity can be verified stand behind it?")
@stated
def publisher_named(told: Told, *, names: tuple[str, ...] = ("*",), roles: tuple[str, ...] = ("publisher",)) -> Answer:
    """`names`: organisations or common names, `*` stands for any characters; `roles`: one of them (CAWG 1.2).

    Where several identities are named, none of them may be in doubt. Undecided where only a manifest that was updated
    since names somebody: such identities are not checked again.
    """
    facet = told.inspection.facets.publisher
    wanted = {item.removeprefix("cawg.") for item in roles}
    for manifest in told.own:
        for item in manifest.identities:
            called = [name for name in (item.organization, item.common_name) if name]
            played = {role.removeprefix("cawg.") for role in item.roles}
            if not wanted & played or not any(among(name, names) for name in called):
                continue
            if manifest.label != told.store.active:
                message = f"{quoted(called[0])} is named in a manifest that was updated, and is not checked again"
                return undecided(message, subject=manifest.label, evidence=(item.label,))
            answer = by_state(facet, good=(Publisher.TRUSTED,), bad=(Publisher.UNTRUSTED, Publisher.INVALID))
            return replace(answer, evidence=(item.label,))
    whoever = "nobody" if "*" in names else f"nobody called {listed(names)}"
    return failed(f"{whoever} is named as {listed(roles)}")


def _of_identities(facts: Facts) -> tuple[str, ...]:
    found = derived.failures(facts.store.statuses, Concern.IDENTITY) if facts.store else []
    return tuple(dict.fromkeys(item.code for item in found))
