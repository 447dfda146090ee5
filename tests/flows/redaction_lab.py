"""Files whose history tells something that is to go, and says it again somewhere else."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import piexif
from PIL.PngImagePlugin import PngInfo

from provenance import Assertion, Preset, SigningOptions, signing
from provenance.model.claim import Action, Claim, Generator, Ingredient, Relationship
from provenance.model.media import Thumbnail
from provenance.model.ports import Seal
from provenance.storage import open_source
from tests.support import media

AUTHOR = "Zoë Müller"
LATITUDE, LONGITUDE = "52,31.20566667N", "13,24.94633333E"
PLACE = Assertion(
    label="org.example.place", data={"exif:GPSLatitude": LATITUDE, "exif:GPSLongitude": LONGITUDE, "kept": "a remark"}
)
CAPTURE = SigningOptions(preset=Preset.CAPTURE, author=AUTHOR, thumbnail=None)
"""States the author in `cawg.metadata`."""


def capture(workspace, data, **more):
    """Sign a capture by this author and return the file."""
    return workspace.sign(data, options=replace(CAPTURE, **more)).data


def signed(workspace, data, *, signer=None, **more):
    """Sign a claim that the presets would not make: with any generator, thumbnail, actions and ingredients."""
    asset = open_source(data)
    found = signing.look(asset, trust=workspace.trust, allow_broken=True)
    created = Action(name="c2pa.created", source_type="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture")
    told = {
        "title": "photo.jpg", "actions": (created,), "generator": Generator(name="camera"),
        "all_actions_included": True,
        "assertions": (
            Assertion(
                label="cawg.metadata",
                data={"@context": {"dc": "http://purl.org/dc/elements/1.1/"}, "dc:creator": [AUTHOR]},
            ),
        ),
    } | more  # fmt: skip
    delivery = signing.plan(asset, None, SigningOptions(), overwrite=False, changed=False)
    seal = Seal(signer=signer or workspace.signer())
    done = signing.sign(asset, Claim(**told), media=found.media, seal=seal, trust=workspace.trust, delivery=delivery)
    return done.data


def jpeg(*, artist=None, gps=False, xmp=b"", size=media.SIZE, preview=b""):
    """Make a JPEG with an author or a place in its EXIF, XMP as given, and a preview."""
    blocks = {"0th": {piexif.ImageIFD.Artist: artist.encode()} if artist else {}}
    if gps:
        blocks |= {"GPS": piexif.load(media.exif_block())["GPS"]}
    if preview:
        blocks |= {"thumbnail": preview, "1st": {piexif.ImageIFD.Compression: 6}}
    out = io.BytesIO()
    options = {"exif": piexif.dump(blocks)} | ({"xmp": xmp} if xmp else {})
    media.picture().resize(size).save(out, "JPEG", quality=90, **options)
    return out.getvalue()


def png(**texts):
    """Make a PNG with text chunks."""
    info = PngInfo()
    for name, text in texts.items():
        info.add_itxt(name, text)
    out = io.BytesIO()
    media.picture().save(out, "PNG", pnginfo=info)
    return out.getvalue()


def with_segment(data, marker, body):
    """Return the JPEG with a segment behind its start."""
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + data[2:]


def thumbnail(data):
    """Make a thumbnail of bytes that are a JPEG."""
    return Thumbnail(media_type="image/jpeg", data=data)


def unknown_ingredient(note):
    """Make an ingredient that says something about itself."""
    return Ingredient(
        id="part", title="part.jpg", media_type="image/jpeg", relationship=Relationship.COMPONENT_OF, note=note
    )


def film_with_place(data):
    """Return an MP4 that tells a place in an atom of its own."""
    film = bytearray(data)
    at = film.index(b"udta") - 4
    place = b"\x00\x00\x00\x1e\xa9xyz\x00\x12\x15\xc7+52.5201+013.4158/"
    for box in (at, film.index(b"moov") - 4):
        size = int.from_bytes(film[box : box + 4], "big")
        film[box : box + 4] = (size + len(place)).to_bytes(4, "big")
    film[at + int.from_bytes(film[at : at + 4], "big") - len(place) : 0] = b""
    size = int.from_bytes(film[at : at + 4], "big") - len(place)
    film[at + size : at + size] = place
    return bytes(film)
