"""XMP namespaces, and which properties state a location."""

from __future__ import annotations

import re

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"

PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xmp/1.0/DynamicMedia/": "xmpDM",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://creativecommons.org/ns#": "cc",
}
"""Namespaces whose properties are read, with the prefixes that the XMP specification gives them."""

# GPSVersionID alone says nothing of a place; makers of drones spell "longitude" in several ways;
# `lat`, `long` and `alt` are those of the W3C's WGS 84 vocabulary
_LOCATION = re.compile(r"(?i:gps(?!versionid$)\w*|\w*(?:latitude|longitude|longtitude|altitude))|lat|long?|alt")
_GPS = re.compile(r"(?i:gps)\w*")


def is_location(local_name: str) -> bool:
    """Tell whether a property of this local name states coordinates or their circumstances."""
    return _LOCATION.fullmatch(local_name) is not None


def is_erased(local_name: str) -> bool:
    """Tell whether removing a location removes the property of this local name, too."""
    return is_location(local_name) or _GPS.fullmatch(local_name) is not None
