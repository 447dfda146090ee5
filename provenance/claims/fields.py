"""Fields by the names that people use, and the properties behind them in assertions, EXIF, IPTC and XMP.

Properties go by their XMP names, under which `provenance.metadata` reads EXIF and IPTC too (Exif metadata for XMP, CIPA
DC-010; IPTC Photo Metadata Standard, IIM mapping). Old assertions write `EXIF:` and `exif:`, so that case is no matter.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.errors import InvalidClaim

if TYPE_CHECKING:
    from collections.abc import Iterable

_LOCAL = re.compile(r"[^/#:]*\Z")
_COORDINATES = r"gps(?!versionid\Z)\w*|\w*(?:latitude|longitude|longtitude|altitude)|lat|long?|lng|alt|iso6709"
_PLAIN_COORDINATES = r"gps\w*|\w*(?:latitude|longitude|altitude)|lat|lon|lng|geo|geocoordinates|iso6709"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What one name stands for."""

    name: str
    about: str
    """In words."""
    properties: frozenset[str] = frozenset()
    """XMP names in lower case."""
    pattern: str = ""
    """A regular expression for local names (lower case), whatever their namespace: makers of devices have their own."""
    plain: str = ""
    """The same for names without any namespace, where they mean this wherever they stand."""
    labels: tuple[str, ...] = ()
    """Assertions that go whole, by the beginning of their label."""

    def covers(self, name: str) -> bool:
        """Say whether a property belongs to this field; names may be XMP names, URIs or plain keys."""
        lowered = name.strip().lower()
        match = _LOCAL.search(lowered)
        local = match[0] if match else lowered
        pattern = self.plain if local == lowered else self.pattern
        return lowered in self.properties or bool(pattern and re.fullmatch(pattern, local))


def _field(name: str, about: str, *properties: str, pattern: str, plain: str) -> Field:
    lowered = frozenset(item.lower() for item in properties)
    labels = ("c2pa.thumbnail",) if name == "thumbnail" else ()
    return Field(name=name, about=about, properties=lowered, pattern=pattern, plain=plain, labels=labels)


FIELDS = {
    item.name: item
    for item in (
        _field("gps", "the coordinates of the place", pattern=_COORDINATES, plain=_PLAIN_COORDINATES),
        _field(
            "place",
            "the place: its coordinates and its names",
            "photoshop:City", "photoshop:State", "photoshop:Country",
            pattern=rf"{_COORDINATES}|location\w*|sublocation|city|provincestate|country\w*|worldregion",
            plain=rf"{_PLAIN_COORDINATES}|location(?:created|shown|name)?|sublocation|city|country\w*",
        ),
        _field(
            "author",
            "who made it",
            "dc:creator", "tiff:Artist", "photoshop:AuthorsPosition", "photoshop:CaptionWriter", "cc:attributionName",
            pattern=r"author|creator|artist|photographer|byline|imageeditor|imagecreator\w*|creatorcontactinfo"
            r"|ci(?:adr|email|tel|url)\w*",
            plain=r"author|creator|artist|photographer|byline",
        ),
        _field(
            "owner",
            "who owns the camera or the rights",
            "xmpRights:Owner",
            pattern=r"(?:camera)?ownername|copyrightholder|copyrightowner\w*",
            plain=r"(?:camera)?ownername|copyrightholder|copyrightowner",
        ),
        _field(
            "serial",
            "serial numbers of camera and lens",
            pattern=r"\w*serialnumber|imageuniqueid|internalserial\w*|makernotes?",
            plain=r"\w*serialnumber|imageuniqueid",
        ),
        _field(
            "device",
            "the camera and the lens",
            "tiff:Make", "tiff:Model", "exif:Make", "exif:Model", "aux:Lens",
            pattern=r"lens(?:info|id|make|model|specification)|(?:camera)?firmware|(?:unique|localized)cameramodel"
            r"|makernotes?",
            plain=r"lens(?:make|model)|cameramodel",
        ),
        _field(
            "software",
            "the programs that were used",
            "pdf:Producer",
            pattern=r"\w*software|softwareagent|creatortool",
            plain=r"software|softwareagent|creatortool",
        ),
        _field(
            "captured",
            "when it was taken",
            "exif:GPSTimeStamp", "exif:GPSDateStamp",
            pattern=r"datetime(?:original|digitized)|datecreated|createdate|(?:sub)?sectime(?:original|digitized)"
            r"|offsettime(?:original|digitized)|digitalcreationdate",
            plain=r"datetimeoriginal|datecreated|createdate",
        ),
        _field(
            "title",
            "the title",
            pattern=r"title|imagetitle|headline|objectname",
            plain=r"title|headline",
        ),
        _field(
            "caption",
            "the description",
            pattern=r"description|imagedescription|caption|usercomment|alttextaccessibility|extdescraccessibility",
            plain=r"description|caption|usercomment",
        ),
        _field("keywords", "the keywords", "dc:subject", pattern=r"keywords|hierarchicalsubject", plain="keywords"),
        _field(
            "credit",
            "the credit line and the source",
            "photoshop:Source", "dc:source",
            pattern=r"credit|creditline",
            plain=r"credit|creditline",
        ),
        _field(
            "rights",
            "copyright and terms of use",
            pattern=r"rights|copyright|copyrightnotice|usageterms|webstatement|copyrightholder",
            plain=r"copyright|copyrightnotice|usageterms|copyrightholder",
        ),
        _field(
            "ids",
            "identifiers of the document",
            pattern=r"(?:original)?documentid|instanceid|imageuniqueid|digitalimageguid",
            plain=r"documentid",
        ),
        _field("thumbnail", "small pictures of it", pattern=r"thumbnails?", plain=r"thumbnails?"),
    )
}  # fmt: skip
"""In the order in which they are listed for people."""

