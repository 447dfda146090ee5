"""Every kind of place where a value may be left behind: planted, found, refused, and gone or accepted in the end."""

from __future__ import annotations

import io
import tempfile
from dataclasses import replace
from datetime import UTC, datetime

import piexif
import pytest

from provenance import Algorithm, Assertion, MetadataLevel, Preset, SigningOptions, Workspace
from provenance.claims import RedactionOptions
from provenance.errors import LeftBehind
from provenance.model.claim import Action, Generator
from provenance.model.redaction import Hiding, Reason
from provenance.settings import Settings
from tests.flows import redaction_lab as lab
from tests.flows.redaction_lab import AUTHOR
from tests.support import media
from tests.unit.metadata import samples

CREATOR = f"<dc:creator><rdf:Seq><rdf:li>{AUTHOR}</rdf:li></rdf:Seq></dc:creator>"
ADDRESS = samples.xmp("").replace(
    b'rdf:about=""', b'rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" '
    b'dcterms:provenance="https://example.com/photo.c2pa"'
)  # fmt: skip
CREATED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"


def exif(space):
    return lab.capture(space, lab.jpeg(artist=AUTHOR))


def exif_of_a_second_picture(space):
    return lab.capture(space, media.jpeg() + lab.jpeg(artist=AUTHOR))


def exif_under_another_name(space):
    source = io.BytesIO()
    told = {"0th": {piexif.ImageIFD.ImageDescription: f"Bridge, by {AUTHOR}".encode()}}
    media.picture().save(source, "JPEG", exif=piexif.dump(told))
    return lab.capture(space, source.getvalue(), metadata=MetadataLevel.NONE)


def xmp(space):
    return lab.capture(space, lab.jpeg(xmp=samples.xmp(CREATOR)))


def iptc(space):
    return lab.capture(space, samples.with_iptc(media.jpeg(), samples.dataset(2, 80, AUTHOR.encode())))


def text(space):
    return lab.capture(space, lab.png(Author=AUTHOR))


def place(space):
    film = lab.film_with_place(media.make("mp4"))
    return space.sign(film, options=SigningOptions(preset=Preset.CAPTURE, assertions=(lab.PLACE,))).data


def assertion(space):
    note = Assertion(label="org.example.note", data={"deep": [{"remark": f"taken by {AUTHOR.upper()}, with care"}]})
    return lab.capture(space, media.jpeg(), assertions=(note,))


def number_in_an_assertion(space):
    """Not under a name that tells of a place, and rounded."""
    note = Assertion(label="org.example.note", data={"text": "near 52.52, 13.42 at noon"})
    return space.sign(media.jpeg(), options=SigningOptions(preset=Preset.CAPTURE, assertions=(lab.PLACE, note))).data


def action(space):
    described = Action(name="c2pa.created", source_type=CREATED, description=f"by {AUTHOR}")
    return lab.signed(space, media.jpeg(), actions=(described,))


def ingredient(space):
    part = lab.unknown_ingredient(f"given by {AUTHOR}")
    steps = (Action(name="c2pa.created", source_type=CREATED), Action(name="c2pa.placed", ingredients=("part",)))
    return lab.signed(space, media.jpeg(), actions=steps, ingredients=(part,))


def title(space):
    return lab.capture(space, media.jpeg(), title=f"Portrait of {AUTHOR}")


def thumbnail_with_metadata(space):
    return lab.signed(space, media.jpeg(), thumbnail=lab.thumbnail(lab.jpeg(artist=AUTHOR, size=(80, 60))))


def thumbnail_before_cropping(space):
    original = lab.capture(space, lab.jpeg(), thumbnail=64)
    options = SigningOptions(preset=Preset.EDIT, parent=original, actions=("cropped",), thumbnail=None)
    return space.sign(lab.jpeg(size=(60, 60)), options=options).data


def thumbnail_of_another_shape(space):
    """Nobody says that it was cropped, but it was."""
    original = lab.capture(space, lab.jpeg(), thumbnail=64)
    options = SigningOptions(preset=Preset.EDIT, parent=original, thumbnail=None)
    return space.sign(lab.jpeg(size=(60, 60)), options=options).data


def preview_before_cropping(space):
    original = lab.capture(space, lab.jpeg())
    options = SigningOptions(preset=Preset.EDIT, parent=original, actions=("cropped",), thumbnail=None)
    small = lab.jpeg(size=(80, 60))
    return space.sign(lab.jpeg(size=(60, 60), preview=small), options=options).data


def signer(space):
    with tempfile.TemporaryDirectory() as home:
        other = Workspace(Settings(home=home))
        other.identities.create(AUTHOR, algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC))
        return lab.signed(space, media.jpeg(), signer=other.signer())


def store(space):
    return lab.signed(space, media.jpeg(), generator=Generator(name=f"The camera of {AUTHOR}"))


def remote(space):
    return lab.signed(space, lab.jpeg(xmp=ADDRESS))


def comment(space):
    return lab.capture(space, lab.with_segment(media.jpeg(), 0xFE, f"by {AUTHOR}".encode()))


def behind_the_end(space):
    return lab.capture(space, media.jpeg() + AUTHOR.encode("utf-16-le"))


