"""Archives that are laid out otherwise than a pack: refused, whatever they try."""

from __future__ import annotations

import io
import stat
import struct
import tracemalloc
import zipfile

import pytest

from provenance.errors import EvidenceError
from provenance.evidence.layout import MOST_MEMBERS, entry
from tests.unit.evidence import packs

GOOD = packs.pack()
FOUND = list(packs.members(GOOD).items())


def named(name):
    """A pack with one member more, of a name that `zipfile` would not write."""
    stand_in = "x" * len(name.encode())
    return packs.zipped([*FOUND, (stand_in, b"more")]).replace(stand_in.encode(), name.encode())


def member(name="more", *, size=4, **changes):
    info = entry(name, size, at=packs.AT)
    for key, value in changes.items():
        setattr(info, key, value)
    return packs.zipped([*FOUND, (info, b"more")])


def archive(**options):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", **options) as found:
        for name, data in FOUND:
            found.writestr(name, data)
    return target.getvalue()


def commented():
    target = io.BytesIO(GOOD)
    with zipfile.ZipFile(target, "a") as found:
        found.comment = b"more"
    return target.getvalue()


def encrypted():
    """A pack that says of its first member that it is encrypted, in both places."""
    data = bytearray(GOOD)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def overlapping():
    """A directory that names the first member's bytes twice, as bombs do."""
    data = bytearray(packs.zipped([("a", b"same"), ("b", b"same")]))
    at = data.rindex(b"PK\x01\x02")
    data[at + 42 : at + 46] = struct.pack("<L", 0)
    return bytes(data)


def millions():
    """An end that promises a directory of gigabytes."""
    return GOOD[:-22] + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0, 0)


def repeated():
    with pytest.warns(UserWarning, match="Duplicate name"):
        return packs.zipped([*FOUND, FOUND[1]])


def gap():
    """Bytes between the members and the directory, which is moved on by as much."""
    data, at = bytearray(GOOD), GOOD.index(b"PK\x01\x02")
    data[at:at] = b"more"
    data[-6:-2] = struct.pack("<L", at + 4)
    return bytes(data)


HOSTILE = {
    "above": (lambda: named("../more"), "a name that no pack has"),
    "absolute": (lambda: named("/etc/more"), "a name that no pack has"),
    "backslash": (lambda: named("..\\more"), "a name that no pack has"),
    "drive": (lambda: named("C:more"), "a name that no pack has"),
    "hidden": (lambda: named(".more"), "a name that no pack has"),
    "folder": (lambda: named("more/"), "a name that no pack has"),
    "deep": (lambda: named("a/b/c"), "a name that no pack has"),
    "option": (lambda: named("-rf"), "a name that no pack has"),
    "line break": (lambda: named("a\nb"), "a name that no pack has"),
    "null": (lambda: named("a\0b"), "a name that no pack has|two descriptions"),
    "not ASCII": (lambda: packs.zipped([*FOUND, ("möre", b"more")]), "a name that no pack has"),
    "long": (lambda: packs.zipped([*FOUND, ("m" * 101, b"more")]), "a name that no pack has"),
    "link": (lambda: member(external_attr=(stat.S_IFLNK | 0o777) << 16), "not a regular file"),
    "executable": (lambda: member(external_attr=0o100755 << 16), "not a regular file"),
    "made elsewhere": (lambda: member(create_system=0), "not a regular file"),
    "member with a comment": (lambda: member(comment=b"more"), "properties that no member"),
    "member with more": (lambda: member(extra=b"\x99\x99\x00\x00"), "properties that no member"),
    "compressed": (lambda: archive(compression=zipfile.ZIP_DEFLATED), "is compressed"),
    "compressed otherwise": (lambda: archive(compression=zipfile.ZIP_LZMA), "is compressed"),
    "encrypted": (encrypted, "is encrypted"),
    "twice": (repeated, "more than once"),
    "overlapping": (overlapping, "not where it must be|two descriptions"),
    "before": (lambda: b"MZ" + GOOD, "not where it must be"),
    "after": (lambda: GOOD + b"more", "something was added"),
    "comment": (commented, "something was added"),
    "cut off": (lambda: GOOD[:-30], "cut off"),
    "gap": (gap, "belong to no member|not where it must be"),
    "millions": (millions, "its end is not one"),
    "too many": (lambda: packs.zipped([(f"m{number}", b"") for number in range(MOST_MEMBERS + 1)]), "its end is not"),
    "nothing": (lambda: b"", "not an evidence pack"),
    "text": (lambda: b"I am a pack, honestly. " * 5, "not an evidence pack"),
    "another archive": (lambda: packs.zipped([("a", b"b")]), r"it has no pack\.json"),
    "empty archive": (lambda: packs.zipped([]), r"it has no pack\.json"),
}


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused(case):
    make, words = case
    with pytest.raises(EvidenceError, match=words):
        packs.read(make())


def test_what_refuses_them_takes_a_good_one():
    found = packs.read(GOOD)

    assert found.parts == packs.PARTS
    assert (found.signature, found.stamp) == (b"signature", b"stamp")
    assert found.contents == packs.contents()


def test_a_directory_of_millions_is_not_read():
    data = GOOD + b"\0" * (32 << 20) + millions()[-22:]
    tracemalloc.start()
    try:
        with pytest.raises(EvidenceError):
            packs.read(data)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_every_single_byte_that_is_changed_is_noticed_or_means_nothing():
    good, silent = packs.read(GOOD), 0
    for at in range(len(GOOD)):
        data = bytearray(GOOD)
        data[at] ^= 0xFF
        try:
            found = packs.read(bytes(data))
        except EvidenceError:
            continue
        silent += 1
        assert (found.raw, found.parts, found.signature, found.stamp) == (
            good.raw, good.parts, good.signature, good.stamp,
        )  # fmt: skip
    assert silent < 20
