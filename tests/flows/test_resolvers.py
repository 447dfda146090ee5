"""Credentials are found through resolvers, which serve what another house has signed; nothing they say is believed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PIL import Image
from typer.testing import CliRunner

from provenance import Carrier, Preset, SigningOptions, Workspace, signing, verification
from provenance.catalogue import Catalogue
from provenance.catalogue.places import url_of
from provenance.cli import common
from provenance.cli.app import app
from provenance.errors import CatalogueError, FetchError, InvalidClaim, ProvenanceError
from provenance.manifests import sniff
from provenance.manifests.containers import jumbf
from provenance.model.facets import Content, Signer, Signing
from provenance.model.fingerprints import ISCC
from provenance.model.media import Media
from provenance.model.record import Query
from provenance.model.recovery import Standing, Way
from provenance.model.resolution import Binding, ManifestMatch
from provenance.model.verdict import Decision
from provenance.reports import recovery_form
from provenance.settings import CatalogueSettings, Settings, VerificationSettings
from provenance.storage import open_source
from provenance.workspace import asking, bindings, resolving
from provenance.workspace.consulting import Question, consult
from provenance.workspace.looking import Asked, look
from provenance.workspace.resolution_json import read_binding, write_matches
from tests.flows.test_recovery import jpeg, scene
from tests.support.resolution_server import Reply, answering, client, serving
from tests.support.schemas import require_valid

pytest.importorskip("sqlalchemy", reason="catalogues need the extra `catalogue`")
pytest.importorskip("iscc_lib", reason="fingerprints need the extra `recovery`")

UNKNOWN = "urn:c2pa:F9168C5E-CEB2-4FAA-B6BF-329BF39FA1E4"
PICTURE = SigningOptions(preset=Preset.CAPTURE)


def small(number):
    """Return one of some pictures that have little in common; small ones are compared faster."""
    return scene(number / 2, (320, 240))


def with_catalogue(home, folder):
    url = url_of("", folder)
    Catalogue.create(url).close()
    return Workspace(Settings(home=str(home), catalogue=CatalogueSettings(url=url)))


@pytest.fixture(scope="module")
def keeper(_session_home, tmp_path_factory):
    """Those who keep a catalogue, with a few pictures in it; the originals are gone, as for everybody else."""
    space = with_catalogue(_session_home, tmp_path_factory.mktemp("keeper"))
    for number in range(3):
        space.sign(jpeg(small(number)), options=replace(PICTURE, title=f"picture {number}"))
    space.sign(jpeg(small(3)), options=replace(PICTURE, title="without a thumbnail", thumbnail=None))
    return space


@pytest.fixture
def labels(keeper):
    """The manifests of the pictures, by their titles."""
    return {item.title: item.label for item in keeper.catalogue.find(Query())}


@pytest.fixture(autouse=True)
def _on_loopback(monkeypatch):
    monkeypatch.setattr(asking, "resolvers", client)


@pytest.fixture
def server(keeper):
    with serving(answering(keeper)) as running:
        yield running


@pytest.fixture
def asker(_session_home, tmp_path):
    """Somebody who keeps no catalogue, and trusts the signer."""
    root = Workspace(Settings(home=str(_session_home))).identities.default().root_path
    return Workspace(Settings(home=str(tmp_path / "asker")), trust_files=[root])


@pytest.fixture
def empty(_session_home, tmp_path):
    """Somebody whose catalogue knows nothing yet."""
    return with_catalogue(_session_home, tmp_path)


@pytest.fixture
def copy(tmp_path):
    path = tmp_path / "copy.jpg"
    path.write_bytes(jpeg(small(0).resize((240, 180)), 60))
    return path


def serving_store(store, label, **told):
    """Answer every question with one manifest."""
    match = ManifestMatch(manifest=label, **told)

    def answer(asked):
        if asked.path.startswith("/v1/matches/"):
            return Reply(write_matches([match]))
        return Reply(store, media_type="application/c2pa")

    return serving(answer)


def test_a_copy_is_found_through_a_resolver(asker, server, copy, labels):
    found = asker.recover(copy, resolvers=[server.url])

    best = found.found[0]
    assert (best.record, best.way, best.standing) == (None, Way.NAMED, Standing.CONFIRMED)
    assert (best.label, best.title, best.signer) == (labels["picture 0"], "picture 0", "Example News")
    assert best.verdict.facets.signer.state is Signer.TRUSTED
    # Without its file nobody knows whether it is what was signed.
    assert best.verdict.facets.content.state is Content.NOT_CHECKED
    assert best.verdict.decision is Decision.REVIEW
    assert best.named.resolver == server.url
    assert best.likeness.method == ISCC
    # The same two fingerprints as the resolver has compared.
    assert best.named.match.score == min(99, round(100 * (256 - best.likeness.distance) / 256))
    assert found.notes == ()


def test_nothing_but_the_fingerprint_goes_out(asker, server, copy):
    asker.recover(copy, resolvers=[server.url])
    first, *others = server.asked
    assert (first.method, first.path, first.query["alg"]) == ("GET", "/v1/matches/byBinding", ISCC)
    assert len(read_binding(first.query["alg"], first.query["value"]).value) == 34
    assert {item.path.rpartition("/")[0] for item in others} == {"/v1/manifests"}
    assert {item.body for item in server.asked} == {b""}


def test_the_file_goes_out_when_that_is_wanted(asker, server, copy, labels):
    found = asker.recover(copy, resolvers=[server.url], send_file=True)
    (sent,) = [item for item in server.asked if item.path == "/v1/matches/byContent"]
    assert (sent.body, sent.media_type) == (copy.read_bytes(), "image/jpeg")
    assert found.found[0].label == labels["picture 0"]


def test_what_the_own_catalogue_is_sure_of_is_asked_of_nobody(keeper, server, copy):
    assert keeper.recover(copy, resolvers=[server.url]).found[0].record.title == "picture 0"
    assert server.asked == []


def test_what_the_own_catalogue_does_not_have_is_asked(empty, server, copy, labels):
    assert empty.recover(copy).found == ()
    assert empty.recover(copy, resolvers=[server.url]).found[0].label == labels["picture 0"]


def test_a_soft_binding_that_the_file_states_is_asked_for(asker, workspace, server, tmp_path):
    """Its picture was replaced by one that nothing is found by; the sidecar is still there."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(small(1)))
    wishes = replace(PICTURE, carrier=Carrier.SIDECAR, soft_binding=True)
    store = workspace.sign(path, path, options=wishes, overwrite=True).store
    path.write_bytes(jpeg(Image.new("RGB", (400, 300), "teal")))

    found = asker.recover(path, resolvers=[server.url])

    asked = server.asked[0].query
    assert (read_binding(asked["alg"], asked["value"]),) == bindings.stated(store.active_manifest)
    assert [item for item in found.found if item.standing is Standing.CONFIRMED] == []


