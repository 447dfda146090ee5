"""A token that another process is just logging in at: SoftHSM writes it anew each time, and it is empty in between."""

from __future__ import annotations

import pytest

from tests.support import softhsm

LOOK = """
import sys
from pathlib import Path

import pkcs11
from provenance.errors import ProvenanceError
from provenance.keys import pkcs11_token
from provenance.keys.pkcs11_uri import parse

uri, written, moment, pauses = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
before, paused = written.read_bytes(), []
# It begins with a number that grows whenever it is written.
after = (int.from_bytes(before[:8]) + 1).to_bytes(8) + before[8:]

def pause(seconds):
    paused.append(seconds)
    if len(paused) == pauses:
        written.write_bytes(after)

pkcs11_token.time.sleep = pause
if moment != "before it is loaded":
    library = pkcs11.lib(pkcs11_token.find(parse(uri))[0])
if moment == "while a session is open":
    session = library.get_token(token_label="Empty").open()
written.write_bytes(b"")
try:
    print(pkcs11_token.find(parse(uri))[1].label, len(paused))
except ProvenanceError as error:
    print(error.message, len(paused))
if moment == "while a session is open":
    session.generate_random(8)
"""
MOMENTS = ["before it is loaded", "after it is loaded", "while a session is open"]


@pytest.fixture
def token(tmp_path):
    return softhsm.token().another(tmp_path)


def look(token, moment, *, pauses):
    """Look for a token whose file is emptied at a moment, and is whole again after some pauses."""
    (written,) = (path for path in token.folder.rglob("token.object") if softhsm.LABEL.encode() in path.read_bytes())
    done = token.run(LOOK, token.uri("desk"), written, moment, pauses)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("pauses", [1, 2])
def test_it_is_looked_for_again(token, moment, pauses):
    assert look(token, moment, pauses=pauses) == f"{softhsm.LABEL} {pauses}"


@pytest.mark.parametrize(
    ("moment", "message"),
    [(MOMENTS[0], "the token is not there"), (MOMENTS[1], "the module failed and does not say why")],
)
def test_it_is_not_looked_for_for_ever(token, moment, message):
    assert look(token, moment, pauses=99) == f"{message} 3"
