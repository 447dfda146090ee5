"""Who vouches for a pack, and packs that somebody else has made: consistent, and wrong."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from provenance import NoIdentity, SettingsError, TimestampError, Workspace, codec
from provenance.errors import EvidenceError
from provenance.evidence import Agreement, form, writing
from provenance.evidence.form import Vouched
from provenance.evidence.outcome import Voucher
from provenance.model.facets import Signer
from provenance.model.ports import Algorithm
from provenance.model.trust import Purpose
from provenance.settings import Settings, TimestampSettings, TrustSettings
from tests.support.certificates import Plan
from tests.support.evidence import Case, Cases, desk, forged
from tests.support.identities import no_secret

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    found = Cases(tmp_path_factory.mktemp("cases"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def files(cases):
    return cases.every()


@pytest.fixture(scope="module")
def case(files, cases):
    """A file that is trusted, looked at where identities of every kind and an authority are at hand."""
    space = Workspace(replace(cases.stamping.settings, home=str(cases.folder / "desk")), secret=no_secret)
    for algorithm in (Algorithm.ES256, Algorithm.PS256, Algorithm.ED25519, Algorithm.ES512):
        space.identities.create(algorithm.value, algorithm=algorithm, days=30, passphrase=None, at=NOW)
    return Case(path=files["trusted"].path, space=space)


@pytest.fixture(scope="module")
def signed(case, tmp_path_factory):
    return case.pack(tmp_path_factory.mktemp("packs") / "signed.zip", identity="es256", timestamp=True)


@pytest.fixture
def elsewhere(tmp_path):
    return Workspace(Settings(home=str(tmp_path / "elsewhere")))


def vouching(space, pack):
    found = space.replay(pack)
    assert found.agreement is Agreement.SAME
    return found.signature, found.stamp


def test_nobody_vouches_for_a_pack_that_nobody_has_signed(case, elsewhere, tmp_path):
    signature, stamp = vouching(elsewhere, case.pack(tmp_path / "x.zip"))

    assert (signature.state, stamp.state) == (Voucher.NOBODY, Voucher.NOBODY)
    assert "anybody could have made it" in signature.reason
    assert "only its own word" in stamp.reason


@pytest.mark.parametrize("name", ["es256", "ps256", "ed25519", "es512"])
def test_a_signed_pack_names_who_signed_it(case, elsewhere, tmp_path, name):
    pack = case.pack(tmp_path / "x.zip", identity=name)

    here, there = vouching(case.space, pack)[0], vouching(elsewhere, pack)[0]

    assert (here.state, there.state) == (Voucher.TRUSTED, Voucher.UNVERIFIED)
    assert name in here.reason
    assert "can't be verified" in there.reason


def test_a_time_stamp_counts_where_a_list_vouches_for_its_authority(case, signed, elsewhere):
    here, there = vouching(case.space, signed)[1], vouching(elsewhere, signed)[1]

    assert (here.state, there.state) == (Voucher.TRUSTED, Voucher.UNVERIFIED)
    assert abs(here.time - datetime.now(UTC)) < timedelta(minutes=10)


def test_a_pack_can_be_stamped_without_a_signature(case, tmp_path):
    signature, stamp = vouching(case.space, case.pack(tmp_path / "x.zip", timestamp=True))

    assert (signature.state, stamp.state) == (Voucher.NOBODY, Voucher.TRUSTED)


@pytest.mark.parametrize(("timestamp", "state"), [(True, Voucher.TRUSTED), (False, Voucher.UNVERIFIED)])
def test_a_signature_outlives_its_certificate_where_a_time_was_attested(case, tmp_path, timestamp, state):
    pack = case.pack(tmp_path / "x.zip", identity="es256", timestamp=timestamp)
    roots, times = tmp_path / "roots.pem", case.space.settings.trust.timestamps
    roots.write_text("".join(pem for _, pem in case.space.identities.roots()))
    trust = TrustSettings(signers=(str(roots),), timestamps=times)
    # The lists are read as of today: they skip what has expired since.
    later = Workspace(Settings(home=str(tmp_path), trust=trust))
    lists = later.trust
    later = Workspace(Settings(home=str(tmp_path)), clock=lambda: NOW + timedelta(days=60))
    later.__dict__["trust"] = lists

    signature, _ = vouching(later, pack)

    assert signature.state is state, signature
    assert timestamp or "not on" in signature.reason


def test_who_is_to_vouch_must_be_there(files, elsewhere, tmp_path):
    stranger = Case(path=files["trusted"].path, space=elsewhere)
    with pytest.raises(NoIdentity):
        stranger.pack(tmp_path / "x.zip", identity="nobody")
    with pytest.raises(TimestampError):
        stranger.pack(tmp_path / "x.zip", timestamp=True)
    dead = replace(elsewhere.settings, timestamps=TimestampSettings(urls=("http://127.0.0.1:9/",), deadline=1))
    with pytest.raises(TimestampError):
        replace(stranger, space=Workspace(dead)).pack(tmp_path / "x.zip", timestamp=True)
    with pytest.raises(SettingsError, match="is not said"):
        elsewhere.evidence(b"\xff\xd8\xff no path", wishes=stranger.wishes)
    assert list(tmp_path.glob("*.zip")) == []


SWAPS = {
    "another signature": (form.SIGNATURE, "ps256"),
    "another time-stamp": (form.STAMP, "ps256"),
    "no signature at all": (form.SIGNATURE, None),
    "no time-stamp at all": (form.STAMP, None),
}


@pytest.mark.parametrize("name", SWAPS)
def test_a_signature_and_a_time_stamp_belong_to_one_pack(case, signed, tmp_path, name):
    member, other = SWAPS[name]
    mine = members(signed)
    theirs = members(case.pack(tmp_path / "other.zip", identity=other, timestamp=True))[member] if other else b""
    found = {form.SIGNATURE: mine[form.SIGNATURE], form.STAMP: mine[form.STAMP]} | {member: theirs}
    sealed = writing.Sealed(signature=found[form.SIGNATURE], stamp=found[form.STAMP])

    with pytest.raises(EvidenceError, match=r"pack\.(sig|tsr)"):
        case.space.replay(forged(signed, sealed=sealed))


def members(pack):
    with zipfile.ZipFile(pack) as found:
        return {name: found.read(name) for name in found.namelist()}


@pytest.mark.parametrize("name", [form.README, form.REPORT, form.PAGE, form.MANIFEST, form.CHAIN, "trust/list-1.pem"])
def test_whatever_is_changed_in_a_signed_pack_breaks_the_signature(case, signed, name):
    """Consistently, digests and all: only the signature and the time-stamp tell."""
    with pytest.raises(EvidenceError, match=r"pack\.sig does not fit|chain\.pem cannot|pack\.tsr is not one"):
        case.space.replay(forged(signed, {name: members(signed)[name] + b"\n"}))


def test_what_a_signed_pack_says_about_itself_is_signed(case, signed):
    with pytest.raises(EvidenceError, match=r"pack\.sig does not fit"):
        case.space.replay(forged(signed, programs={"provenance": "9"}))


def test_a_signature_that_was_taken_away_leaves_a_pack_that_nobody_vouches_for(case, signed):
    plain = forged(signed, sealed=writing.Sealed(signature=None, stamp=None), vouched=Vouched())

    assert vouching(case.space, plain)[0].state is Voucher.NOBODY


def test_a_chain_that_is_none_is_refused(case, signed):
    with pytest.raises(EvidenceError, match=r"chain\.pem cannot be read"):
        case.space.replay(forged(signed, {form.CHAIN: b"no certificate"}))


def recorded(pack, **changes):
    """Return `verdict.json` with other words in it."""
    found = codec.from_json(members(pack)[form.VERDICT], form.VerdictRecord)
    return {form.VERDICT: codec.to_json(replace(found, **changes)).encode()}


def test_a_verdict_that_is_only_claimed_is_not_repeated(files, elsewhere, tmp_path):
    """A changed file, and a record that says what the record of the file before the change says."""
    good, bad = files["trusted"].pack(tmp_path / "good.zip"), files["changed"].pack(tmp_path / "bad.zip")
    claim = {form.VERDICT: members(good)[form.VERDICT]}

    found = elsewhere.replay(forged(bad, claim))

    assert found.agreement is Agreement.DIFFERENT
    assert {"decision", "content", "integrity.content-intact"} <= {item.about for item in found.differences}
    assert any("assertion.dataHash.mismatch" in note for note in found.notes)


def test_trust_that_is_only_claimed_is_not_repeated(files, elsewhere, tmp_path):
    """The record says that a stranger was trusted: no clock explains that."""
    good, bad = files["trusted"].pack(tmp_path / "good.zip"), files["of a stranger"].pack(tmp_path / "bad.zip")
    claim = {form.VERDICT: members(good)[form.VERDICT]}

    found = elsewhere.replay(forged(bad, claim))

    assert found.agreement is Agreement.DIFFERENT
    assert found.verdict.facets.signer.state is Signer.UNTRUSTED


def test_trust_through_a_list_that_does_not_have_the_root_is_not_repeated(cases, files, elsewhere, tmp_path):
    """A list of the name that the record gives, with somebody else's root in it."""
    roots = tmp_path / "roots.pem"
    roots.write_text(cases.tsa.root_pem)
    trust = TrustSettings(signers=(str(roots),), timestamps=cases.knowing.settings.trust.timestamps)
    doubting = Case(path=files["trusted"].path, space=Workspace(Settings(home=str(tmp_path), trust=trust)))
    good, bad = files["trusted"].pack(tmp_path / "good.zip"), doubting.pack(tmp_path / "bad.zip")

    found = elsewhere.replay(forged(bad, {form.VERDICT: members(good)[form.VERDICT]}))

    assert found.agreement is Agreement.DIFFERENT
    assert found.verdict.facets.signer.state is Signer.UNTRUSTED
    assert any("judged by dates alone" in note for note in found.notes)