def test_a_stranger_to_the_asker_is_not_named_as_the_signer(server, copy, tmp_path):
    nobody = Workspace(Settings(home=str(tmp_path / "nobody")))
    best = nobody.recover(copy, resolvers=[server.url]).found[0]
    assert (best.standing, best.signer) == (Standing.CONFIRMED, None)
    assert best.verdict.facets.signer.state is Signer.UNTRUSTED


def test_a_manifest_of_another_picture_is_contradicted(asker, keeper, copy, labels):
    label = labels["picture 2"]
    with serving_store(resolving.manifest(keeper, label), label, score=100) as server:
        found = asker.recover(copy, resolvers=[server.url])
    assert (found.found, found.contradicted) == ((), 1)


def test_without_a_thumbnail_it_stays_open(asker, keeper, labels, tmp_path):
    label = labels["without a thumbnail"]
    with serving_store(resolving.manifest(keeper, label), label) as server:
        (found,) = asker.recover(jpeg(small(3), 60), resolvers=[server.url]).found
    assert (found.standing, found.named.match.score) == (Standing.OPEN, None)


def tampered(store):
    """Change one byte of the signature of the active manifest, which comes last in it."""
    changed = bytearray(store)
    changed[-20] ^= 1
    return bytes(changed)


LEFT_OUT = {
    "signature": (tampered, "left out the manifest"),
    "another manifest": (lambda store: store.replace(b"urn:c2pa:", b"urn:uuid:"), "came where another was asked for"),
    "no manifest": (lambda store: b"<html></html>", "not a manifest store"),
    "cut off": (lambda store: store[:-1], "cut short"),
}


