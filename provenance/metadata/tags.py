"""Fields of EXIF, datasets of IPTC and text chunks of PNG that can be erased, under their XMP names.

Sources: Exif 3.0 (CIPA DC-008) and DNG 1.7 for the tags; IPTC Photo Metadata Standard, "IIM mapping"; PNG third
edition, 11.3.3.1 (keywords). More is erased than `read` knows: a name that nobody reads here, others do.
"""

from __future__ import annotations

from provenance.metadata import exif, iptc

MAKER_NOTE = "exif:MakerNote"
PREVIEW = "exif:Thumbnail"
"""Stands for the small picture in the EXIF of a larger one."""
JPEG_START, JPEG_LENGTH = 0x0201, 0x0202

TAGS: dict[int, str] = {
    **exif.NAMES,
    0x000B: "tiff:ProcessingSoftware",
    0x9003: "exif:DateTimeOriginal",
    0x9004: "exif:DateTimeDigitized",
    0x9011: "exif:OffsetTimeOriginal",
    0x9012: "exif:OffsetTimeDigitized",
    0x9291: "exif:SubSecTimeOriginal",
    0x9292: "exif:SubSecTimeDigitized",
    0x927C: MAKER_NOTE,
    0xC614: "tiff:UniqueCameraModel",
    0xC615: "tiff:LocalizedCameraModel",
    0xC62F: "tiff:CameraSerialNumber",
    0xC634: MAKER_NOTE,
    0xC68B: "tiff:OriginalRawFileName",
    JPEG_START: PREVIEW,
    JPEG_LENGTH: PREVIEW,
}
"""Of all directories but that of GPS."""
GPS_TAGS: dict[int, str] = {
    **exif.GPS_NAMES,
    1: "exif:GPSLatitude",
    2: "exif:GPSLatitude",
    3: "exif:GPSLongitude",
    4: "exif:GPSLongitude",
    7: "exif:GPSTimeStamp",
    19: "exif:GPSDestLatitude",
    20: "exif:GPSDestLatitude",
    21: "exif:GPSDestLongitude",
    22: "exif:GPSDestLongitude",
    29: "exif:GPSTimeStamp",
}
WINDOWS = frozenset({0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F})
"""Tags whose texts are UTF-16."""

DATASETS: dict[int, str] = {
    **iptc.NAMES,
    26: "Iptc4xmpCore:Location",
    27: "Iptc4xmpCore:Location",
    55: "photoshop:DateCreated",
    60: "photoshop:DateCreated",
    62: "xmp:CreateDate",
    63: "xmp:CreateDate",
    70: "xmp:CreatorToolVersion",
    118: "Iptc4xmpCore:CreatorContactInfo",
    200: "exif:Thumbnail",
    202: "exif:Thumbnail",
}
"""Of record 2."""

KEYWORDS: dict[str, str] = {
    "author": "dc:creator",
    "comment": "exif:UserComment",
    "copyright": "dc:rights",
    "creation time": "xmp:CreateDate",
    "description": "dc:description",
    "software": "tiff:Software",
    "source": "tiff:Model",
    "title": "dc:title",
}
"""Of text chunks in PNG, in lower case; all others are named after themselves."""