def test_a_time_that_the_certificate_contradicts_is_not_believed(cases, files, elsewhere, tmp_path):
    """Packed now, and said to have been packed before the certificate was made."""
    signer, roots = desk(tmp_path, Plan(starts=-5, ends=20))
    photo = tmp_path / "photo.jpg"
    cases.knowing.sign(files["without credentials"].path, photo, signer=signer)
    trust = TrustSettings(signers=(str(roots),))
    space = Workspace(Settings(home=str(tmp_path), trust=trust), clock=lambda: NOW - timedelta(days=30))

    found = elsewhere.replay(Case(path=photo, space=space).pack(tmp_path / "early.zip"))

    assert found.recorded.decision == "accepted"
    assert found.agreement is Agreement.DIFFERENT
    assert found.verdict.facets.signer.state is Signer.INVALID
    assert any("the pack was not made then" in note for note in found.notes)


LISTS = {
    "two of one name": (lambda lists: (lists[0], replace(lists[1], name=lists[0].name)), "names that no lists have"),
    "a line break": (lambda lists: (replace(lists[0], name="a\nb"), lists[1]), "names that no lists have"),
    "another digest": (lambda lists: (replace(lists[0], digest="00"), lists[1]), "is another list than it says"),
    "another member": (lambda lists: (replace(lists[0], member=form.CERTIFICATES), lists[1]), "another list"),
    "no list": (lambda lists: (replace(lists[0], member=form.VERDICT), lists[1]), "is no trust list"),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_that_are_not_what_they_say_are_refused(case, elsewhere, tmp_path, name):
    change, words = LISTS[name]
    pack = case.pack(tmp_path / "x.zip")
    lists = tuple(item for item in elsewhere.replay(pack).contents.lists if item.purpose is not Purpose.IDENTITY)[:2]
    data = forged(pack, lists=change(lists))
    with pytest.raises(EvidenceError, match=words):
        elsewhere.replay(data)


@pytest.mark.parametrize("text", [b"", b"name = 1", b"\xff", b'name = "x"\nversion = "1"\npurpose = "p"\n'])
def test_a_policy_that_is_none_is_refused(case, elsewhere, tmp_path, text):
    pack = case.pack(tmp_path / "x.zip")

    with pytest.raises(EvidenceError, match="the policy in this pack cannot be used here"):
        elsewhere.replay(forged(pack, {form.POLICY: text}))


def test_another_policy_than_the_pack_says_is_refused(case, elsewhere, tmp_path):
    pack = case.pack(tmp_path / "x.zip")
    lax = members(pack)[form.POLICY].replace(b'severity = "fail"', b'severity = "info"')

    with pytest.raises(EvidenceError, match="is another one than it says"):
        elsewhere.replay(forged(pack, {form.POLICY: lax}))


def test_a_pack_of_a_day_to_come_says_so(case, elsewhere, tmp_path):
    ahead = Workspace(case.space.settings, clock=lambda: datetime.now(UTC) + timedelta(days=2))

    found = elsewhere.replay(replace(case, space=ahead).pack(tmp_path / "x.zip"))

    assert any("was then still to come" in note for note in found.notes)


def test_a_signed_pack_can_be_checked_by_hand(case, signed, tmp_path):
    """With the commands of the page: unzip, sha256sum and openssl, none of which is ours."""
    tools = [name for name in ("unzip", "sha256sum", "openssl") if shutil.which(name) is None]
    if tools:
        pytest.skip(f"{tools[0]} is not there")
    (tmp_path / "times.pem").write_text("".join(case.space.trust.named("times").anchors))
    script = f"""set -e
    unzip -q {signed} -d case && cd case
    python3 -c 'import json; [print(m["sha256"] + "  " + m["name"]) for m in json.load(open("pack.json"))["members"]]' \
      | sha256sum --check --quiet
    openssl x509 -in signature/chain.pem -pubkey -noout > key.pem
    openssl dgst -sha256 -verify key.pem -signature signature/pack.sig pack.json
    openssl ts -verify -data signature/pack.sig -in signature/pack.tsr -CAfile ../times.pem
    """
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "Verified OK" in done.stdout
    assert "Verification: OK" in done.stdout + done.stderr
