"""`provenance verify --format`: every format from the command, to the terminal and to a file."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest

from provenance.reports.faces import Format
from tests.support import media
from tests.support.command import run
from tests.support.reports import check

pytestmark = pytest.mark.usefixtures("home")
TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?)?")
NAMES = ("good.jpg", "plain.jpg", "broken.jpg", "text.jpg")


@pytest.fixture
def cases(tmp_path, workspace):
    """One file of each fate."""
    good = workspace.sign(media.jpeg()).data
    broken = bytearray(good)
    broken[-40] ^= 1
    for name, data in zip(NAMES, (good, media.jpeg(), bytes(broken), b"hello"), strict=True):
        (tmp_path / name).write_bytes(data)
    return tmp_path


def verify(cases, *arguments, code, **environment):
    done = run("verify", *arguments, cwd=cases, **environment)
    assert done.returncode == code, done.stderr
    return done


def expected(*names):
    return SimpleNamespace(items=[SimpleNamespace(name=name) for name in names])


@pytest.mark.parametrize("how", [item for item in Format if item is not Format.TEXT])
@pytest.mark.parametrize(("names", "code"), [(NAMES, 1), (NAMES[:1], 0)], ids=["several", "one"])
def test_every_format_comes_from_the_command_the_same_to_a_file(cases, how, names, code):
    printed = verify(cases, "--format", how, *names, code=code).stdout
    verify(cases, "--format", how, "-o", f"report.{how}", *names, code=code)
    written = (cases / f"report.{how}").read_bytes().decode()
    check(how, written, expected(*names))
    # What differs is the second at which they were made, and how ends of lines are read from a process.
    assert [TIME.sub("", line) for line in printed.splitlines()] == [
        TIME.sub("", line) for line in written.splitlines()
    ]


def test_json_is_the_short_form_of_its_format(cases):
    short, long = (json.loads(verify(cases, *how, *NAMES, code=1).stdout) for how in (["--json"], ["--format", "json"]))
    assert short.keys() == long.keys()
    assert short["summary"] == long["summary"]
    assert (short["summary"]["files"], short["summary"]["rejected"], short["summary"]["not_looked_at"]) == (4, 1, 1)


def test_text_is_shown_file_by_file_and_summed_up(cases):
    done = verify(cases, *NAMES, code=1)
    assert [line.split()[0] for line in done.stdout.splitlines() if line.startswith((" ACC", " REV", " REJ"))] == [
        "ACCEPTED", "REVIEW", "REJECTED"
    ]  # fmt: skip
    assert "4 files: 1 rejected, 1 not looked at, 1 to review, 1 accepted" in done.stdout
    assert "not a media file" in done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_one_file_is_not_summed_up(cases):
    assert "1 file" not in verify(cases, "good.jpg", code=0).stdout


def test_a_text_report_in_a_file_holds_errors_too(cases):
    done = verify(cases, "-o", "report.txt", *NAMES, code=1)
    assert done.stdout == "report.txt: 4 files: 1 rejected, 1 not looked at, 1 to review, 1 accepted\n"
    text = (cases / "report.txt").read_text(encoding="utf-8")
    assert " ERROR  text.jpg: " in text
    assert "4 files: 1 rejected, 1 not looked at, 1 to review, 1 accepted" in text
    assert "integrity.credentials-present: plain.jpg" in text


def test_quiet_prints_nothing_and_writes_the_file_all_the_same(cases):
    done = verify(cases, "-q", "--format", "csv", "-o", "report.csv", *NAMES, code=1)
    assert done.stdout == ""
    assert (cases / "report.csv").read_bytes().count(b"\r\n") == 5


def test_an_existing_report_is_kept_unless_it_may_go(cases):
    (cases / "report.csv").write_text("mine")
    done = verify(cases, "--format", "csv", "-o", "report.csv", "good.jpg", code=10)
    assert "exists already" in done.stderr
    assert (cases / "report.csv").read_text() == "mine"
    verify(cases, "--format", "csv", "-o", "report.csv", "--force", "good.jpg", code=0)
    assert "good.jpg" in (cases / "report.csv").read_text()


def test_a_report_never_takes_the_place_of_what_it_is_about(cases):
    before = (cases / "good.jpg").read_bytes()
    done = verify(cases, "-o", "good.jpg", "--force", "plain.jpg", "good.jpg", code=2)
    assert "take the place" in done.stderr
    assert (cases / "good.jpg").read_bytes() == before


def test_two_formats_are_one_too_many(cases):
    assert "choose one" in verify(cases, "--json", "--format", "csv", "good.jpg", code=2).stderr


def test_machines_get_utf_8_whatever_the_terminal_knows(cases):
    (cases / "good.jpg").rename(cases / "Zoë ☂.jpg")
    done = verify(cases, "--json", "Zoë ☂.jpg", code=0, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C.UTF-8")
    assert json.loads(done.stdout)["files"][0]["file"] == "Zoë ☂.jpg"


def test_why_there_is_no_interchange_form_is_said(cases):
    done = verify(cases, "--format", "crjson", "plain.jpg", code=3)
    assert done.stdout == "null\n"
    assert "plain.jpg: no Content Credentials" in done.stderr


def test_the_interchange_form_is_the_engines_own(cases):
    found = json.loads(verify(cases, "--format", "crjson", "good.jpg", code=0).stdout)
    assert found["manifests"][0]["label"].startswith("urn:c2pa:")
    assert found["jsonGenerator"]["name"] == "c2pa-rs"


POLICY = """
name = "desk"
version = "4"
purpose = "x"

[[rules]]
rule = "time.trusted"
severity = "fail"
"""


def test_another_policy_judges_by_its_file(cases):
    (cases / "desk.toml").write_text(POLICY)
    done = verify(cases, "--policy", "desk.toml", "good.jpg", code=1)
    assert "Signed by Example News and intact since, but no time-stamp" in " ".join(done.stdout.split())
    assert " policy      desk" in done.stdout
    document = json.loads(verify(cases, "--policy", "./desk.toml", "--json", "good.jpg", code=1).stdout)
    assert (document["files"][0]["policy"]["name"], document["files"][0]["policy"]["version"]) == ("desk", "4")
    assert [item["rule"] for item in document["files"][0]["findings"]] == ["time.trusted"]


def test_a_policy_that_is_not_there_is_a_mistake_of_settings(cases):
    assert "there is no policy" in verify(cases, "--policy", "nobodys", "good.jpg", code=4).stderr


def test_lines_come_while_the_files_are_looked_at(cases):
    """A file that cannot be opened comes last: the lines before it are whole."""
    lines = verify(cases, "--format", "jsonl", *NAMES, code=1).stdout.splitlines()
    assert [json.loads(line).get("file") for line in lines] == [*NAMES, None]
    assert json.loads(lines[-1])["summary"]["files"] == 4
