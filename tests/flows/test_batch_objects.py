"""Batches from and to object stores."""

from __future__ import annotations

import pytest

from provenance.batch.naming import Naming
from provenance.claims import SigningOptions
from provenance.model.claim import Carrier
from tests.support import object_store
from tests.support.batch import PLAIN, fates, many, names, photo, sign, signed_by, start, tree, wait_for
from tests.support.command import run

SIDECAR = SigningOptions(thumbnail=None, carrier=Carrier.SIDECAR)


@pytest.fixture(scope="module")
def s3():
    with object_store.running() as make:
        yield make


@pytest.fixture
def bucket(s3, monkeypatch, tmp_path):
    store = s3()
    store.into(monkeypatch)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    return store


@pytest.fixture
def incoming(bucket):
    for number, name in enumerate(("a.jpg", "b.jpg", "sub/c.jpg")):
        bucket.put(f"in/{name}", photo(number))
    bucket.put("in/notes.txt", b"passed over")
    bucket.put("in-other/x.jpg", photo(9))
    return bucket


def labels(space, bucket, key, tmp_path):
    """Return the labels of the manifests of an object."""
    path = tmp_path / "fetched.jpg"
    path.write_bytes(bucket.get(key))
    sidecar = tmp_path / "fetched.jpg.c2pa"
    sidecar.unlink(missing_ok=True)
    if f"{key}.c2pa" in bucket.keys():  # noqa: SIM118 -- no mapping
        sidecar.write_bytes(bucket.get(f"{key}.c2pa"))
    return signed_by(space, path)


def test_from_a_bucket_into_it_and_again(space, incoming, tmp_path):
    out = Naming(output=incoming.address("out/"), keep_tree=True)
    found = sign(space, incoming.address("in/"), naming=out)
    assert fates(found) == ["done"] * 3, [str(item.error) for item in found]
    assert [key for key in incoming.keys() if key.startswith("out/")] == [  # noqa: SIM118 -- no mapping
        "out/a.jpg", "out/b.jpg", "out/sub/c.jpg",
    ]  # fmt: skip
    assert len(labels(space, incoming, "out/sub/c.jpg", tmp_path)) == 1
    assert incoming.head("out/a.jpg")["ContentType"] == "image/jpeg"
    before = len(incoming.requests)
    again = sign(space, incoming.address("in/"), naming=out)
    assert fates(again) == ["skipped"] * 3
    assert not [item for item in incoming.requests[before:] if item[0] == "PUT"]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_to_a_bucket_and_back(space, bucket, tmp_path):
    tree(tmp_path / "in", "a.jpg", "b.jpg")
    assert fates(sign(space, tmp_path / "in", naming=Naming(output=bucket.address("up/")))) == ["done"] * 2
    down = Naming(output=f"{tmp_path}/down/")
    other = SigningOptions(thumbnail=None, title="Second")
    assert fates(sign(space, bucket.address("up"), naming=down, options=other)) == ["done"] * 2
    assert len(signed_by(space, tmp_path / "down/a.jpg")) == 2


@pytest.mark.parametrize("copy", [True, False], ids=["with copies", "alone"])
def test_manifests_beside_objects(space, incoming, tmp_path, copy):
    out = Naming(output=incoming.address("out/") if copy else None, untouched=True)
    for expected in ("done", "skipped"):
        found = sign(space, incoming.address("in/a.jpg"), naming=out, options=SIDECAR)
        assert fates(found) == [expected], str(found[0].error)
    key = "out/a.jpg" if copy else "in/a.jpg"
    assert incoming.get(key) == photo(0)
    assert len(labels(space, incoming, key, tmp_path)) == 1
    incoming.client.delete_object(Bucket=incoming.bucket, Key=f"{key}.c2pa")
    assert fates(sign(space, incoming.address("in/a.jpg"), naming=out, options=SIDECAR)) == ["done"]
    assert len(labels(space, incoming, key, tmp_path)) == 1


def test_what_is_told_of_a_manifest_beside_an_object_names_the_object(own_home, incoming):
    done = run("sign", incoming.address("in/a.jpg"), "--sidecar", "--thumbnail", "none")
    assert done.returncode == 0, done.stderr
    assert f"{incoming.address('in/a.jpg')}.c2pa: signed by" in done.stdout
    assert "provenance-" not in done.stdout


def test_an_object_that_is_there_is_not_replaced(space, incoming):
    incoming.put("out/a.jpg", b"somebody else's")
    found = sign(space, incoming.address("in/"), naming=Naming(output=incoming.address("out/")))
    assert fates(found) == ["failed", "done", "done"]
    assert "exists already" in str(found[0].error)
    assert incoming.get("out/a.jpg") == b"somebody else's"


