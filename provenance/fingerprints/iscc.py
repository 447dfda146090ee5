"""The Image-Code of ISO 24138: 256 bits from the lower frequencies of a small grey picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PIL import ExifTags, Image, ImageOps

if TYPE_CHECKING:
    Picture = Image.Image
    Box = tuple[int, int, int, int]
    """Left, top, right and bottom in pixels."""

BITS = 256
SIDE = 32
"""Pixels of the picture that the frequencies are taken of."""
_WHITE = (255, 255, 255)
_TOLERANCE = 16
"""Levels of one colour by which a border may differ from the upper left pixel, as in iscc-sdk since 0.9.7."""
_PASSES = 16
"""Borders within borders that are cut off at most."""
_CONTENT, _IMAGE, _VERSION = 2, 1, 0


def code(picture: Picture) -> bytes:
    """Return the Image-Code of a picture: 32 bytes, the same as iscc-sdk has them with its usual settings.

    Raises what decoders raise.
    """
    return of_grey(trimmed(opaque(picture)).convert("L"))


def of_grey(picture: Picture) -> bytes:
    """Return the Image-Code of a grey picture ("L") as it stands."""
    from iscc_lib import gen_image_code_v0, iscc_decode  # noqa: PLC0415 -- an extra

    small = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return iscc_decode(gen_image_code_v0(small.tobytes(), bits=BITS).iscc)[4]


def text(value: bytes) -> str:
    """Write an Image-Code as people exchange it: `ISCC:` and base32."""
    from iscc_lib import encode_component  # noqa: PLC0415 -- an extra

    return "ISCC:" + encode_component(_CONTENT, _IMAGE, _VERSION, 8 * len(value), value)


def opaque(picture: Picture) -> Picture:
    """Return a picture upright and in RGB, on white where it is transparent; the frame that it stands at.

    It is the picture itself where that is so already: large ones are not copied for nothing.
    """
    picture.load()
    turned = picture.getexif().get(ExifTags.Base.Orientation, 1) != 1
    upright = ImageOps.exif_transpose(picture) if turned else picture
    if upright.mode == "RGB":
        return upright
    if upright.mode == "P" and "transparency" in upright.info:
        upright = upright.convert("RGBA")
    if upright.mode not in {"RGBA", "LA"}:
        return (_in_eight_bits(upright) if upright.mode[0] in "IF" else upright).convert("RGB")
    ground = Image.new("RGB", upright.size, _WHITE)
    ground.paste(upright, mask=upright.getchannel("A"))
    return ground


def _in_eight_bits(picture: Picture) -> Picture:
    """Bring deep greys down to 256 levels, where iscc-sdk makes all but the darkest white."""
    if picture.mode.startswith("I;16"):
        return picture.point(lambda level: level * (1 / 257)).convert("L")
    low, high = cast("tuple[float, float]", picture.getextrema())
    scale = 255 / (high - low) if high > low else 0
    return picture.point(lambda level: level * scale - low * scale).convert("L")


def trimmed(picture: Picture) -> Picture:
    """Cut off borders of nearly one colour, one within the other, from a picture in RGB.

    What would go from one side only must be flatter than that, or skies went.
    """
    for _ in range(_PASSES):
        box = _inside(picture, _TOLERANCE)
        whole = (0, 0, *picture.size)
        if box is None or box == whole:
            break
        cut = sum(one != two for one, two in zip(box, whole, strict=True))
        if cut == 1 and _inside(picture, _TOLERANCE // 2) != box:
            break
        picture = picture.crop(box)
    return picture


def _inside(picture: Picture, tolerance: int) -> Box | None:
    """Find the box around all that differs from the upper left pixel; None where nothing does."""
    corner = cast("tuple[int, int, int]", picture.getpixel((0, 0)))
    table = [255 * (abs(level - own) > tolerance) for own in corner for level in range(256)]
    width, height = picture.size
    # most pictures have no border: then something differs on each of the four outermost lines, and all is said
    lines = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    if all(picture.crop(line).point(table).getbbox() for line in lines):
        return 0, 0, width, height
    return picture.point(table).getbbox()
