"""What is deployed: without root, without secrets in layers, with as few rights as it needs."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from provenance import settings
from provenance.reports.to_fields import Fields
from provenance.reports.to_xmp import NAMESPACE, PROPERTIES
from tests.support.canned_service import Answer, serving
from tests.support.reports import schema_at
from tests.support.schemas import require_valid

ROOT = Path(__file__).parent.parent
COMPOSE = "https://raw.githubusercontent.com/compose-spec/compose-spec/master/schema/compose-spec.json"
SECRET = re.compile(r"pass(word|phrase)?|secret|token|credential|api_?key", re.IGNORECASE)


def instructions():
    """Read the Dockerfile: each instruction with its arguments on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n\s*", " ", "\n".join(line for line in text.splitlines() if not line.startswith("#"))).split(
        "\n"
    )
    return [tuple(line.split(" ", 1)) for line in lines if line.strip()]


def last_stage():
    found = instructions()
    begins = max(number for number, (name, _) in enumerate(found) if name == "FROM")
    return found[begins:]


def test_the_image_has_no_root_and_looks_after_itself():
    stage = last_stage()
    assert dict(stage)["USER"] == "10001:10001"
    names = [name for name, _ in stage]
    assert names.index("USER") > max(number for number, name in enumerate(names) if name in {"RUN", "COPY"})
    assert json.loads(dict(stage)["ENTRYPOINT"]) == ["provenance"]
    assert json.loads(dict(stage)["CMD"])[0] == "serve"


def test_its_health_is_whether_it_can_work():
    check = json.loads(dict(last_stage())["HEALTHCHECK"].partition("CMD ")[2])
    assert check[:2] == ["python", "-c"]
    assert "127.0.0.1', 8780," in check[2]

    def code(port):
        program = check[2].replace("8780", str(port))
        return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode

    with serving() as service:
        port = service.url.rpartition(":")[2]
        service.will(Answer(200), Answer(503))
        assert [code(port), code(port)] == [0, 1]
        assert [item.path for item in service.asked] == ["/readyz"] * 2
    assert code(port) != 0, "nobody listens, and yet it is well"


def test_no_secret_is_in_a_layer():
    for name, arguments in instructions():
        assert name != "ADD"
        if name in {"ENV", "ARG"}:
            assert not SECRET.search(arguments)


def test_only_what_the_wheel_is_made_of_goes_to_the_builder():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    copied = [item for name, text in instructions() if name == "COPY" and "--from" not in text for item in text.split()]
    assert {item for item in copied if (ROOT / item).exists() and item not in {"./", "."}} == allowed
    assert [text.split()[0] for name, text in last_stage() if name == "COPY"] == ["--from=build"]


def test_its_extras_are_those_of_the_project():
    (named,) = re.findall(r"^ARG EXTRAS=(.*)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert {"web", "postgresql"} <= set(named.split(",")) <= set(known)


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_the_composition_is_one(compose):
    require_valid(compose, schema_at(COMPOSE))


def test_no_container_may_more_than_it_must(compose):
    for name, service in compose["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert set(service["secrets"]) <= set(compose["secrets"]), name
        assert not service.get("privileged"), name
    assert "cap_add" not in compose["services"]["service"]
    assert all(port.startswith("127.0.0.1:") for port in compose["services"]["service"]["ports"])


def test_secrets_are_files(compose):
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if SECRET.search(name):
                assert name.endswith("_FILE"), name
                assert str(value).startswith("/run/secrets/")
    assert all(set(secret) == {"file"} for secret in compose["secrets"].values())


def test_it_waits_for_its_database(compose):
    assert compose["services"]["service"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "healthcheck" in compose["services"]["database"]


def test_the_settings_are_some(tmp_path):
    """As the composition puts them together, with the address of a database before them."""
    path = tmp_path / "settings.toml"
    given = (ROOT / "examples" / "deploy" / "settings.toml").read_text(encoding="utf-8")
    path.write_text(f'[catalogue]\nurl = "postgresql+psycopg://provenance:x@database/provenance"\n{given}')
    found = settings.load({"PROVENANCE_SETTINGS": str(path), "PROVENANCE_HOME": str(tmp_path)})
    assert found.service.trusted_proxies
    assert found.catalogue.url


def test_the_unit_is_one():
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    unit = ROOT / "examples" / "deploy" / "provenance.service"
    done = subprocess.run([program, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_lets_workers_shut_themselves_in():
    unit = (ROOT / "examples" / "deploy" / "provenance.service").read_text(encoding="utf-8")
    allowed = " ".join(re.findall(r"^SystemCallFilter=([^~].*)$", unit, re.MULTILINE)).split()
    assert {"@system-service", "seccomp", "landlock_create_ruleset", "landlock_restrict_self"} <= set(allowed)


def test_the_secrets_of_the_composition_stay_out_of_the_repository(compose):
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    for secret in compose["secrets"].values():
        assert subprocess.run([git, "check-ignore", "-q", secret["file"]], cwd=ROOT, check=False).returncode == 0


def test_every_setting_of_the_service_is_documented():
    page = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"\| setting .*?\n\n", page, re.DOTALL)
    told = set(re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if line)))
    assert told == {item.name for item in dataclasses.fields(settings.ServiceSettings)}


def test_every_field_of_the_map_is_documented():
    page = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"\| field .*?\n\n", page, re.DOTALL)
    told = set(re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if line)))
    assert told == {item.name for item in dataclasses.fields(Fields)}
    assert NAMESPACE in page
    assert all(f"`{name}`" in page for name in PROPERTIES)