def test_an_altered_object_is_refused_until_it_is_forced(space, incoming, tmp_path):
    out = Naming(output=incoming.address("out/"))
    sign(space, incoming.address("in/"), naming=out)
    incoming.put("in/a.jpg", photo(7))
    found = sign(space, incoming.address("in/"), naming=out)
    assert fates(found) == ["failed", "skipped", "skipped"]
    assert "was made before its source was changed" in str(found[0].error)
    assert fates(sign(space, incoming.address("in/"), naming=out, overwrite=True)) == ["done", "skipped", "skipped"]
    assert len(labels(space, incoming, "out/a.jpg", tmp_path)) == 1


def test_results_below_their_sources_are_not_signed_again(space, incoming):
    out = Naming(output=incoming.address("in/out/"))
    for _ in range(2):
        sign(space, incoming.address("in"), naming=out)
    assert [key for key in incoming.keys() if "out/" in key] == ["in/out/a.jpg", "in/out/b.jpg", "in/out/c.jpg"]  # noqa: SIM118


def test_a_store_that_refuses_costs_rows(space, incoming):
    incoming.answer_with(
        lambda method, path, query: (403, b"") if method == "GET" and path.endswith("b.jpg") and not query else None
    )
    found = sign(space, incoming.address("in/"), naming=Naming(output=incoming.address("out/")))
    assert fates(found) == ["done", "failed", "done"]
    assert "in/b.jpg" in str(found[1].error)


def test_a_bucket_that_is_not_there_is_a_row(own_home, incoming):
    done = run("verify", "s3://nosuchbucket-4711/in/", "--json")
    assert done.returncode in {5, 7}
    assert "nosuchbucket-4711" in done.stdout + done.stderr
    assert "internal error" not in done.stderr


def test_a_list_may_name_objects_that_are_none(space, incoming, tmp_path):
    (tmp_path / "list").write_bytes(
        b"s3://%s/in/\xff.jpg\ns3://\n%s\n" % (incoming.bucket.encode(), incoming.address("in/a.jpg").encode())
    )
    found = sign(space, f"@{tmp_path}/list", naming=Naming(output=f"{tmp_path}/out/"))
    assert fates(found) == ["failed", "failed", "done"]


def test_objects_are_verified_with_their_manifests(space, own_home, incoming, tmp_path):
    sign(space, incoming.address("in/"), naming=Naming(output=incoming.address("out/")), options=SIDECAR)
    good = run("verify", incoming.address("out/"), "-q", "--engine", "processes")
    assert good.returncode == 0, good.stderr
    mixed = run("verify", incoming.address("in/"), "--json")
    assert mixed.returncode == 3
    assert incoming.address("in/a.jpg") in mixed.stdout


def test_killed_in_the_middle_it_goes_on_and_leaves_no_copies(space, incoming, tmp_path):
    for number in range(12):
        incoming.put(f"many/{number:02}.jpg", photo(number % 5) + bytes([number]))
    command = (
        "sign", incoming.address("many/"), "-o", incoming.address("out/"), "--engine", "processes", "--workers", "2",
        "--thumbnail", "none",
    )  # fmt: skip

    def made():
        return [key for key in incoming.keys() if key.startswith("out/")]  # noqa: SIM118 -- no mapping

    process = start(*command)
    wait_for(lambda: len(made()) >= 3)
    process.kill()
    process.communicate()
    again = run(*command)
    assert again.returncode == 0, again.stderr
    assert len(made()) == 12
    for key in made():
        assert len(labels(space, incoming, key, tmp_path)) == 1
    assert names(tmp_path / "tmp") == []


def test_copies_that_a_killed_process_has_left_are_removed_and_those_in_use_stay(space, incoming, tmp_path):
    left, odd = (tmp_path / "tmp" / name for name in ("provenance-staged-abcd1234", "provenance-staged-notes"))
    many(left, 1)
    odd.mkdir()
    from provenance.batch import staging

    staging._sweep.cache_clear()
    with staging.staged(incoming.address("in/a.jpg")):
        assert not left.exists()
        staging._sweep.cache_clear()
        with staging.staged(incoming.address("in/b.jpg")):
            assert len(list((tmp_path / "tmp").glob("provenance-staged-*"))) == 3
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["provenance-staged-notes"]


def test_a_rehearsal_asks_but_sends_nothing(space, incoming):
    before = incoming.keys()
    found = sign(
        space, incoming.address("in/"), naming=Naming(output=incoming.address("out/")), options=PLAIN, rehearse=True
    )
    assert fates(found) == ["planned"] * 3
    assert incoming.keys() == before
    assert not [item for item in incoming.requests if item[0] in {"PUT", "POST", "DELETE"}]
