"""Small media files with metadata, made by Pillow and piexif or byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import piexif
from PIL import Image

VECTORS = Path(__file__).resolve().parents[4] / "shared" / "vectors"

LATITUDE = ((48, 1), (12, 1), (29_4276, 10_000))
LONGITUDE = ((16, 1), (22, 1), (15_6, 10))
GPS = {
    piexif.GPSIFD.GPSVersionID: (2, 3, 0, 0),
    piexif.GPSIFD.GPSLatitudeRef: b"N",
    piexif.GPSIFD.GPSLatitude: LATITUDE,
    piexif.GPSIFD.GPSLongitudeRef: b"W",
    piexif.GPSIFD.GPSLongitude: LONGITUDE,
    piexif.GPSIFD.GPSAltitudeRef: 1,
    piexif.GPSIFD.GPSAltitude: (1234, 10),
}
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LOCATED_XMP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:drone="http://www.dji.com/drone-dji/1.0/"
  exif:GPSLatitude="48,12.490460N" exif:GPSMapDatum='a "quoted" > datum' drone:GpsLongtitude="+16.37"
  exif:FNumber="28/10">
 <exif:GPSLongitude>16,22.26E</exif:GPSLongitude>
 <exif:GPSAltitude xml:lang="x-default"/>
 <!-- <exif:GPSLatitude> in a comment -->
 <dc:title><rdf:Alt><rdf:li xml:lang="de">Größe</rdf:li><rdf:li xml:lang="x-default">Size</rdf:li></rdf:Alt></dc:title>
 <dc:creator><rdf:Seq><rdf:li>Zoë Ōta</rdf:li><rdf:li>李雷</rdf:li></rdf:Seq></dc:creator>
 <Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li rdf:parseType="Resource">
  <Iptc4xmpExt:City>Wien</Iptc4xmpExt:City><exif:GPSLatitude>48,12N</exif:GPSLatitude>
 </rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def exif(*, gps: dict | None = None, main: dict | None = None, sub: dict | None = None) -> bytes:
    """Return EXIF with the header of JPEG."""
    first = {piexif.ImageIFD.Make: b"Maker", piexif.ImageIFD.Model: b"Model 1", **(main or {})}
    return piexif.dump({"0th": first, "Exif": sub or {}, "GPS": gps or {}})


def picture(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """Return a picture with something to see."""
    return Image.linear_gradient("L").resize(size).convert(mode)


def saved(form: str, *, exif_bytes: bytes = b"", xmp: bytes = b"", **options: object) -> bytes:
    """Return the picture in a format that Pillow writes, with this metadata."""
    out = io.BytesIO()
    if form == "PNG" and xmp:
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=bool(options.pop("compressed", False)))
        picture().save(out, form, exif=exif_bytes, pnginfo=info)
    elif form == "TIFF":
        image = Image.Exif()
        image.load(exif_bytes)
        image[0x02BC] = xmp
        picture().save(out, form, exif=image)
    else:
        picture().save(out, form, **({"exif": exif_bytes} | ({"xmp": xmp} if xmp else {}) | options))
    return out.getvalue()


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return an ISO box."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def jxl(*boxes: bytes) -> bytes:
    """Return a JPEG XL container with these boxes (and no picture)."""
    return box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ") + b"".join(boxes)


def heif(exif_bytes: bytes, xmp: bytes, *, method: int = 0) -> bytes:
    """Return a HEIF file with an Exif and an XMP item (and no picture), in the file or in the item data box."""
    payloads = [struct.pack(">I", 6) + exif_bytes, xmp]
    entries = (
        box(b"infe", b"\2\0\0\0\0\1\0\0Exif\0"),
        box(b"infe", b"\2\0\0\0\0\2\0\0mime\0application/rdf+xml\0"),
    )
    iinf = box(b"iinf", b"\0\0\0\0\0\2", *entries)
    ftyp = box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(first: int) -> bytes:
        places = b"".join(
            struct.pack(">HHHHII", index + 1, method, 0, 1, at, len(payload))
            for index, (at, payload) in enumerate(zip((first, first + len(payloads[0])), payloads, strict=True))
        )
        iloc = box(b"iloc", b"\1\0\0\0\x44\0", struct.pack(">H", 2), places)
        idat = box(b"idat", *payloads) if method == 1 else b""
        return box(b"meta", b"\0\0\0\0", iinf, iloc, idat)

    if method == 1:
        return ftyp + meta(0)
    return ftyp + meta(len(ftyp) + len(meta(0)) + 8) + box(b"mdat", *payloads)


def movie(*user_data: bytes, boxes: bytes = b"") -> bytes:
    """Return an MP4 with this user data (and no track)."""
    return box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", box(b"udta", *user_data), boxes) + box(b"mdat", b"\0" * 9)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Return a PNG chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(png: bytes, kind: bytes, body: bytes) -> bytes:
    """Return the PNG with a chunk behind its header."""
    return png[:33] + png_chunk(kind, body) + png[33:]


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """Return the JPEG with a segment behind its start."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + jpeg[2:]


def dataset(record: int, number: int, value: bytes) -> bytes:
    """Return a dataset of IPTC-IIM."""
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


def resource(number: int, body: bytes) -> bytes:
    """Return a Photoshop image resource."""
    return struct.pack(">4sHHI", b"8BIM", number, 0, len(body)) + body + b"\0" * (len(body) % 2)


def with_iptc(jpeg: bytes, *datasets: bytes, digest: bytes = b"") -> bytes:
    """Return the JPEG with an IPTC block, and the digest that it once had."""
    resources = resource(0x0404, b"".join(datasets)) + (resource(0x0425, digest) if digest else b"")
    return with_segment(jpeg, 0xED, b"Photoshop 3.0\0" + resources)


def xmp(properties: str) -> bytes:
    """Return an XMP packet with these elements."""
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
    )
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about="" {spaces}>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()
