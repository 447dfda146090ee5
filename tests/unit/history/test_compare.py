"""Two histories side by side: what they share, and when that can be relied on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.history.compare import Told, compare
from provenance.model.claim import Relationship
from provenance.model.comparison import Relation, Side
from provenance.model.manifest import StatusKind
from tests.unit.stores import SOUND, a_manifest, a_store, an_ingredient, bad, good, status

PLACED = Relationship.COMPONENT_OF
SEALS = {label: f"signature of {label}" for label in "abcdefgh"}


def told(*manifests, seals=SEALS, **more):
    return Told(store=a_store(*manifests, **more), seals=seals)


def chain(*labels):
    pairs = zip(labels, [*labels[1:], None], strict=True)
    return tuple(a_manifest(one, *([an_ingredient(other)] if other else [])) for one, other in pairs)


def ids(steps):
    return [item.id for item in steps]


RELATIONS = {
    "the same": (told(*chain("a", "b")), told(*chain("a", "b")), Relation.SAME, None),
    "the second from the first": (told(*chain("a")), told(*chain("b", "a")), Relation.DERIVED, Side.ONE),
    "the first from the second": (told(*chain("c", "b", "a")), told(*chain("a")), Relation.DERIVED, Side.OTHER),
    "the first in the second": (
        told(*chain("a")), told(a_manifest("b", an_ingredient("a", relationship=PLACED)), a_manifest("a")),
        Relation.DERIVED, Side.ONE,
    ),
    "brothers": (told(*chain("b", "a")), told(*chain("c", "a")), Relation.ORIGIN, None),
    "cousins": (told(*chain("d", "b", "a")), told(*chain("e", "c", "a")), Relation.ORIGIN, None),
    "with one part in common": (
        told(a_manifest("a", an_ingredient("c", relationship=PLACED)), a_manifest("c")),
        told(a_manifest("b", an_ingredient("c", relationship=PLACED)), a_manifest("c")),
        Relation.ANCESTORS, None,
    ),
    "with one part that the other continues": (
        told(a_manifest("a", an_ingredient("c", relationship=PLACED)), a_manifest("c")), told(*chain("b", "c")),
        Relation.ANCESTORS, None,
    ),
    "strangers": (told(*chain("a", "b")), told(*chain("c", "d")), Relation.NOTHING, None),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "relation", "made_from"), RELATIONS.values(), ids=RELATIONS)
def test_a_relation_is_found_and_proved_by_signatures(one, other, relation, made_from):
    found = compare(one, other)
    assert (found.relation, found.made_from) == (relation, made_from)
    assert all(item.is_proved for item in found.shared)
    assert found.is_reliable is (relation is not Relation.NOTHING)


def test_what_each_did_since_is_what_the_other_has_not():
    found = compare(told(*chain("d", "b", "a")), told(*chain("c", "a")))
    assert (ids(found.one_since), ids(found.other_since)) == (["d", "b"], ["c"])
    assert [item.one for item in found.shared] == ["a"]


def test_a_file_of_unknown_provenance_that_went_into_a_common_step_is_nobodys_own():
    shared = a_manifest("a", an_ingredient(None))
    found = compare(
        told(a_manifest("b", an_ingredient("a")), shared), told(a_manifest("c", an_ingredient("a")), shared)
    )
    assert (ids(found.one_since), ids(found.other_since)) == (["b"], ["c"])
    assert [item.one for item in found.shared] == ["a"]


def test_two_files_of_unknown_provenance_are_not_taken_for_one():
    found = compare(told(a_manifest("a", an_ingredient(None))), told(a_manifest("b", an_ingredient(None))))
    assert found.relation is Relation.NOTHING


def test_a_manifest_that_bears_another_label_elsewhere_is_known_by_its_signature():
    renamed = told(*chain("c", "x"), seals=SEALS | {"x": SEALS["a"]})
    found = compare(told(*chain("b", "a")), renamed)
    assert found.relation is Relation.ORIGIN
    assert [(item.one, item.other) for item in found.shared] == [("a", "x")]


def test_a_copied_label_with_another_signature_is_no_common_ancestor():
    found = compare(told(*chain("b", "a")), told(*chain("c", "a"), seals=SEALS | {"a": "forged"}))
    assert (found.relation, found.shared, found.is_reliable) == (Relation.NOTHING, (), False)
    assert "not with the same signature" in found.why_not


@pytest.mark.parametrize("seals", [{}, {"b": SEALS["b"]}])
def test_a_label_alone_proves_nothing(seals):
    found = compare(told(*chain("b", "a"), seals=seals), told(*chain("c", "a")))
    assert (found.relation, found.is_reliable) == (Relation.ORIGIN, False)
    assert not found.shared[0].is_proved
    assert "a label alone can be copied" in found.why_not


UNRELIABLE = {
    "the content was changed": {"statuses": (*good(*SOUND[:2]), *bad("assertion.dataHash.mismatch"))},
    "the signature does not fit": {"statuses": bad("claimSignature.mismatch")},
    "nothing was checked": {"statuses": ()},
    "the content was not checked": {"statuses": good("claimSignature.validated")},
    "the common ancestor is broken": {"deltas": bad("claimSignature.mismatch", label="a")},
    "a step in between is broken": {"deltas": bad("assertion.hashedURI.mismatch", label="b")},
    "a step in between is signed under an expired certificate": {"deltas": bad("signingCredential.expired", label="b")},
}


@pytest.mark.parametrize("more", UNRELIABLE.values(), ids=UNRELIABLE)
@pytest.mark.parametrize("swapped", [False, True])
def test_what_is_not_intact_is_not_relied_on(more, swapped):
    doubtful, sound = told(*chain("d", "b", "a"), **more), told(*chain("c", "a"))
    found = compare(sound, doubtful) if swapped else compare(doubtful, sound)
    assert (found.relation, found.is_reliable) == (Relation.ORIGIN, False)
    assert found.why_not


def test_what_is_broken_elsewhere_does_not_matter():
    one = told(
        a_manifest("b", an_ingredient("a"), an_ingredient("e", relationship=PLACED)), a_manifest("a"), a_manifest("e"),
        deltas=bad("claimSignature.mismatch", label="e"),
    )  # fmt: skip
    assert compare(one, told(*chain("c", "a"))).is_reliable


def test_signers_whom_nobody_vouches_for_are_named():
    vouched = tuple(
        replace(item, uri="self#jumbf=/c2pa/b/c2pa.signature") for item in good("signingCredential.trusted")
    )
    one, other = told(*chain("b", "a")), told(*chain("c", "a"), statuses=good(*SOUND[1:]))
    assert compare(one, other).unverified == ("title of c",)
    assert compare(told(*chain("d", "b", "a"), deltas=vouched), one).unverified == ()
    assert compare(one, one).unverified == ()


def test_without_credentials_nothing_can_be_said():
    found = compare(told(*chain("a")), Told(store=None, why_not="no Content Credentials"))
    assert (found.relation, found.is_reliable) == (Relation.UNKNOWN, False)
    assert found.reason == "B: no Content Credentials"
    assert found.one is not None
    assert found.other is None
    both = compare(Told(store=None), Told(store=None, why_not="kept elsewhere"))
    assert both.reason == "A: no Content Credentials; B: kept elsewhere"


def with_picture(label, data, *parts, gap=None):
    store = a_store(a_manifest(label, *parts, thumbnail=f"of {label}"))
    pictures = {f"of {label}": data} | ({"kept": gap} if gap else {})
    return Told(store=replace(store, thumbnails=pictures), seals=SEALS)


def test_the_same_thumbnail_makes_files_possibly_the_same_and_no_more():
    gap = an_ingredient(None, thumbnail="kept")
    found = compare(with_picture("a", b"picture"), with_picture("b", b"other", gap, gap=b"picture"))
    assert found.relation is Relation.NOTHING
    (like,) = found.possibly
    assert (like.one, like.other) == ("a", "b/c2pa.ingredient.v3/0")
    assert compare(with_picture("a", b"picture"), with_picture("b", b"other")).possibly == ()


def test_steps_without_thumbnails_are_not_alike():
    assert compare(told(*chain("a")), told(*chain("b"))).possibly == ()


def test_histories_in_circles_are_compared_all_the_same():
    ring = (a_manifest("b", an_ingredient("a")), a_manifest("a", an_ingredient("b")))
    found = compare(told(*ring), told(*chain("c", "a")))
    assert found.relation is Relation.ORIGIN


def test_what_is_only_informational_makes_nothing_unreliable():
    note = status("ingredient.unknownProvenance", StatusKind.INFORMATIONAL)
    assert compare(told(*chain("b", "a"), deltas=(note,)), told(*chain("c", "a"))).is_reliable
