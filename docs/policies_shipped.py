"""Write the page about the policies that come along from their files: `docs/policies-shipped.md`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from provenance.policy import packs
from provenance.policy.registry import find

PAGE = Path(__file__).parent / "policies-shipped.md"

_INTRODUCTION = """\
# The policies that come along

A policy is a file: questions about a file's credentials, and how much each answer weighs.
`provenance verify --policy NAME` judges by one; without a name it is `standard`. None of them changes what is found,
only what it is good for: the facets of a verdict are the same under every policy.

They are made to be copied and changed: `provenance policy show newsroom-intake > mine.toml`, then
`provenance verify --policy mine.toml`, and `provenance policy check mine.toml` says what is wrong with it. Lines that
end in `# change this` hold names that only you know.

| policy | for |
|---|---|
"""
_DECISIONS = """\

## What they decide

Files that the tests make and judge, so that this table is true. The signer is on a list called `c2pa` unless it says
otherwise, and names itself Example News. Nobody is asked about revocation unless it says so.

"""
_SITUATIONS = {
    "a capture": "a r v r a r a",
    "a capture with a trusted time, asked about": "a a a r a r a",
    "a capture, published": "a r v r a r a",
    "published as our rules ask": "a a a r a a a",
    "published, its origin not known": "a r v r v r a",
    "a capture, edited": "a r v r a r a",
    "a capture of a screen": "a r v r v r a",
    "generated, and marked": "a r v a v r v",
    "generated, published without a word": "a r v r v r v",
    "without credentials": "v r r r v r a",
    "credentials that cannot be read": "r r r r r r r",
    "credentials kept elsewhere, not fetched": "v r v v v r v",
    "changed after signing": "r r r r r r r",
    "made from a file that was changed": "r r r r r r r",
    "a caption that was changed, which no hash covers": "a r v r v r a",
    "by a signer on no list": "v r v r v r v",
    "by an identity for development": "a r v r v r a",
    "under an expired certificate": "r r r r r r v",
    "under a revoked certificate, asked about": "r r r r r r r",
}
"""What each policy decides, in the order of their names: accepted, rejected, or review (v)."""
_WORDS = {"a": "accepted", "r": "rejected", "v": "review"}
_TABLES = """
*Rejected* may mean very little: `eu-ai-act-marking` is for media that are known to be generated, and `own-output` for
what you have signed yourself.

## Question by question

A rule that fails gives the decision of its column *fails*: fail (rejected), review, or info (said, and nothing else).
Where a fact is missing it is *undecided*, which is never the same as passed. What somebody states is attributed to
nobody where the content, the signature or the certificate does not hold: such a rule may fail then, but it does not
pass. Options are those that differ from what a rule does by itself; `provenance policy list --rules` explains them all.
"""


def page() -> str:
    """Return the whole page."""
    names = packs.names()
    parts = [_INTRODUCTION, *(f"| [`{name}`](#{_anchor(name)}) | {_purpose(name)} |\n" for name in names), _DECISIONS]
    parts.append(f"| a file | {' | '.join(f'`{name}`' for name in names)} |\n|---|{'---|' * len(names)}\n")
    for situation, decisions in _SITUATIONS.items():
        parts.append(f"| {situation} | {' | '.join(_WORDS[item] for item in decisions.split())} |\n")
    return "".join([*parts, _TABLES, *map(_section, names)])


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _purpose(name: str) -> str:
    text = packs.text(name) or ""
    return " ".join(str(tomllib.loads(text)["purpose"]).split())


def _section(name: str) -> str:
    """Return what a policy's header says, and a table of its rules."""
    text = packs.text(name) or ""
    header = text.partition("\nname = ")[0]
    said = "\n".join(line.removeprefix("#").strip() for line in header.splitlines())
    rows = "".join(_row(use, why) for use, why in zip(tomllib.loads(text)["rules"], _reasons(text), strict=True))
    return f"\n### {name}\n\n{said}\n\n| rule | asks | fails | undecided | why |\n|---|---|---|---|---|\n{rows}"


def _reasons(text: str) -> list[str]:
    """Return the comment that stands above each rule; those that follow without one of their own share it."""
    found: list[str] = []
    blocks = re.split(r"^\[\[rules\]\]$", text, flags=re.MULTILINE)
    for before in blocks[:-1]:
        comment = re.search(r"((?:^#.*\n)+)\Z", before, re.MULTILINE)
        lines = comment[1].splitlines() if comment else []
        found.append(" ".join(line.removeprefix("#").strip() for line in lines) or "″")
    return found


def _row(use: dict[str, Any], why: str) -> str:
    known = find(use["rule"])
    asks = known.question if known else ""
    options = [f"`{key} = {_value(value)}`" for key, value in use.items() if known and key in known.options]
    fails, undecided = use["severity"], use.get("on_missing", "review")
    return f"| `{use['rule']}` | {' '.join([asks, *options])} | {fails} | {undecided} | {why} |\n"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else f"{value:,}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
