"""The same batch again: what is done and still true is skipped, and nothing is signed twice or lost."""

from __future__ import annotations

import os
import shutil

import pytest

from provenance import Carrier
from provenance.batch.naming import Naming
from provenance.claims import SigningOptions
from provenance.model.ports import Algorithm
from provenance.settings import Settings
from provenance.workspace import Workspace
from tests.support import media
from tests.support.batch import AT, PLAIN, fates, listing, names, photo, sign, signed_by, tree

SIDECAR = SigningOptions(thumbnail=None, carrier=Carrier.SIDECAR)
BEFORE = "signed before, and nothing has changed since"


@pytest.fixture
def folder(tmp_path):
    return tree(tmp_path / "in", "a.jpg", "b.jpg", "sub/c.jpg")


def alter(path):
    """Make another picture of it, which does not say so by its size."""
    state = path.stat()
    path.write_bytes(media.jpeg(99))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 10))


def touch(path):
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 10**9))


WAYS = {
    "beside": ({"naming": Naming()}, "in/a.signed.jpg"),
    "elsewhere": ({"naming": Naming(output="OUT", keep_tree=True)}, "out/a.jpg"),
    "in place": ({"naming": Naming(in_place=True), "overwrite": True}, "in/a.jpg"),
    "sidecar": ({"naming": Naming(untouched=True), "options": SIDECAR}, "in/a.jpg.c2pa"),
    "sidecar and copy": (
        {"naming": Naming(untouched=True, output="OUT", keep_tree=True), "options": SIDECAR}, "out/a.jpg.c2pa",
    ),
}  # fmt: skip


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def way(request, tmp_path):
    told, result = request.param
    naming = told["naming"]
    if naming.output:
        naming = Naming(output=f"{tmp_path}/out/", keep_tree=True, untouched=naming.untouched)
    return told | {"naming": naming}, tmp_path / result


def again(space, folder, way, **more):
    return sign(space, folder, **way[0] | more)


def is_of_source(way):
    """Say whether the result stands in the place of the source, or beside it only as a manifest."""
    return way[0]["naming"].in_place


def media_of(result):
    return result.with_name(result.name.removesuffix(".c2pa"))


def test_the_same_batch_skips_all(space, folder, way, tmp_path):
    assert fates(again(space, folder, way)) == ["done"] * 3
    before = listing(folder, tmp_path / "out") if (tmp_path / "out").exists() else listing(folder)
    found = [item for item in again(space, folder, way) if ".signed" not in item.job.source]
    assert fates(found) == ["skipped"] * 3
    assert {item.reason for item in found} == {BEFORE}
    after = listing(folder, tmp_path / "out") if (tmp_path / "out").exists() else listing(folder)
    assert after == before
    assert len(signed_by(space, media_of(way[1]))) == 1


def test_what_was_merely_touched_is_still_the_same(space, folder, way):
    again(space, folder, way)
    touch(folder / "a.jpg")
    for path in {way[1], media_of(way[1])} - {folder / "a.jpg"}:
        touch(path)
    for _ in range(2):
        assert fates(item for item in again(space, folder, way) if ".signed" not in item.job.source) == ["skipped"] * 3
    assert len(signed_by(space, media_of(way[1]))) == 1


def test_results_beside_their_sources_are_not_signed_again(space, folder):
    sign(space, folder)
    for options in (PLAIN, SigningOptions(thumbnail=None, title="Other")):
        found = sign(space, folder, options=options)
        ours = [item for item in found if ".signed" in item.job.source]
        assert [item.reason for item in ours] == ["is itself what this batch has made"] * 3
    assert [name for name in names(folder) if "signed.signed" in name] == []


def test_results_elsewhere_may_be_signed_by_another_batch(space, folder, tmp_path):
    sign(space, folder, naming=Naming(output=f"{tmp_path}/one/"))
    found = sign(
        space, tmp_path / "one", naming=Naming(output=f"{tmp_path}/two/"),
        options=SigningOptions(thumbnail=None, title="Second"),
    )  # fmt: skip
    assert fates(found) == ["done"] * 3
    assert len(signed_by(space, tmp_path / "two/a.jpg")) == 2


ELSEWHERE = ["beside", "elsewhere", "sidecar", "sidecar and copy"]


