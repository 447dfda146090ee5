"""What processes hand back: values come through, and nothing that would be run here."""

from __future__ import annotations

import io
import os
import pickle
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from provenance.batch.executors import answers
from provenance.errors import ManifestError, WorkerLost
from provenance.model.facets import Credential
from provenance.model.media import Digest
from provenance.storage import outputs

CLASSES = ("provenance.errors", "provenance.model")
VALUES = {
    "nothing": None,
    "numbers": (1, 2.5, True, 1 << 70),
    "text and bytes": ("ü", b"\x00", bytearray(b"x")),
    "collections": {"a": [1, (2,), {3}, frozenset({4})]},
    "times": (datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=1)),
    "a path": Path("a/b"),
    "one of ours": Digest(algorithm="sha256", value="00"),
    "an enumeration": Credential.PRESENT,
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_values_come_through(value):
    assert answers.read(pickle.dumps((True, value, False)), classes=CLASSES) == (True, value, False)


def test_enumerations_come_through_as_some_pythons_write_them():
    """3.11.2, Debian's, writes a member as its name in its class; newer ones write its value."""
    written = pickle.dumps((True, _Calls(getattr, Credential, "PRESENT"), False))
    assert answers.read(written, classes=CLASSES) == (True, Credential.PRESENT, False)


def test_errors_come_through_with_all_that_they_say():
    error = ManifestError("none", path="a.jpg", hint="sign it")
    ok, found, spent = answers.read(pickled((False, error, True)), classes=CLASSES)
    assert (ok, spent, type(found), str(found)) == (False, True, ManifestError, str(error))
    assert isinstance(answers.read(pickled((False, KeyError("x"), False)), classes=CLASSES)[1], KeyError)


def pickled(value):
    """Pickle as a worker does: here, libraries of other tests may have put themselves between."""
    target = io.BytesIO()
    pickler = pickle.Pickler(target)
    pickler.dispatch_table = {}
    pickler.dump(value)
    return target.getvalue()


class _Calls:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


HOSTILE = {
    "a command": _Calls(os.system, "true"),
    "an expression": _Calls(eval, "1"),
    "an import": _Calls(__import__, "os"),
    "an attribute": _Calls(getattr, 1, "real"),
    "an attribute of a class": _Calls(getattr, Digest, "__init__"),
    "what an enumeration can do": _Calls(getattr, Credential, "__members__"),
    "a file that is opened": _Calls(open, os.devnull),
    "a function of ours": _Calls(outputs.publish, b"", Path("x")),
    "a module of the standard library": _Calls(partial, int),
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("ok", [True, False])
def test_nothing_is_called(value, ok):
    with pytest.raises(WorkerLost, match="is nothing that comes back"):
        answers.read(pickle.dumps((ok, value, False)), classes=CLASSES)


@pytest.mark.parametrize("name", ["provenance.model.media", "provenance.errors"])
@pytest.mark.parametrize("what", ["annotations", "__builtins__", "dataclass", "dataclasses.dataclass", "about", "Path"])
def test_what_our_modules_have_imported_or_do_is_not_theirs_to_give(name, what):
    written = b"c" + name.encode() + b"\n" + what.encode() + b"\n."
    with pytest.raises(WorkerLost):
        answers.read(written, classes=CLASSES)


@pytest.mark.parametrize("data", [b"", b"garbage", pickle.dumps(1), pickle.dumps((1, 2)), pickle.dumps((False, 1, 0))])
def test_what_is_no_answer_is_said(data):
    with pytest.raises(WorkerLost, match="could not be handed on"):
        answers.read(data, classes=CLASSES)
