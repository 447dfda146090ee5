"""Say where the result of each file goes."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from provenance.errors import InvalidClaim, SettingsError, UnsupportedMedia
from provenance.manifests.formats import FORMATS
from provenance.manifests.sniff import detect
from provenance.metadata.dimensions import shown
from provenance.metadata.read import WITHIN
from provenance.storage import objects, open_source

if TYPE_CHECKING:
    from provenance.storage import Entry

_FIELDS = ("name", "stem", "ext", "width", "height", "folder")
_MEASURED = frozenset({"width", "height"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Where results go, and what they are called."""

    output: str | None = None
    """A folder or a prefix (both end with `/`), or the only result; `None`: beside the source."""
    keep_tree: bool = False
    """Folders below what was named are made again below `output`."""
    template: str | None = None
    """Such as `{stem}-{width}.jpg`."""
    in_place: bool = False
    untouched: bool = False
    """There is no result beside the manifest: the source stays as it is."""

    def __post_init__(self) -> None:
        """Refuse a template that says what nobody knows. Raises `SettingsError`."""
        fields = self._fields()
        unknown = [item for item in fields if item not in _FIELDS]
        if unknown:
            raise SettingsError(
                f"a name cannot have {{{unknown[0]}}} in it",
                path=self.template,
                hint=f"there are {', '.join(f'{{{item}}}' for item in _FIELDS)}",
            )
        if self.template is not None:
            _filled(self.template, {item: 1 if item in _MEASURED else "name" for item in _FIELDS})

    def target(self, entry: Entry) -> str | None:
        """Return the path or address of a result, `None` where only a manifest is made.

        Raises `UnsupportedMedia` when the name would say another type than the file has, or needs a size that is not
        known; `InvalidClaim` for one that leads out of its folder.
        """
        if self.in_place:
            return entry.name
        if self.untouched and self.output is None:
            return None
        if self.output is not None and not self.output.endswith("/"):
            return self.output
        folder, name = self._folder(entry), self._name(entry)
        if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():
            raise InvalidClaim(f"its name would lead out of its folder: {name}", path=entry.name)
        return folder + name

    def _folder(self, entry: Entry) -> str:
        if self.output is None:
            return entry.name[: len(entry.name) - len(_leaf(entry.name))]
        below = entry.relative.rpartition("/")[0] if self.keep_tree else ""
        return f"{self.output}{below}/" if below else self.output

    def _name(self, entry: Entry) -> str:
        name = _leaf(entry.name)
        path = PurePosixPath(name)
        if self.template is None:
            return name if self.output is not None else f"{path.stem}.signed{path.suffix}"
        facts: dict[str, object] = {
            "name": name,
            "stem": path.stem,
            "ext": path.suffix.removeprefix("."),
            "folder": _folder_of(entry.name),
        }
        if _MEASURED & set(self._fields()):
            facts["width"], facts["height"] = _size(entry)
        made = _filled(self.template, facts)
        if _kind(made) != _kind(name):
            raise UnsupportedMedia(
                f"its name would be {made}, which says another type", path=entry.name, hint="use {ext} in --name"
            )
        return made

    def _fields(self) -> list[str]:
        if self.template is None:
            return []
        try:
            found = [item for item in string.Formatter().parse(self.template) if item[1] is not None]
        except ValueError as error:
            raise _unusable(self.template, error) from error
        if any("{" in (how or "") for _, _, how, _ in found):
            raise _unusable(self.template, "one field stands inside another")
        return [field for _, field, _, _ in found if field is not None]


def _filled(template: str, facts: dict[str, object]) -> str:
    try:
        return template.format(**facts)
    except ValueError as error:
        raise _unusable(template, error) from error


def _unusable(template: str, why: object) -> SettingsError:
    return SettingsError(f"the name cannot be made: {why}", path=template, hint="it looks like {stem}-{width}.jpg")


def _folder_of(name: str) -> str:
    """Return the name of the folder that a file lies in, however it was named."""
    return PurePosixPath(name).parent.name if objects.is_object(name) else Path(name).absolute().parent.name


def _leaf(name: str) -> str:
    return name.rpartition("/")[2] if objects.is_object(name) else Path(name).name


def _kind(name: str) -> str:
    """Return what a name says of its type: two extensions of one type say the same."""
    extension = PurePosixPath(name).suffix.removeprefix(".").lower()
    return next((item.media_type for item in FORMATS if extension in item.extensions), extension)


def _size(entry: Entry) -> tuple[int, int]:
    """Return width and height as a viewer shows them."""
    found = None
    if not objects.is_object(entry.name):
        head = open_source(entry.name).head(WITHIN)
        found = shown(head, detect(head, entry.name).media_type)
    if found is None:
        raise UnsupportedMedia(
            "its width and height are not known", path=entry.name, hint="leave them out of --name for such files"
        )
    return found