_ALSO = {
    "location": "gps", "coordinates": "gps", "latitude": "gps", "longitude": "gps", "position": "gps",
    "city": "place", "country": "place", "address": "place",
    "creator": "author", "artist": "author", "photographer": "author", "byline": "author", "name": "author",
    "serialnumber": "serial", "camera": "device", "lens": "device", "model": "device", "make": "device",
    "date": "captured", "time": "captured", "datetime": "captured", "when": "captured",
    "description": "caption", "headline": "title", "tags": "keywords", "subject": "keywords",
    "copyright": "rights", "licence": "rights", "license": "rights", "preview": "thumbnail", "picture": "thumbnail",
}  # fmt: skip
"""Other words for them, only to suggest the right one."""

NEEDED = frozenset(
    {
        "tiff:orientation", "exif:colorspace", "exif:pixelxdimension", "exif:pixelydimension", "exif:exifversion",
        "tiff:imagewidth", "tiff:imagelength", "tiff:xresolution", "tiff:yresolution", "tiff:resolutionunit",
        "tiff:bitspersample", "tiff:compression", "tiff:photometricinterpretation", "tiff:samplesperpixel",
        "tiff:planarconfiguration", "tiff:ycbcrpositioning", "tiff:ycbcrsubsampling", "exif:flashpixversion",
        "exif:componentsconfiguration",
    }
)  # fmt: skip
"""What a picture needs to be shown as it was: never erased, and nothing that anybody would be found by."""


def field(name: str) -> Field:
    """Return a field by its name.

    Raises `InvalidClaim` with the nearest names.
    """
    plain = name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    if plain in FIELDS:
        return FIELDS[plain]
    near = [_ALSO[plain]] if plain in _ALSO else []
    near += [_ALSO.get(item, item) for item in difflib.get_close_matches(plain, [*FIELDS, *_ALSO], n=3, cutoff=0.6)]
    hint = f"known are {', '.join(FIELDS)}"
    if near:
        hint = "did you mean " + " or ".join(repr(item) for item in dict.fromkeys(near)) + "?"
    raise InvalidClaim(f"there is no field {name!r}", hint=hint)


def covering(fields: Iterable[Field], name: str) -> Field | None:
    """Return the first of these fields that a property belongs to."""
    return next((item for item in fields if item.covers(name)), None)
