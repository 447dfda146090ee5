"""Who stands behind a file is named apart from who signed it, and each has a trust of its own (CAWG identity)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provenance import Decision, InvalidClaim, NoIdentity, SigningOptions, Workspace
from provenance.model.facets import Publisher, Signer
from provenance.model.ports import Algorithm
from provenance.settings import Settings, SigningSettings, TrustSettings
from tests.support import media

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    made = Workspace(Settings(home=str(tmp_path_factory.mktemp("two"))))
    for name, algorithm in (("Camera Maker", Algorithm.ES256), ("Example News", Algorithm.PS256)):
        made.identities.create(name, algorithm=algorithm, days=30, passphrase=None, at=NOW)
    return made


@pytest.fixture(scope="module")
def roots(space, tmp_path_factory):
    folder = tmp_path_factory.mktemp("roots")
    files = {}
    for name, pem in space.identities.roots():
        files[name] = folder / f"{name.split()[0].lower()}.pem"
        files[name].write_text(pem)
    return {name: str(path) for name, path in files.items()}


@pytest.fixture(scope="module")
def signed(space):
    options = SigningOptions(publisher="Example News", publisher_roles=("publisher", "cawg.editor"))
    return space.sign(media.jpeg(), options=options, signer="Camera Maker").data


def judged(space, data, **lists):
    settings = replace(space.settings, trust=TrustSettings(development=False, **lists))
    return Workspace(settings).verify(data)


def test_both_are_named(space, signed):
    verdict = space.verify(signed)

    assert verdict.facets.signer.reason.startswith("Camera Maker, ")
    assert verdict.facets.publisher.reason.startswith("Example News (publisher, editor), trusted on this machine only")
    assert verdict.facets.publisher.state is Publisher.TRUSTED
    assert verdict.decision is Decision.ACCEPTED


def test_without_one_nobody_is_named(space):
    facet = space.verify(space.sign(media.jpeg(), signer="Camera Maker").data).facets.publisher

    assert (facet.state, facet.reason) == (Publisher.NONE, "nobody but the signer is named")


LISTS = {
    "each on its own list": (("Camera Maker",), ("Example News",), Signer.TRUSTED, Publisher.TRUSTED),
    "only the signer": (("Camera Maker",), (), Signer.TRUSTED, Publisher.UNTRUSTED),
    "only the publisher": ((), ("Example News",), Signer.UNTRUSTED, Publisher.TRUSTED),
    "nobody": ((), (), Signer.UNTRUSTED, Publisher.UNTRUSTED),
    "both on the signers' list": (("Camera Maker", "Example News"), (), Signer.TRUSTED, Publisher.UNTRUSTED),
    "both on the identities' list": ((), ("Camera Maker", "Example News"), Signer.UNTRUSTED, Publisher.TRUSTED),
    "each on the other's list": (("Example News",), ("Camera Maker",), Signer.UNTRUSTED, Publisher.UNTRUSTED),
    "both on both": (
        ("Camera Maker", "Example News"),
        ("Camera Maker", "Example News"),
        Signer.TRUSTED,
        Publisher.TRUSTED,
    ),
}


@pytest.mark.parametrize("case", LISTS.values(), ids=LISTS)
def test_a_list_vouches_only_for_what_it_was_made_for(space, signed, roots, case):
    signers, identities, signer, publisher = case
    verdict = judged(
        space,
        signed,
        signers=tuple(roots[name] for name in signers),
        identities=tuple(roots[name] for name in identities),
    )

    assert (verdict.facets.signer.state, verdict.facets.publisher.state) == (signer, publisher)
    trusted = signer is Signer.TRUSTED and publisher is Publisher.TRUSTED
    assert verdict.decision is (Decision.ACCEPTED if trusted else Decision.REVIEW)


def test_a_list_of_authorities_vouches_for_neither(space, signed, roots):
    verdict = judged(space, signed, timestamps=tuple(roots.values()))

    assert verdict.facets.signer.state is Signer.UNTRUSTED
    assert verdict.facets.publisher.state is Publisher.UNTRUSTED


def test_a_changed_identity_is_rejected(space, signed):
    at = signed.index(b"cawg.editor")
    changed = signed[:at] + b"cawg.author" + signed[at + 11 :]

    verdict = space.verify(changed)

    assert verdict.decision is Decision.REJECTED


def test_the_settings_can_name_the_publisher(space):
    settings = replace(space.settings, signing=SigningSettings(publisher="Example News", identity="Camera Maker"))

    found = Workspace(settings).sign(media.jpeg()).store.active_manifest

    assert [item.organization for item in found.identities] == ["Example News"]
    assert found.identities[0].roles == ("cawg.publisher",)
    assert found.signature.organization == "Camera Maker"


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (SigningOptions(publisher="Exampel News"), NoIdentity, "Exampel News"),
        (SigningOptions(publisher="Example News", publisher_roles=("publsher",)), InvalidClaim, "publisher"),
    ],
)
def test_mistakes_are_named(space, options, error, words):
    with pytest.raises(error) as caught:
        space.sign(media.jpeg(), options=options)

    assert words in str(caught.value)


def test_what_a_publishers_key_says_when_it_fails_is_the_cause(space):
    class Broken:
        name = "Example News"
        algorithm = space.signer("Example News").algorithm
        chain_pem = space.signer("Example News").chain_pem

        def sign(self, data):
            raise InvalidClaim("the token was pulled out")

    space._signers["example-news"] = Broken()
    try:
        with pytest.raises(InvalidClaim, match="pulled out"):
            space.sign(media.jpeg(), options=SigningOptions(publisher="Example News"), signer="Camera Maker")
    finally:
        del space._signers["example-news"]
