"""The rules of the house as failing checks: who may import whom, how long things get, what names promise."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import provenance
from provenance import errors
from provenance.errors import ProvenanceError
from provenance.manifests import bridge

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "provenance"
FILES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 45
LONG_FILES: dict[str, str] = {}
"""Files that may be longer, and why."""
LONG_FUNCTIONS: dict[str, str] = {}
"""Functions that may be longer, and why."""


def place(path):
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def lint_imports(folder):
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return subprocess.run(
        [sys.executable, "-c", program, "--config", str(folder / "pyproject.toml"), "--no-cache"],
        cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder), "PATH": ""},
    )  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the package, to break rules in."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(PACKAGE, folder / "provenance", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_every_module_imports_only_what_its_place_allows():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_copy_that_nothing_was_done_to_keeps_the_rules(copy):
    done = lint_imports(copy)
    assert done.returncode == 0, done.stdout + done.stderr


FORBIDDEN = {
    "a lower layer imports a higher one": (
        "model/media.py",
        "import provenance.workspace",
        "provenance.model.media -> provenance.workspace",
    ),
    "siblings know each other": (
        "policy/evaluate.py",
        "import provenance.history",
        "provenance.policy.evaluate -> provenance.history",
    ),
    "deciding brings in a library": ("history/trace.py", "import msgspec", "provenance.history.trace -> msgspec"),
    "the engine is used beside the bridge": ("manifests/reader.py", "import c2pa", "manifests.reader -> c2pa"),
    "a database beside the catalogue": ("batch/plan.py", "import sqlalchemy", "batch.plan -> sqlalchemy"),
    "a module without a place": ("attic.py", "", "attic"),
}


@pytest.mark.parametrize(("where", "line", "named"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_forbidden_import_is_caught(where, line, named, copy):
    path = copy / "provenance" / where
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        done = lint_imports(copy)
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert named in done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_file_can_be_read_in_one_sitting(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE or LONG_FILES.get(place(path))


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_function_can_be_seen_at_once(path):
    tree = parsed(path)
    functions = [item for item in ast.walk(tree) if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {f"{place(path)}:{item.name}" for item in functions if _length(item) > LONGEST_FUNCTION}
    assert long <= LONG_FUNCTIONS.keys()


def _length(function):
    """Count the lines of a body: parameters and docstrings do not make a function hard to follow."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_exceptions_to_the_lengths_are_still_needed():
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    functions = {
        f"{place(path)}:{item.name}": _length(item)
        for path in FILES
        for item in ast.walk(parsed(path))
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert [name for name in LONG_FILES if lengths.get(name, 0) <= LONGEST_FILE] == []
    assert [name for name in LONG_FUNCTIONS if functions.get(name, 0) <= LONGEST_FUNCTION] == []


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_module_says_what_it_is_for(path):
    tree = parsed(path)
    assert ast.get_docstring(tree) or path.name == "__main__.py"


def test_the_public_names_are_sorted_and_each_is_there_once():
    assert provenance.__all__ == sorted(set(provenance.__all__))


@pytest.mark.parametrize("name", provenance.__all__)
def test_a_public_name_can_be_imported(name):
    assert getattr(provenance, name).__module__.startswith("provenance")
    assert name in dir(provenance)


def test_the_public_names_are_the_ones_that_type_checkers_see():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    guarded = next(item for item in tree.body if isinstance(item, ast.If))
    seen = [alias.asname or alias.name for item in guarded.body for alias in item.names]
    assert sorted(seen) == provenance.__all__


def test_a_name_that_is_not_public_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'secrets'"):
        _ = provenance.secrets


def every(kind):
    found = [kind]
    for item in kind.__subclasses__():
        found += every(item)
    return found


RUN = {"__main__.py", PACKAGE / "catalogue" / "migrations" / "env.py"}
"""Not to be imported: Python runs the one, alembic the other."""


def ours():
    for path in FILES:
        if not {path, path.name} & RUN:
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    return sorted({item for item in every(ProvenanceError) if item.__module__.startswith("provenance")}, key=str)


def tree_of_errors():
    """Read the drawn tree: each name with its parent and the exit code on its line or on that of an ancestor."""
    found, above = {}, []
    for line in errors.__doc__.splitlines():
        match = re.match(r"([│├└─\s]*)([A-Z]\w+)(?:\s.*?)?(?:exit (\d+))?$", line)
        if match and match[2] == "ProvenanceError":
            above, found = [("ProvenanceError", None)], {"ProvenanceError": (None, None)}
        elif match and match[1].strip():
            depth = len(match[1]) // 3
            above = above[:depth]
            parent, inherited = above[-1]
            code = int(match[3]) if match[3] else inherited
            above.append((match[2], code))
            found[match[2]] = (parent, code)
    return found


def test_every_error_is_drawn_in_the_tree_where_it_belongs():
    drawn = tree_of_errors()
    assert {item.__name__ for item in ours()} == set(drawn)
    for item in ours():
        parent, _ = drawn[item.__name__]
        assert item is ProvenanceError or item.__mro__[1].__name__ == parent


def test_every_error_has_the_exit_code_that_the_tree_says():
    codes = {name: code for name, (_, code) in tree_of_errors().items() if code is not None}
    assert len(codes) == len(ours()) - 1
    assert {item.__name__: item.exit_code for item in ours() if item is not ProvenanceError} == codes


def test_exit_codes_are_told_apart_and_from_those_of_decisions():
    direct = [item.exit_code for item in ours() if ProvenanceError in item.__bases__]
    assert len(direct) == len(set(direct))
    assert not {0, 1, 2, 3, 130, ProvenanceError.exit_code} & set(direct)


def test_the_bridge_knows_every_error_of_the_engine():
    engine = every(bridge.EngineError)
    assert len(engine) > 10
    assert set(engine) == set(bridge._ERRORS)


@pytest.mark.parametrize("kind", every(bridge.EngineError), ids=lambda item: item.__name__)
def test_an_error_of_the_engine_becomes_ours_with_its_words(kind):
    found = bridge.translate(kind("something is odd"), path="photo.jpg")
    assert type(found) is bridge._ERRORS[kind]
    assert (found.message, found.path) == ("something is odd", "photo.jpg")


HEAVY = ("PIL", "sqlalchemy", "fastapi", "cryptography", "lxml", "httpx", "piexif", "pydantic", "numpy", "jsonschema")
STARTER = """
import sys
sys.argv = ["provenance", *sys.argv[1:]]
from provenance.__main__ import main
try:
    main()
except SystemExit as stop:
    code = stop.code
names = {name.partition(".")[0] for name in sys.modules}
print("\\n" + " ".join([str(code), *sorted(names)]), file=sys.stderr)
"""


@pytest.mark.parametrize("more", [[], ["--json"], ["--digest"]], ids=["plain", "json", "digest"])
def test_verifying_starts_without_heavy_libraries(more, photo, workspace, home):
    signed = workspace.sign(photo).path
    done = subprocess.run(
        [sys.executable, "-c", STARTER, "verify", *more, str(signed)], capture_output=True, text=True, check=True,
        cwd=ROOT,
    )  # fmt: skip
    code, *loaded = done.stderr.splitlines()[-1].split(" ")
    assert code == "0"
    assert "c2pa" in loaded
    assert set(HEAVY) & set(loaded) == set()


def test_importing_the_package_loads_nothing_of_it():
    program = "import sys, provenance; print(*[name for name in sys.modules if name.startswith('provenance.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""


def test_nothing_is_asserted_in_the_campaign_alone():
    """Its mark is given to cases beside others that are always tried, and nowhere else."""
    marking = [path for path in (ROOT / "tests").rglob("*.py") if re.search(r"mark\.campaign", path.read_text())]
    assert marking == [ROOT / "tests" / "support" / "campaign.py"]


def test_no_tracked_file_names_a_place_on_somebodys_machine():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True, cwd=ROOT).stdout
    place_names = re.compile(rb"(?<![\w.])/(?:" + b"|".join([b"work", b"root", b"home"]) + rb")/\w")
    found = [
        name.decode()
        for name in listed.split(b"\0")
        if name and (ROOT / name.decode()).is_file() and place_names.search((ROOT / name.decode()).read_bytes())
    ]
    assert found == []
