from __future__ import annotations

import pytest

from provenance.claims.fields import FIELDS, NEEDED, covering, field
from provenance.errors import InvalidClaim
from provenance.metadata import exif, iptc

COVERED = {
    "gps": ("exif:GPSLatitude", "EXIF:GPSLatitude", "http://ns.adobe.com/exif/1.0/GPSLongitude", "drone:GpsLongtitude",
            "latitude", "geo:lat", "exif:GPSAltitude", "exif:GPSProcessingMethod"),
    "place": ("photoshop:City", "Iptc4xmpCore:Location", "Iptc4xmpExt:LocationCreated", "exif:GPSLatitude", "city",
              "Iptc4xmpExt:WorldRegion"),
    "author": ("dc:creator", "tiff:Artist", "exifEX:Photographer", "author", "Iptc4xmpCore:CiEmailWork",
               "schema:author", "plus:ImageCreatorName"),
    "owner": ("exifEX:CameraOwnerName", "aux:OwnerName", "xmpRights:Owner", "copyrightHolder"),
    "serial": ("exifEX:BodySerialNumber", "aux:LensSerialNumber", "MicrosoftPhoto:CameraSerialNumber",
               "exif:ImageUniqueID", "exif:MakerNote", "serialNumber"),
    "device": ("tiff:Make", "tiff:Model", "exif:Model", "exifEX:LensModel", "aux:Lens", "exif:MakerNote"),
    "software": ("tiff:Software", "xmp:CreatorTool", "stEvt:softwareAgent", "exifEX:RAWDevelopingSoftware"),
    "captured": ("exif:DateTimeOriginal", "xmp:CreateDate", "photoshop:DateCreated", "exif:GPSTimeStamp"),
    "title": ("dc:title", "photoshop:Headline", "exifEX:ImageTitle"),
    "caption": ("dc:description", "tiff:ImageDescription", "exif:UserComment", "Iptc4xmpCore:AltTextAccessibility"),
    "keywords": ("dc:subject", "pdf:Keywords", "lr:hierarchicalSubject"),
    "credit": ("photoshop:Credit", "photoshop:Source", "dc:source"),
    "rights": ("dc:rights", "tiff:Copyright", "xmpRights:UsageTerms", "copyrightNotice"),
    "ids": ("xmpMM:DocumentID", "xmpMM:OriginalDocumentID", "exif:ImageUniqueID"),
    "thumbnail": ("xmp:Thumbnails", "exif:Thumbnail"),
}  # fmt: skip
NOT = {
    "gps": ("exif:GPSVersionID", "photoshop:City", "long", "alt", "plus:ImageAlt", "value"),
    "place": ("state", "exif:FNumber"),
    "author": ("name", "authority", "dc:contributor"),
    "owner": ("owner", "dc:creator"),
    "device": ("modelName", "model", "make"),
    "credit": ("source",),
    "title": ("titles", "subtitle"),
    "captured": ("xmp:ModifyDate", "when"),
}
TECHNICAL = {
    "exif:ExposureTime", "exif:FNumber", "exif:ExposureProgram", "exif:ISOSpeedRatings", "exif:ExifVersion",
    "exif:ShutterSpeedValue", "exif:ApertureValue", "exif:BrightnessValue", "exif:ExposureBiasValue",
    "exif:MaxApertureValue", "exif:SubjectDistance", "exif:MeteringMode", "exif:LightSource", "exif:FocalLength",
    "exif:ColorSpace", "exif:PixelXDimension", "exif:PixelYDimension", "exif:ExposureIndex", "exif:SensingMethod",
    "exif:CustomRendered", "exif:ExposureMode", "exif:WhiteBalance", "exif:DigitalZoomRatio",
    "exif:FocalLengthIn35mmFilm", "exif:SceneCaptureType", "exifEX:CompositeImage", "tiff:Orientation",
    "photoshop:Instructions", "photoshop:TransmissionReference",
}  # fmt: skip
"""What is read and nobody would be found by."""


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_covers_its_properties_and_no_others(name):
    assert [item for item in COVERED[name] if not FIELDS[name].covers(item)] == []
    assert [item for item in NOT.get(name, ()) if FIELDS[name].covers(item)] == []


def test_every_property_that_is_read_and_tells_something_belongs_to_a_field():
    names = {*exif.NAMES.values(), *exif.GPS_NAMES.values(), *iptc.NAMES.values()}
    assert {name for name in names if covering(FIELDS.values(), name) is None} == TECHNICAL


def test_what_a_picture_needs_to_be_shown_belongs_to_no_field():
    assert [name for name in NEEDED if covering(FIELDS.values(), name)] == []


@pytest.mark.parametrize("given", ["gps", "GPS", " gps "])
def test_a_field_is_found_by_its_name(given):
    assert field(given) is FIELDS["gps"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [("gsp", "gps"), ("location", "gps"), ("artist", "author"), ("serial number", "serial"), ("autor", "author"),
     ("camera", "device"), ("date", "captured"), ("copyright", "rights"), ("preview", "thumbnail"), ("citty", "place")],
)  # fmt: skip
def test_another_name_is_answered_with_the_right_one(given, meant):
    with pytest.raises(InvalidClaim) as caught:
        field(given)
    assert repr(meant) in caught.value.hint


def test_a_name_like_nothing_is_answered_with_all_of_them():
    with pytest.raises(InvalidClaim) as caught:
        field("xyzzy")
    assert all(name in caught.value.hint for name in FIELDS)