@pytest.mark.parametrize("way", [WAYS[item] for item in ELSEWHERE], ids=ELSEWHERE, indirect=True)
def test_an_altered_source_is_refused_until_it_is_forced(space, folder, way):
    """And what was made of it before stays known for what it is."""
    again(space, folder, way)
    alter(folder / "a.jpg")
    before = way[1].read_bytes()
    for _ in range(3):
        found = again(space, folder, way)
        (refused,) = (item for item in found if item.failed)
        assert refused.job.source.endswith("a.jpg")
        assert "was made before its source was changed" in str(refused.error)
        assert "--force" in str(refused.error)
        assert way[1].read_bytes() == before
        assert not any("signed.signed" in name for name in names(folder))
    if not way[1].name.endswith(".c2pa"):
        # A sidecar that no longer fits is a broken source.
        assert fates(again(space, folder, way, overwrite=True)).count("done") == 1
        assert len(signed_by(space, media_of(way[1]))) == 1
        assert "done" not in fates(again(space, folder, way))


def test_in_place_an_altered_file_is_signed_again(space, folder):
    way = WAYS["in place"]
    again(space, folder, way)
    alter(folder / "a.jpg")
    assert fates(again(space, folder, way)) == ["done", "skipped", "skipped"]
    assert len(signed_by(space, folder / "a.jpg")) == 1


def test_a_result_that_is_gone_is_made_again(space, folder, way):
    if is_of_source(way):
        pytest.skip("there the result is the source")
    again(space, folder, way)
    way[1].unlink()
    assert fates(again(space, folder, way)).count("done") == 1
    assert len(signed_by(space, media_of(way[1]))) == 1
    assert "done" not in fates(again(space, folder, way))


def test_a_copy_without_its_sidecar_is_only_replaced_when_it_is_ours(space, folder, tmp_path):
    way = {"naming": Naming(output=f"{tmp_path}/out/", untouched=True), "options": SIDECAR}
    sign(space, folder, **way)
    (tmp_path / "out/a.jpg.c2pa").unlink()
    (tmp_path / "out/a.jpg").write_bytes(b"somebody else's")
    found = sign(space, folder, **way)
    assert fates(found) == ["failed", "skipped", "skipped"]
    assert (tmp_path / "out/a.jpg").read_bytes() == b"somebody else's"


ALTERED = ["beside", "elsewhere", "sidecar", "sidecar and copy"]


@pytest.mark.parametrize("way", [WAYS[item] for item in ALTERED], ids=ALTERED, indirect=True)
@pytest.mark.parametrize("resume", [True, False], ids=["again", "without looking back"])
def test_an_altered_result_is_refused_and_not_overwritten(space, folder, way, resume):
    again(space, folder, way)
    way[1].write_bytes(b"precious")
    found = [
        item for item in again(space, folder, way, resume=resume) if item.failed and ".signed" not in item.job.source
    ]
    assert str(media_of(way[1])) in str(found[0].error)
    assert ("was changed after it was made" if resume else "exists already") in str(found[0].error)
    assert way[1].read_bytes() == b"precious"


def test_other_options_or_another_signer_are_refused_since_the_result_is_there(space, folder, tmp_path):
    space.identities.create("Photo Desk", algorithm=Algorithm.ES256, days=30, passphrase=None, at=AT.now(AT.tzinfo))
    way = {"naming": Naming(output=f"{tmp_path}/out/")}
    sign(space, folder, **way)
    before = listing(tmp_path / "out")
    for more in ({"options": SigningOptions(thumbnail=None, title="Other")}, {"identity": "Photo Desk"}):
        found = sign(space, folder, **way | more)
        assert fates(found) == ["failed"] * 3
        assert "exists already" in str(found[0].error)
    assert listing(tmp_path / "out") == before
    assert fates(sign(space, folder, **way)) == ["skipped"] * 3


def test_without_looking_back_what_exists_is_refused(space, folder, tmp_path):
    way = {"naming": Naming(output=f"{tmp_path}/out/")}
    sign(space, folder, **way)
    assert fates(sign(space, folder, **way, resume=False)) == ["failed"] * 3
    assert fates(sign(space, folder, **way, resume=False, overwrite=True)) == ["done"] * 3
    assert fates(sign(space, folder, **way)) == ["skipped"] * 3