@pytest.mark.parametrize(("change", "words"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_manifest_that_does_not_hold_is_left_out_and_said(change, words, asker, keeper, copy, labels):
    label = labels["picture 0"]
    with serving_store(change(resolving.manifest(keeper, label)), label, score=100) as server:
        found = asker.recover(copy, resolvers=[server.url])
    assert (found.found, found.contradicted) == ((), 0)
    (note,) = found.notes
    assert words in note
    assert server.url in note


def test_a_manifest_is_fetched_where_the_match_says(asker, server, copy, labels):
    with serving_store(b"", labels["picture 0"], endpoint=server.url) as first:
        (found,) = asker.recover(copy, resolvers=[first.url]).found
    assert [item.path.split("/")[2] for item in first.asked] == ["matches"]
    assert [item.path.split("/")[2] for item in server.asked] == ["manifests"]
    assert (found.named.resolver, found.named.match.endpoint) == (first.url, server.url)


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [("https://10.0.0.1/v1", "not public"), ("file:///etc/passwd", "only https"), ("/v1", "only https"),
     ("https://me:secret@example.org/v1", "a password"), ("https://example.org/v1?x=", "no address of a resolver")],
)  # fmt: skip
def test_an_endpoint_is_under_the_same_rules(endpoint, words, asker, copy):
    with serving_store(b"", UNKNOWN, endpoint=endpoint) as server:
        found = asker.recover(copy, resolvers=[server.url])
    assert found.found == ()
    assert words in found.notes[0]
    assert "secret" not in found.notes[0]


def test_a_resolver_that_names_what_it_does_not_have_is_soon_left_alone(asker, copy):
    many = [ManifestMatch(manifest=f"{UNKNOWN}:{number}", score=90) for number in range(40)]

    def answer(asked):
        return Reply(write_matches(many)) if asked.path.startswith("/v1/matches/") else Reply(status=404)

    with serving(answer) as server:
        found = asker.recover(copy, resolvers=[server.url], most=40)
    assert len(found.notes) == 3
    assert len(server.asked) == 4


def test_two_resolvers_with_one_manifest_make_one_candidate(asker, keeper, server, copy, labels):
    with serving(answering(keeper)) as other:
        found = asker.recover(copy, resolvers=[server.url, other.url])
    assert [item.label for item in found.found].count(labels["picture 0"]) == 1
    assert found.found[0].named.resolver == server.url
    assert [item.path.split("/")[2] for item in other.asked] == ["matches"]


@pytest.mark.parametrize("change", [tampered, lambda store: b""], ids=["tampered", "nothing"])
def test_who_names_a_manifest_and_has_it_not_hides_it_from_nobody(change, asker, keeper, server, copy, labels):
    label = labels["picture 0"]
    with serving_store(change(resolving.manifest(keeper, label)), label, score=100) as first:
        found = asker.recover(copy, resolvers=[first.url, server.url])
    assert found.found[0].named.resolver == server.url
    assert first.url in found.notes[0]


def test_a_resolver_that_answers_at_first_and_then_no_more_has_answered(asker, tmp_path):
    """It was asked for what several soft bindings are about, as a manifest may state many."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(small(0)))
    question = Question(given=open_source(path), media_type="image/jpeg", fingerprints=(), send_file=True, most=5)
    stated = [Binding(algorithm="x.y", value=bytes([number])) for number in range(4)]
    answers = iter([Reply(write_matches([])), *[Reply(status=400)] * 3])
    with pytest.MonkeyPatch.context() as patch, serving(lambda asked: next(answers)) as server:
        patch.setattr(bindings, "of_picture", lambda found: tuple(stated))
        told = consult(asker, question, [server.url])
        assert len(server.asked) == 4
    assert told.refusals == ()
    assert "answers 400" in told.notes[0]


def test_a_resolver_that_is_down_keeps_nobody_from_asking_the_next(asker, server, copy):
    with serving(lambda asked: Reply(status=503)) as down:
        found = asker.recover(copy, resolvers=[down.url, server.url])
    assert found.found[0].standing is Standing.CONFIRMED
    assert "answers 503" in found.notes[0]
    assert down.url in found.notes[0]


def test_where_nobody_answers_nothing_is_said_to_be_unknown(asker, empty, copy):
    with serving(lambda asked: Reply(status=503)) as down:
        with pytest.raises(FetchError, match="answers 503"):
            asker.recover(copy, resolvers=[down.url])
        found = empty.recover(copy, resolvers=[down.url])
    assert "answers 503" in found.notes[0]


def test_without_a_catalogue_and_a_resolver_it_says_how_to_get_one(asker, copy):
    with pytest.raises(CatalogueError) as caught:
        asker.recover(copy)
    assert "--resolver" in caught.value.hint


def test_a_flat_picture_is_only_asked_for_when_it_may_be_sent(asker, server):
    flat = jpeg(Image.new("RGB", (400, 300), "teal"))
    found = asker.recover(flat, resolvers=[server.url])
    assert (found.found, server.asked) == ((), [])
    assert "resolvers were not asked" in found.notes[1]
    assert asker.recover(flat, resolvers=[server.url], send_file=True).found == ()
    assert len(server.asked) == 1


def test_what_a_resolver_names_is_not_signed_over(asker, server, copy):
    (best, *_) = asker.recover(copy, resolvers=[server.url]).found
    with pytest.raises(InvalidClaim, match="through a resolver only"):
        asker.reattach(copy, best)


@pytest.mark.parametrize("online", [False, True])
def test_verifying_asks_resolvers_online_only(online, empty, server, copy):
    catalogue = replace(empty.settings.catalogue, resolvers=(server.url,))
    space = Workspace(replace(empty.settings, catalogue=catalogue))
    found = look(space, copy, Asked(policy=space.policy(), recover=True, online=online)).recovery
    assert bool(found.found) is online
    assert bool(server.asked) is online


# ---- what is answered


def binding_of(data):
    given = open_source(data)
    sight = signing.see(given, sniff.detect(given.head(sniff.HEAD), given.name), thumbnail=None, fingerprints=True)
    (found,) = bindings.of_picture(sight.fingerprints)
    return found


def test_a_fingerprint_is_answered_with_what_is_like_it(keeper, labels):
    same, other = binding_of(jpeg(small(0))), binding_of(jpeg(small(0).resize((160, 120)), 40))
    best = resolving.by_binding(keeper, same)[0]
    # Not 100: the same fingerprint is not the same file.
    assert (best.manifest, best.endpoint, best.score) == (labels["picture 0"], None, 99)
    like = resolving.by_binding(keeper, other)[0]
    assert like.manifest == labels["picture 0"]
    assert 81 <= like.score <= 99
    assert len(resolving.by_binding(keeper, same, most=1)) == 1


def test_what_is_signed_while_it_answers_is_answered_too(empty):
    other = Workspace(empty.settings)
    wanted = binding_of(jpeg(small(4)))
    assert resolving.by_binding(empty, wanted) == ()
    signed = other.sign(jpeg(small(4)), options=PICTURE)
    assert [item.manifest for item in resolving.by_binding(empty, wanted)] == [signed.store.active]


def test_a_known_file_is_answered_with_the_best_score(keeper, labels):
    found = resolving.by_content(keeper, jpeg(small(0)))
    assert found == (ManifestMatch(manifest=labels["picture 0"], score=100),)
    assert resolving.by_content(keeper, jpeg(small(0), 50))[0].score < 100


def test_a_strange_picture_is_answered_with_nothing(keeper):
    assert resolving.by_content(keeper, jpeg(Image.linear_gradient("L").resize((640, 480)))) == ()


def test_a_manifest_is_answered_as_it_is_kept(keeper, labels):
    label = labels["picture 1"]
    (record,) = keeper.catalogue.by_label(label)
    assert resolving.manifest(keeper, label) == keeper.catalogue.manifest(record.manifest)
    assert resolving.manifest(keeper, UNKNOWN) is None


def test_the_active_manifest_alone_still_verifies(keeper, tmp_path):
    path = tmp_path / "edited.jpg"
    first = keeper.sign(jpeg(small(5)), options=PICTURE)
    path.write_bytes(first.data)
    signed = keeper.sign(path, options=SigningOptions(preset=Preset.EDIT, actions=("c2pa.cropped",)))
    label = signed.store.active

    alone = resolving.manifest(keeper, label, active_only=True)

    assert [item.label for item in jumbf.manifests(alone)] == [label]
    assert len(jumbf.manifests(resolving.manifest(keeper, label))) == 2
    media = Media(name="alone", media_type="image/jpeg", size=0)
    found = verification.inspect_alone(alone, media, trust=keeper.trust, at=keeper.now())
    assert found.facets.signature.state is Signing.VALID


WRONG_BINDINGS = {
    "another algorithm": ("x.y", b"x", "only the algorithm"),
    "no value": (ISCC, b"", "without any unit"),
    "no such value": (ISCC, b"\xff" * 9, "cannot be"),
    "the code of a text": (ISCC, b"\x20\x07" + bytes(32), "no fingerprint of a picture"),
    "a value without end": (ISCC, bytes(5000), "longer"),
}


@pytest.mark.parametrize(("algorithm", "value", "words"), WRONG_BINDINGS.values(), ids=WRONG_BINDINGS)
def test_a_binding_that_cannot_be_looked_for_is_refused(algorithm, value, words, keeper):
    with pytest.raises(ValueError, match=words):
        resolving.by_binding(keeper, Binding(algorithm=algorithm, value=value))


WRONG_QUESTIONS = {
    "no match": (lambda space: resolving.by_binding(space, Binding(algorithm=ISCC, value=b"x"), most=0), "at least"),
    "no match for content": (lambda space: resolving.by_content(space, b"x", most=-1), "at least"),
    "no identifier": (lambda space: resolving.manifest(space, "../settings.toml"), "no identifier"),
}


@pytest.mark.parametrize(("ask", "words"), WRONG_QUESTIONS.values(), ids=WRONG_QUESTIONS)
def test_a_question_that_cannot_be_answered_is_refused(ask, words, keeper):
    with pytest.raises(ValueError, match=words):
        ask(keeper)


def test_the_algorithms_are_told_as_the_standard_has_it(server):
    base = server.url.removesuffix("/v1")
    told = json.loads(client().get(f"{base}/v1/services/supportedAlgorithms", accept="application/json").body)
    assert told == {"watermarks": [], "fingerprints": [{"alg": "io.iscc.v0"}]}


# ---- as users see it


@pytest.fixture
def command(asker, monkeypatch):
    """Run `recover` in a workspace that the test may change."""
    spaces = [asker]
    monkeypatch.setattr(common, "workspace", lambda trust=None, *, lists=None: spaces[0])

    def run(*arguments, code):
        done = CliRunner().invoke(app, ["recover", *map(str, arguments)])
        if isinstance(done.exception, ProvenanceError):
            assert done.exception.exit_code == code
            return str(done.exception)
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    run.spaces = spaces
    return run


def test_the_command_says_who_has_named_it(command, server, copy, labels):
    told = command(copy, "--resolver", server.url, code=0)
    assert "Recovered: very likely the same picture, stored anew, scaled to 75%" in told
    assert "not embedded" in told
    assert server.url in told
    document = json.loads(command(copy, "--resolver", server.url, "--json", code=0))
    require_valid(document, recovery_form.schema())
    best = document["found"][0]
    assert (best["record"], best["manifest"]) == (None, labels["picture 0"])
    assert best["named"]["resolver"] == server.url
    assert 81 <= best["named"]["score"] <= 99


def test_the_command_asks_the_resolvers_of_the_settings(command, asker, server, copy):
    mine = replace(asker.settings, catalogue=CatalogueSettings(resolvers=(server.url,)))
    command.spaces[0] = Workspace(mine, trust_files=asker.trust_files)
    command(copy, "-q", code=0)
    assert server.asked != []


def test_a_rejected_manifest_is_no_success(command, server, copy, tmp_path):
    strict = Settings(home=str(tmp_path / "strict"), verification=VerificationSettings(policy="own-output"))
    command.spaces[0] = Workspace(strict)
    told = command(copy, "--resolver", server.url, code=3)
    assert "somebody whose identity is not verified" in told


def test_mistakes_are_said(command, server, copy):
    assert "--resolver" in command(copy, code=8)
    assert "needs somebody to send it to" in command(copy, "--send-file", code=2)
    assert "no address of a resolver" in command(copy, "--resolver", f"{server.url}?x=1", code=7)
    assert server.asked == []
