"""Histories in the languages of Graphviz and Mermaid: no text from a file ends a label or begins anything else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from provenance.history import trace
from provenance.model.flags import red_flags
from provenance.reports.escape import visible
from provenance.reports.to_graph import MOST, dot, mermaid
from provenance.reports.to_graph.as_dot import _escaped as for_dot
from provenance.reports.to_graph.as_mermaid import _escaped as for_mermaid
from tests.unit.reports.test_graph import HISTORIES, NASTY, nasty

ATTACKS = Path(__file__).parents[3].parent / "shared" / "vectors" / "attacks"
STRINGS = [
    NASTY, '"', '\\"', "\\", "\\\\", "\\N", "\\l", "&quot;", "&#34;", "&amp;", '"]; evil [label="', "</label>",
    "<<b>x</b>>",
    '"]\n  click n0 "javascript:alert(1)"', "%%{init: {'theme': 'dark'}}%%", "`**bold**`", "end", "subgraph", "#quot;",
    "#35;", "style a:b #lt;", "classDef x:y #35;", ":::gap", "---", "--> n1", "|x|", "{x}", "[x]", "(x)", "graph TD;",
    "ﬂ°°34¶ß",
    "Zoë 日本語 😀", "https://example.org/?a=1&b=2", "%%", "$$x$$", "fa:fa-user", "@{ shape: x }",
]  # fmt: skip


def strings():
    found = list(STRINGS)
    for path in sorted(ATTACKS.glob("*.txt")) if ATTACKS.is_dir() else ():
        found += path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [item for item in dict.fromkeys(found) if item]


ALL = strings()
NODE = re.compile(r'  n\d+\["[^"\n]*"\](:::(gap|broken))?')
EDGE = re.compile(r'  n\d+ -- "(made from|with|input)" --> n\d+')
OTHER = re.compile(r'flowchart BT|  classDef [a-z]+ [a-z0-9#:,\- ]+|  note\["[^"\n]*"\]:::note')
CODE = re.compile(r"#(\d+);")


def everything(write):
    """Write one graph for each string, with that string in every field."""
    for text in ALL:
        history = trace(nasty(text))
        yield text, write(history, flags=red_flags(history))


def test_every_line_of_mermaid_is_of_its_grammar():
    for text, written in everything(mermaid):
        for line in written.splitlines():
            assert NODE.fullmatch(line) or EDGE.fullmatch(line) or OTHER.fullmatch(line), (text, line)
        assert "%%" not in written
        assert "`" not in written


@pytest.mark.parametrize("text", STRINGS)
def test_a_label_of_mermaid_reads_as_what_stood_in_the_file(text):
    written = for_mermaid(visible(text))
    assert CODE.sub(lambda found: chr(int(found[1])), written) == visible(text)
    assert not set(CODE.sub("", written)) & set('"#;<>&`%{}[]|\\$@:')


@pytest.fixture(scope="module")
def graphviz():
    found = shutil.which("dot")
    if found is None:
        pytest.skip("Graphviz is not installed")
    return found


def parsed(graphviz, written):
    done = subprocess.run([graphviz, "-Tjson"], input=written, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), written
    return json.loads(done.stdout)


def test_graphviz_reads_every_string_as_a_label_and_nothing_else(graphviz):
    """All strings in one graph: a process for each would take minutes."""
    labels = [for_dot(visible(text)) for text in ALL]
    nodes = "".join(f'  n{number} [label="{label}"]\n' for number, label in enumerate(labels))
    found = parsed(graphviz, f"digraph history {{\n{nodes}}}\n")
    assert [item["name"] for item in found["objects"]] == [f"n{number}" for number in range(len(ALL))]
    drawn = ["".join(part.get("text", "") for part in item["_ldraw_"]) for item in found["objects"]]
    for text, shown in zip(ALL, drawn, strict=True):
        # Graphviz draws blanks at the ends of lines as it likes.
        assert shown.strip() == visible(text).strip()


@pytest.mark.parametrize("text", [NASTY, '"]; evil [label="', "\\", "&#34;"])
def test_graphviz_reads_a_history_with_one_string_everywhere(graphviz, text):
    history = trace(nasty(text))
    found = parsed(graphviz, dot(history, flags=red_flags(history)))
    assert sorted(item["name"] for item in found["objects"]) == ["n0", "n1", "n2", "n3"]
    assert len(found["edges"]) == 3


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_both_languages_name_each_step_once_and_say_what_is_left_out(history):
    for write, node in ((dot, r"^  n\d+ \[label="), (mermaid, r"^  n\d+\[")):
        written = write(history, flags=())
        count = len(re.findall(node, written, re.MULTILINE))
        assert count == min(len(history.edits), MOST)
        assert (f"of {len(history.edits)} steps are shown" in written) is (len(history.edits) > MOST)


def test_arrows_lead_from_what_went_in_to_what_was_made():
    history = HISTORIES["a shared ancestor"]
    written = dot(history, flags=())
    names = dict(re.findall(r'  n(\d+) \[label="(title of \w|gap)', written))
    edges = {
        (names[one], names[two], role) for one, two, role in re.findall(r'n(\d+) -> n(\d+) \[label="(.*?)"', written)
    }
    assert edges == {
        ("title of b", "title of a", "made from"), ("title of c", "title of a", "with"),
        ("title of d", "title of b", "made from"), ("title of d", "title of c", "made from"),
        ("gap", "title of c", "made from"),
    }  # fmt: skip


def test_gaps_and_broken_steps_are_told_apart_by_their_lines():
    assert dot(HISTORIES["a missing one"], flags=()).count("dashed") == 1
    assert mermaid(HISTORIES["a missing one"], flags=()).count(":::gap") == 1
    assert "dashed" not in dot(HISTORIES["one step"], flags=())