ERASED, TOO = {"erase": True}, {"fields": ("author", "thumbnail")}
CASES = {
    "exif": (exif, Hiding.EXIF, AUTHOR, ERASED),
    "exif of a second picture": (exif_of_a_second_picture, Hiding.EXIF, AUTHOR, ERASED),
    "another property": (
        exif_under_another_name,
        Hiding.EXIF,
        "Bridge, by",
        {"fields": ("author", "caption")} | ERASED,
    ),
    "xmp": (xmp, Hiding.XMP, AUTHOR, ERASED),
    "iptc": (iptc, Hiding.IPTC, AUTHOR, ERASED),
    "text chunk": (text, Hiding.TEXT, AUTHOR, ERASED),
    "place atom": (place, Hiding.PLACE, "coordinates", None),
    "assertion": (assertion, Hiding.ASSERTION, AUTHOR.upper(), {"assertions": ("org.example.note",)}),
    "rounded number": (number_in_an_assertion, Hiding.ASSERTION, "52.52", {"assertions": ("org.example.note",)}),
    "action": (action, Hiding.ACTION, AUTHOR, None),
    "ingredient": (ingredient, Hiding.INGREDIENT, AUTHOR, None),
    "title": (title, Hiding.TITLE, AUTHOR, None),
    "thumbnail with metadata": (thumbnail_with_metadata, Hiding.THUMBNAIL, AUTHOR, TOO),
    "thumbnail before cropping": (thumbnail_before_cropping, Hiding.THUMBNAIL, "older than a cropping", TOO),
    "thumbnail of another shape": (thumbnail_of_another_shape, Hiding.THUMBNAIL, "shaped otherwise", TOO),
    "preview before cropping": (preview_before_cropping, Hiding.THUMBNAIL, "has a cropping", TOO | ERASED),
    "signer": (signer, Hiding.SIGNER, AUTHOR, None),
    "store": (store, Hiding.STORE, AUTHOR, None),
    "address": (remote, Hiding.REMOTE, "https://example.com/photo.c2pa", ERASED),
    "comment": (comment, Hiding.BYTES, AUTHOR, None),
    "behind the end": (behind_the_end, Hiding.BYTES, AUTHOR, None),
}
"""What is planted, where it is found, what is told of it, and which options are a way out besides accepting it."""


@pytest.mark.parametrize(("plant", "hiding", "told", "fix"), CASES.values(), ids=CASES)
def test_what_would_be_left_behind_is_refused_until_it_is_gone_or_accepted(plant, hiding, told, fix, workspace):
    source = plant(workspace)
    options = RedactionOptions(fields=("gps",) if b"org.example.place" in source else ("author",))
    with pytest.raises(LeftBehind) as caught:
        workspace.redact(source, options=options)
    assert {item.hiding for item in caught.value.leaks} == {hiding}
    assert any(told in item.what for item in caught.value.leaks)
    assert all(item.where in str(caught.value) and item.remedy in str(caught.value) for item in caught.value.leaks)
    assert caught.value.exit_code == 6

    accepted = workspace.redact(source, options=replace(options, leave=(hiding.value,)))
    assert {item.hiding for item in accepted.left} == {hiding}

    if fix is not None:
        done = workspace.redact(source, options=replace(options, **fix))
        assert done.left == ()
        assert AUTHOR.encode() not in done.signed.data


def test_nothing_else_is_found_where_nothing_was_planted(workspace):
    done = workspace.redact(lab.capture(workspace, media.jpeg()), options=RedactionOptions(fields=("author",)))
    assert done.left == ()
    assert [item.label for item in done.gone] == ["cawg.metadata"]


def test_every_kind_of_place_has_a_case():
    assert {hiding for _, hiding, _, _ in CASES.values()} == set(Hiding)


def test_the_name_of_the_file_does_not_tell_it_anew(workspace, tmp_path):
    path = tmp_path / "zoe_mueller-zoe_muller.jpg"
    path.write_bytes(lab.capture(workspace, media.jpeg()))
    with pytest.raises(LeftBehind, match="--title TEXT"):
        workspace.redact(path, options=RedactionOptions(fields=("author",)))
    done = workspace.redact(path, options=RedactionOptions(fields=("author",), title="Portrait"))
    assert done.left == ()
    assert done.signed.store.active_manifest.title == "Portrait"
    assert b"zoe_mu" not in done.signed.path.read_bytes()


def test_what_is_stated_again_does_not_tell_it_anew(workspace):
    source = lab.capture(workspace, lab.jpeg(), title=None)
    again = workspace.sign(
        source,
        options=SigningOptions(
            assertions=(
                Assertion(
                    label="cawg.metadata",
                    data={
                        "@context": {"dc": "http://purl.org/dc/elements/1.1/"},
                        "dc:creator": AUTHOR,
                        "dc:description": f"{AUTHOR} on the bridge",
                    },
                ),
            )
        ),
    ).data
    options = RedactionOptions(fields=("author",), keep_rest=True)
    with pytest.raises(LeftBehind, match="--keep-rest"):
        workspace.redact(again, options=options)
    assert workspace.redact(again, options=replace(options, fields=("author", "caption"))).left == ()


def test_other_reasons_do_not_ask_for_older_pictures(workspace):
    source = thumbnail_before_cropping(workspace)
    options = RedactionOptions(fields=("author",), reason=Reason.TRADE_SECRET)
    assert workspace.redact(source, options=options).left == ()
