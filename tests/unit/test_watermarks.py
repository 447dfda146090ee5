"""Plug-ins for watermarks are found by their entry points, and whatever they do stops nobody."""

from __future__ import annotations

import pytest
from PIL import Image

from provenance import watermarks
from provenance.errors import SettingsError
from provenance.model.fingerprints import WATERMARK, Fingerprint
from tests.support.plugins import install

PICTURE = Image.new("RGB", (40, 30), "teal")
READER = """
class Reader:
    algorithm = {algorithm!r}

    def find(self, picture):
        {does}

READER = Reader()
"""


@pytest.fixture
def plug(tmp_path, monkeypatch):
    """Install a plug-in that does something when it is asked."""
    number = 0

    def plugged(does="return None", *, algorithm="org.example.mark.1", code=None, name=None):
        nonlocal number
        number += 1
        module = f"reader_{tmp_path.name}_{number}".replace("-", "_")
        text = READER.format(algorithm=algorithm, does=does) if code is None else code
        folder = install(tmp_path / module, module, {name or f"mark-{number}": f"{module}:READER"}, text)
        monkeypatch.syspath_prepend(folder)
        return module

    return plugged


def test_without_plug_ins_there_is_nothing_to_ask():
    found = watermarks.installed()
    assert not found
    assert found.find(PICTURE) == watermarks.Payloads()


def test_what_is_read_is_a_soft_binding_by_the_name_of_its_algorithm(plug):
    plug("return bytes(picture.size)")
    plug("return None", algorithm="org.example.mark.2")
    found = watermarks.installed()
    assert found
    assert found.find(PICTURE) == watermarks.Payloads(
        found=(Fingerprint(method="org.example.mark.1", variant=WATERMARK, value=bytes((40, 30))),)
    )


FAILING = {
    "an exception": ("raise LookupError('no weights\\n at  hand')", "LookupError: no weights at hand"),
    "one without words": ("raise LookupError", "LookupError"),
    "it wants to end the program": ("raise SystemExit(3)", "SystemExit: 3"),
    "it panics": ("raise BaseException('panicked')", "BaseException: panicked"),
    "errors of ours": (
        "from provenance.errors import SettingsError; raise SettingsError('not set up')",
        "SettingsError: not set up",
    ),
    "very many words": ("raise ValueError('x' * 5000)", "ValueError: " + "x" * 200),
    "text": ("return 'news'", "TypeError: it returned str, not bytes"),
    "nothing, but bytes": ("return b''", "ValueError: it returned a payload of 0 bytes; 1 to 1024 can be kept"),
    "too much": ("return bytes(1025)", "ValueError: it returned a payload of 1025 bytes; 1 to 1024 can be kept"),
}


@pytest.mark.parametrize(("does", "why"), FAILING.values(), ids=FAILING)
def test_a_plug_in_that_fails_is_named_and_the_others_are_asked(does, why, plug):
    module = plug(does)
    plug("return b'news'", algorithm="org.example.mark.2")
    read = watermarks.installed().find(PICTURE)
    assert [item.value for item in read.found] == [b"news"]
    assert read.notes == (f"the watermark plug-in mark-1 ({module} 1.0) failed: {why}",)


UNUSABLE = {
    "it cannot be imported": ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    "it ends the program": ("raise SystemExit('sorry')", "SystemExit: sorry"),
    "it is not there": ("", "AttributeError: module"),
    "it has no algorithm": ("READER = object()", "AttributeError: 'object' object has no attribute 'algorithm'"),
    "its algorithm is no name": (
        READER.format(algorithm="my mark", does="return None"),
        "ValueError: 'my mark' is no name of a watermark, such as com.example.mark.1",
    ),
    "it calls itself a fingerprint": (
        READER.format(algorithm="io.iscc.v0", does="return None"),
        "ValueError: 'io.iscc.v0' is no name of a watermark, such as com.example.mark.1",
    ),
    "it cannot be asked": (
        "class Reader:\n    algorithm = 'org.example.mark.1'\n    find = None\nREADER = Reader()",
        "TypeError: its `find` cannot be called",
    ),
}


@pytest.mark.parametrize(("code", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_plug_in_that_cannot_be_used_is_named(code, why, plug):
    module = plug(code=code or "OTHER = 1")
    plug("return b'news'", algorithm="org.example.mark.2")
    read = watermarks.installed().find(PICTURE)
    assert [item.value for item in read.found] == [b"news"]
    (note,) = read.notes
    assert note.startswith(f"the watermark plug-in mark-1 ({module} 1.0) cannot be used: {why}")


def test_whoever_interrupts_is_heard(plug):
    plug("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        watermarks.installed().find(PICTURE)


def test_each_plug_in_has_a_picture_of_its_own(plug):
    spoils = "picture.paste('red', (0, 0, 40, 30)); return bytes(picture.getpixel((0, 0)))"
    plug(spoils)
    plug("return bytes(picture.getpixel((0, 0)))", algorithm="org.example.mark.2")
    read = watermarks.installed().find(PICTURE)
    assert [item.value for item in read.found] == [bytes((255, 0, 0)), bytes((0, 128, 128))]
    assert PICTURE.getpixel((0, 0)) == (0, 128, 128)


def test_two_for_one_algorithm_are_refused_by_their_names(plug):
    first, second = plug(), plug()
    with pytest.raises(SettingsError, match=r"two plug-ins read the watermark org\.example\.mark\.1") as refused:
        watermarks.installed()
    assert f"mark-1 ({first} 1.0) and mark-2 ({second} 1.0)" in refused.value.message
