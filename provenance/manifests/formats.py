"""Which media types can carry Content Credentials, and what each can carry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What one media type can carry."""

    name: str
    media_type: str
    extensions: tuple[str, ...]
    write: bool = True
    """Credentials can be embedded, or kept in a sidecar."""
    remote: bool = True
    """It has XMP, which can name the address of a manifest that is kept elsewhere."""
    strip: bool = True
    attach: bool = True
    thumbnail: bool = False
    """Pillow decodes it."""
    drop_location: bool = False
    note: str = ""


_EXTRA = "thumbnails need the extra `heic`"
_STORED = "only with uncompressed entries: the engine takes no others"

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."


def _picture(name: str, media_type: str, *extensions: str, note: str = "") -> Format:
    """Describe a picture that is decoded here, and whose location can be removed."""
    return Format(
        name=name, media_type=media_type, extensions=extensions, thumbnail=True, drop_location=True, note=note
    )


def _package(name: str, media_type: str, extension: str) -> Format:
    return Format(name=name, media_type=media_type, extensions=(extension,), remote=False, attach=False, note=_STORED)


def _raw(name: str, media_type: str, extension: str) -> Format:
    return Format(
        name=name,
        media_type=media_type,
        extensions=(extension,),
        write=False,
        remote=False,
        strip=False,
        attach=False,
        note="can be read, not written",
    )


FORMATS = (
    _picture("JPEG", "image/jpeg", "jpg", "jpeg"),
    _picture("PNG", "image/png", "png"),
    _picture("WebP", "image/webp", "webp"),
    _picture("TIFF", "image/tiff", "tif", "tiff"),
    _picture("DNG", "image/dng", "dng", note="thumbnails as far as Pillow decodes it"),
    Format(name="GIF", media_type="image/gif", extensions=("gif",), thumbnail=True),
    _picture("AVIF", "image/avif", "avif"),
    _picture("HEIC", "image/heic", "heic", note=_EXTRA),
    _picture("HEIF", "image/heif", "heif", note=_EXTRA),
    Format(name="JPEG XL", media_type="image/jxl", extensions=("jxl",), drop_location=True, note="container only"),
    Format(name="SVG", media_type="image/svg+xml", extensions=("svg",), attach=False),
    Format(name="MP4", media_type="video/mp4", extensions=("mp4", "m4v")),
    Format(name="QuickTime", media_type="video/quicktime", extensions=("mov",)),
    Format(name="M4A", media_type="audio/mp4", extensions=("m4a",)),
    Format(name="AVI", media_type="video/avi", extensions=("avi",)),
    Format(name="WAV", media_type="audio/wav", extensions=("wav",)),
    Format(name="MP3", media_type="audio/mpeg", extensions=("mp3",)),
    Format(name="FLAC", media_type="audio/flac", extensions=("flac",)),
    Format(
        name="PDF",
        media_type="application/pdf",
        extensions=("pdf",),
        attach=False,
        note="rewritten whole: an existing PDF signature breaks",
    ),
    _package("EPUB", "application/epub+zip", "epub"),
    _package("Word", f"{_OOXML}wordprocessingml.document", "docx"),
    _package("Excel", f"{_OOXML}spreadsheetml.sheet", "xlsx"),
    _package("PowerPoint", f"{_OOXML}presentationml.presentation", "pptx"),
    _package("ODF text", f"{_ODF}text", "odt"),
    _package("ODF spreadsheet", f"{_ODF}spreadsheet", "ods"),
    _package("ODF presentation", f"{_ODF}presentation", "odp"),
    _package("ODF drawing", f"{_ODF}graphics", "odg"),
    _raw("Sony ARW", "image/x-sony-arw", "arw"),
    _raw("Nikon NEF", "image/x-nikon-nef", "nef"),
)

BY_MEDIA_TYPE = {item.media_type: item for item in FORMATS}
_EXTENSIONS = frozenset(extension for item in FORMATS for extension in item.extensions)
MANIFEST_STORE = "application/c2pa"
"""Media type of a manifest store on its own."""


def is_media(name: str) -> bool:
    """Say by a file's extension whether it is of a type that can carry credentials."""
    return name.rpartition(".")[2].lower() in _EXTENSIONS
