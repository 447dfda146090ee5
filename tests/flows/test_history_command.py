"""`provenance show` and `provenance history`: what people see of a file that went through several hands."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from xml.etree import ElementTree as ET

import pytest

from provenance import Preset, SigningOptions
from provenance.reports import to_history
from tests.support import media
from tests.support.command import run
from tests.support.schemas import require_valid

FORMS = ("tree", "json", "html", "svg", "dot", "mermaid")


@pytest.fixture
def published(workspace, tmp_path, home):
    """A capture that was edited, with a logo put in, and published."""
    capture = workspace.sign(media.jpeg(exif=True), options=SigningOptions(preset=Preset.CAPTURE, title="capture")).data
    edited = workspace.sign(
        media.jpeg(2),
        options=SigningOptions(
            preset=Preset.EDIT,
            parent=capture,
            ingredients=(media.jpeg(3),),
            actions=("cropped",),
            title="edit",
            drop_location=True,
        ),
    ).data
    path = tmp_path / "published.jpg"
    workspace.sign(edited, path, options=SigningOptions(title="published"))
    return path


def history(path, form, *more):
    done = run("history", path, "--format", form, *more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_tree_shows_every_step_what_was_redacted_and_what_is_unknown(published):
    for command in (("show", published), ("history", published)):
        done = run(*command)
        assert (done.returncode, done.stderr) == (0, "")
        text = " ".join(done.stdout.replace("│", " ").split())
        for words in ("made from edit intact", "made from capture intact", "with untitled no Content Credentials",
                      "published", "cropped", "captured by a digital camera",
                      "redacted c2pa.metadata – c2pa.PII.present", "redacted later (c2pa.PII.present)"):  # fmt: skip
            assert words in text, words
        assert "redacted where it matters: capture" in text
        assert "unknown provenance: untitled" not in text  # the tree shows the gap itself
        assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_json_lists_every_step_and_follows_its_schema(published):
    found = json.loads(history(published, "json"))
    require_valid(found, to_history.schema())
    edits = {item["title"]: item for item in found["history"]["edits"]}
    assert {title: item["generation"] for title, item in edits.items()} == {
        "published": 0, "edit": 1, "capture": 2, "untitled": 2,
    }  # fmt: skip
    placed = next(item for item in edits["edit"]["actions"] if item["action"] == "c2pa.placed")
    assert placed["sources"] == [edits["untitled"]["id"]]
    assert {item["label"] for item in edits["edit"]["redacted"]} >= {"c2pa.metadata"}
    assert {item["kind"] for item in found["history"]["flags"]} == {
        "unknown provenance", "redacted where it matters",
    }  # fmt: skip
    assert run("history", published, "--json").stdout == history(published, "json")


def test_the_schema_of_a_history_can_be_printed():
    assert json.loads(run("schema", "history").stdout) == to_history.schema()


def test_a_picture_has_the_thumbnails_of_the_steps(published):
    root = ET.fromstring(history(published, "svg"))
    pictures = [item.get("href", "") for item in root.iter() if item.tag.endswith("image")]
    assert len(pictures) == 3
    assert all(item.startswith("data:image/jpeg;base64,") for item in pictures)


def test_a_page_loads_nothing(published):
    page = history(published, "html")
    assert "default-src 'none'" in page
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg" role="img"') == 1
    assert "Red flags" in page


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_draws_it(published):
    done = subprocess.run(
        ["dot", "-Tplain"], input=history(published, "dot"), capture_output=True, text=True, check=True
    )
    assert (done.stdout.count("\nnode "), done.stdout.count("\nedge ")) == (4, 3)


def test_mermaid_names_every_step(published):
    text = history(published, "mermaid")
    assert text.startswith("flowchart BT\n")
    assert text.count(" --> ") == 3
    assert text.count(":::gap") == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_history_goes_to_a_file_that_is_not_overwritten_unasked(published, tmp_path, form):
    target = tmp_path / f"out.{form}"
    assert history(published, form, "-o", target) == ""
    first = target.read_bytes()
    assert b"capture" in first
    refused = run("history", published, "--format", form, "-o", target)
    assert refused.returncode == 10
    assert "exists already" in refused.stderr
    assert target.read_bytes() == first
    assert history(published, form, "-o", target, "--force") == ""


@pytest.mark.parametrize("form", FORMS)
def test_a_file_without_credentials_is_a_gap(photo, home, form):
    text = history(photo, form)
    assert "no Content Credentials" in text or "No Content Credentials" in text


@pytest.mark.parametrize("command", ["show", "history"])
def test_a_file_that_cannot_be_read_is_an_error(command, tmp_path, home):
    done = run(command, tmp_path / "nothing.jpg")
    assert done.returncode == 5
    assert "no such file" in done.stderr


def test_show_goes_on_after_a_file_that_cannot_be_read(published, tmp_path):
    done = run("show", tmp_path / "nothing.jpg", published)
    assert done.returncode == 5
    assert "made from" in done.stdout


def test_other_peoples_files_have_the_flags_that_they_deserve(vectors, home):
    done = run("history", vectors / "rs__adobe-20220124-E-clm-CAICAI.jpg", "--json")
    flags = {item["kind"] for item in json.loads(done.stdout)["history"]["flags"]}
    assert flags == {"unknown provenance", "missing ancestor"}


def test_a_picture_can_be_taken_in_by_a_strict_parser(published):
    text = history(published, "svg").encode()
    assert [event for event, _ in ET.iterparse(io.BytesIO(text))]
