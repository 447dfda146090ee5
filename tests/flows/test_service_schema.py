"""What the service says of itself (OpenAPI) is so, whatever it is asked."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from tests.support.campaign import cases
from tests.support.service import new_home, new_key, serving

pytest.importorskip("fastapi", reason="the service needs the extra `web`")
schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")


@pytest.fixture(scope="module")
def place(_session_home, tmp_path_factory):
    return new_home(tmp_path_factory.mktemp("schema"), _session_home)


@pytest.fixture(scope="module")
def server(place):
    with serving(place, '[service]\nworkers = 2\nrate = "0"\n') as running:
        yield running


@pytest.fixture(scope="module")
def key(server, place):
    return new_key(place, "--scope", "verify,sign,assets,admin", "--rate", "100000/min")


@pytest.fixture(scope="module")
def description(server):
    return httpx.get(f"{server.url}/v1/openapi.json").json()


def operations(description):
    for path, item in description["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_is_described(description):
    for name, operation in operations(description):
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description") or parameter["schema"].get("description"), (name, parameter["name"])
        for status, answer in operation["responses"].items():
            assert answer["description"], (name, status)
            assert answer.get("content") or status == "204", (name, status)
            for kind in answer.get("content", {}).values():
                assert kind.get("schema"), (name, status)
    names = [operation["operationId"] for _, operation in operations(description)]
    assert len(names) == len(set(names))


def test_every_operation_says_which_key_it_takes(description):
    schemes = description["components"]["securitySchemes"]
    assert schemes["key"]["scheme"] == "bearer"
    without = {name for name, operation in operations(description) if not operation.get("security")}
    assert without == {"GET /healthz", "GET /readyz"}


def test_without_a_key_no_operation_does_what_takes_one(description, server):
    for name, operation in operations(description):
        if {} not in operation.get("security", [{}]):
            method, path = name.split()
            answer = httpx.request(method, f"{server.url}{re.sub('{.*?}', '0' * 26, path)}")
            assert answer.status_code == 401, name
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("mode", ["positive", "negative"])
@cases("requests", [3], more=[12])
def test_every_operation_does_what_is_said_of_it(description, server, key, mode, requests):
    """So many requests for each, of those that are as they must be and of those that are not."""
    from schemathesis.specs.openapi import checks

    asked = []
    failed = []
    how = settings(
        max_examples=requests, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    for found in schemathesis.openapi.from_dict(description).get_all_operations():
        operation = found.ok()

        @how
        @given(case=operation.as_strategy(schemathesis.GenerationMode(mode)))
        def ask(case):
            answer = case.call_and_validate(
                base_url=server.url,
                headers={"Authorization": f"Bearer {key}"},
                excluded_checks=[
                    schemathesis.checks.not_a_server_error,  # some are said, such as that no authority is set up
                    checks.positive_data_acceptance,  # most files that are made up are none, most names name nothing
                    checks.ignored_auth,  # who tries keys is told 429 in the end
                ],
                timeout=60,
            )
            assert answer.status_code < 500 or answer.status_code in {501, 503}

        try:
            ask()
        except Unsatisfiable:
            assert mode == "negative", operation.label  # there is nothing that could be wrong
        except BaseException as error:  # noqa: BLE001 -- all operations are told of at once
            failed.append(f"{operation.label}: {error!r} {getattr(error, 'exceptions', '')}")
        asked.append(operation.label)
    assert len(asked) > 15
    assert not failed, "\n".join(failed)