def test_what_failed_is_tried_again(space, folder, tmp_path):
    way = {"naming": Naming(output=f"{tmp_path}/out/")}
    (folder / "a.jpg").write_bytes(b"garbage")
    assert fates(sign(space, folder, **way)) == ["failed", "done", "done"]
    assert fates(sign(space, folder, **way)) == ["failed", "skipped", "skipped"]
    (folder / "a.jpg").write_bytes(photo(0))
    assert fates(sign(space, folder, **way)) == ["done", "skipped", "skipped"]


@pytest.mark.parametrize("more", [{}, {"overwrite": True}, {"rehearse": True}], ids=["new", "forced", "dry"])
@pytest.mark.parametrize("apart", [0, 80], ids=["near", "far apart"])
def test_of_two_sources_with_one_result_the_second_is_refused(space, tmp_path, more, apart):
    """Near: both are written down together; far apart: only the journal still knows of the first, done or skipped."""
    folder = tree(tmp_path / "in", "a/x.jpg", *(f"b/{number:02}.txt" for number in range(apart)), "c/x.jpg")
    for path in (folder / "b").glob("*"):
        path.write_bytes(b"garbage")  # is begun each time, and fails
    sources = [folder / "a/x.jpg", *sorted((folder / "b").glob("*")), folder / "c/x.jpg"]
    way = {"naming": Naming(output=f"{tmp_path}/out/")}
    for round_ in range(2):
        found = sign(space, *sources, **way, **more)
        first, last = found[0], found[-1]
        assert first.fate == ("planned" if "rehearse" in more else "skipped" if round_ else "done")
        assert last.failed
        if round_ == 0 or not apart or "overwrite" in more:
            assert "its result would take the place of that of" in str(last.error)
            assert "keep them apart with --keep-tree or --name" in last.error.hint
        if "rehearse" in more:
            break
        assert space.inspect(tmp_path / "out/x.jpg").store is not None
        assert found[0].job.source.endswith("a/x.jpg")


@pytest.mark.parametrize("way", [WAYS["beside"], WAYS["in place"], WAYS["sidecar"]], indirect=True)
@pytest.mark.parametrize("how", ["the same", "spelt otherwise", "by a link"])
def test_a_file_that_is_named_twice_is_signed_once(space, folder, way, how):
    path = folder / "a.jpg"
    other = {"the same": path, "spelt otherwise": f"{folder}/sub/../a.jpg", "by a link": folder / "link.jpg"}[how]
    if how == "by a link":
        (folder / "link.jpg").symlink_to("a.jpg")
        if not is_of_source(way):
            pytest.skip("a link has a result of its own")
    found = sign(space, path, other, **way[0])
    assert fates(found) == ["done", "skipped"]
    assert found[1].reason == "is named more than once"
    assert len(signed_by(space, media_of(way[1]))) == 1


def test_results_that_will_be_replaced_are_no_sources(space, folder):
    """A stranger's file where a result goes is overwritten when that is asked for, not signed as well."""
    (folder / "a.signed.jpg").write_bytes(photo(7))
    found = sign(space, folder, overwrite=True)
    assert [item.job.source for item in found if item.fate == "skipped"] == [str(folder / "a.signed.jpg")]
    assert "a.signed.signed.jpg" not in names(folder)


def test_a_folder_where_a_result_goes_is_not_written_into(space, folder, tmp_path):
    (tmp_path / "out/a.jpg").mkdir(parents=True)
    for overwrite in (False, True):
        found = sign(space, folder / "a.jpg", naming=Naming(output=f"{tmp_path}/out/"), overwrite=overwrite)
        assert "is a directory" in str(found[0].error)
    assert names(tmp_path / "out") == []


def test_another_identity_of_the_same_name_signs_what_comes_after_it(space, folder, tmp_path):
    """Whoever works opens keys and trust lists anew for each batch."""
    sign(space, folder / "a.jpg", naming=Naming(output=f"{tmp_path}/out/"))
    home = tmp_path / "other"
    other = Workspace(Settings(home=str(home)))
    other.identities.create("Example News", algorithm=Algorithm.ES384, days=30, passphrase=None, at=AT.now(AT.tzinfo))
    shutil.rmtree(tmp_path / "home/identities")
    shutil.move(home / "identities", tmp_path / "home/identities")
    fresh = Workspace(space.settings)
    sign(fresh, folder / "b.jpg", naming=Naming(output=f"{tmp_path}/out/"))
    assert fresh.verify(tmp_path / "out/b.jpg").decision == "accepted"
