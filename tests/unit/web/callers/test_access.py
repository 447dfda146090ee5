"""Who may do what: with real keys in a real catalogue, over real requests; only the time is ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI

from provenance.catalogue import Catalogue
from provenance.errors import CatalogueUnavailable
from provenance.model.service import ApiKey, Caller, NewKey, Rate, Scope, new_token, parse_rate
from provenance.web import problems
from provenance.web.callers.access import GRAVE, KNOWN_FOR, MISSES, Access, caller, measuring, resolving

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@dataclass
class House:
    """A service with nothing but doors."""

    catalogue: Catalogue
    rules: SimpleNamespace
    rate: str = "0"
    passed: float = 0.0
    asked: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.find, self.catalogue.keys.find = self.catalogue.keys.find, self._find
        self.access = Access(
            self.catalogue.keys, parse_rate(self.rate), now=self.now, clock=lambda: 10_000 + self.passed
        )

    def _find(self, name):
        self.asked.append(name)
        return self.find(name)

    def now(self):
        return AT + timedelta(seconds=self.passed)

    def key(self, *scopes, **more):
        name, token = new_token(AT)
        told = {"name": "desk", "scopes": scopes or (Scope.VERIFY,), "created_at": AT}
        made = NewKey(key=ApiKey(id=name, **told | more), token=token)
        self.catalogue.keys.add(made)
        return made

    async def get(self, path, token=None, *, address="203.0.113.9", **headers):
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(self.app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.get(path, headers=headers)

    @cached_property
    def app(self):
        app = FastAPI()
        app.state.service = self
        problems.install(app)
        for scope in Scope:
            app.get(f"/{scope}")(_route(caller(scope)))
        app.get("/standard")(_route(resolving(Scope.ASSETS)))
        app.get("/metrics")(_route(measuring))
        return app


def _route(dependency):
    async def answer(who: Annotated[Caller, Depends(dependency)]):
        return {"id": who.id, "name": who.name, "identities": who.identities}

    answer.__annotations__ = {"who": Annotated[Caller, Depends(dependency)]}
    return answer


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio


@pytest.fixture
def house(tmp_path):
    rules = SimpleNamespace(open_verification=True, open_resolution=True, open_metrics=False)
    with Catalogue.create(f"sqlite:///{tmp_path / 'catalogue.db'}") as catalogue:
        yield House(catalogue, rules)


OPEN = {
    "open_verification": ("/verify", "/verify"),
    "open_resolution": ("/standard", "/standard"),
    "open_metrics": ("/metrics", "/metrics"),
}
NEVER = ("/sign", "/assets", "/admin")


@pytest.mark.parametrize("setting", OPEN)
@pytest.mark.parametrize("is_open", [True, False])
async def test_without_a_key_one_comes_where_a_setting_says_so(setting, is_open, house):
    setattr(house.rules, setting, is_open)
    answer = await house.get(OPEN[setting][0])
    assert answer.status_code == (200 if is_open else 401)
    if is_open:
        assert answer.json() == {"id": None, "name": "anonymous", "identities": []}


@pytest.mark.parametrize("path", NEVER)
async def test_without_a_key_nobody_ever_signs_or_looks_into_the_catalogue(path, house):
    for setting in OPEN:
        setattr(house.rules, setting, True)
    answer = await house.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="provenance"'
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_opens_its_scope_and_nothing_else(scope, house):
    house.rules.open_verification = False
    token = house.key(scope).token
    for other in Scope:
        answer = await house.get(f"/{other}", token)
        assert answer.status_code == (200 if other is scope else 403)
        if other is not scope:
            assert f'error="insufficient_scope", scope="{other}"' in answer.headers["www-authenticate"]
            assert other.value in answer.json()["title"]


async def test_a_key_says_who_calls_and_as_whom_it_signs(house):
    made = house.key(Scope.SIGN, identities=("Example News",))
    answer = await house.get("/sign", made.token)
    assert answer.json() == {"id": made.key.id, "name": "desk", "identities": ["Example News"]}


async def test_what_is_open_to_everyone_is_open_to_who_has_a_key_for_something_else(house):
    assert (await house.get("/verify", house.key(Scope.SIGN).token)).status_code == 200


WRONG = {
    "of nobody": lambda made: new_token(AT)[1],
    "with another secret": lambda made: made.token[:-4] + "AAAA",
    "cut off": lambda made: made.token[:-1],
    "no token": lambda made: "password",
    "the digest that is kept": lambda made: f"pk_{made.key.id}_{made.digest[:43]}",
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("known", [True, False], ids=["its key is known", "its key is not known"])
async def test_a_wrong_key_is_refused_even_where_none_is_needed(make, known, house):
    made = house.key()
    if known:
        assert (await house.get("/verify", made.token)).status_code == 200
    answer = await house.get("/verify", make(made))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert "not known" in answer.json()["title"]


async def test_a_key_ends_when_its_time_is_up(house):
    made = house.key(expires_at=AT + timedelta(seconds=3))
    assert (await house.get("/verify", made.token)).status_code == 200
    house.passed = 3
    answer = await house.get("/verify", made.token)
    assert (answer.status_code, answer.json()["title"]) == (401, "this key has expired")


async def test_a_key_that_was_revoked_opens_nothing_a_few_seconds_later(house):
    made = house.key()
    assert (await house.get("/verify", made.token)).status_code == 200
    house.catalogue.keys.revoke(made.key.id, at=AT)
    house.passed = KNOWN_FOR
    answer = await house.get("/verify", made.token)
    assert (answer.status_code, answer.json()["title"]) == (401, "this key was revoked")
    assert await house.access.holder(made.key.id) is None


@pytest.mark.parametrize("scope", Scope)
async def test_what_is_grave_is_refused_to_a_revoked_key_from_that_moment(scope, house):
    made = house.key(scope)
    assert (await house.get(f"/{scope}", made.token)).status_code == 200
    assert await house.access.holder(made.key.id, scope) is not None
    house.catalogue.keys.revoke(made.key.id, at=AT)
    late = scope in GRAVE
    assert (await house.access.holder(made.key.id, scope) is None) is late
    assert (await house.get(f"/{scope}", made.token)).status_code == (401 if late else 200)


async def test_why_a_key_is_void_is_told_only_to_who_has_its_secret(house):
    made = house.key(revoked_at=AT)
    house.catalogue.keys.revoke(made.key.id, at=AT)
    answer = await house.get("/verify", made.token[:-4] + "AAAA")
    assert answer.json()["title"] == "this key is not known here"


async def test_a_key_is_not_asked_for_at_every_request(house):
    made = house.key()
    for _ in range(50):
        await house.get("/verify", made.token)
    assert house.asked == [made.key.id]
    house.passed = KNOWN_FOR
    await house.get("/verify", made.token)
    assert len(house.asked) == 2


async def test_a_session_needs_no_key_as_long_as_the_key_lasts(house):
    made = house.key(Scope.ADMIN, expires_at=AT + timedelta(hours=1))
    assert (await house.access.recognise(made.token, "203.0.113.9")).id == made.key.id
    assert (await house.access.holder(made.key.id)).scopes == {Scope.ADMIN}
    house.passed = 3600
    assert await house.access.holder(made.key.id) is None
    assert await house.access.holder("0" * 26) is None


async def test_when_a_key_was_used_is_noted_once_a_minute(house):
    made = house.key()
    noted = []
    for seconds in (0, 30, 59, 60, 90, 121):
        house.passed = seconds
        await house.get("/verify", made.token)
        noted.append((house.catalogue.keys.every()[0].last_used_at - AT).total_seconds())
    assert noted == [0, 0, 0, 60, 60, 121]


async def test_while_the_catalogue_is_away_keys_that_are_known_go_on_for_a_moment(house):
    made = house.key()
    assert (await house.get("/verify", made.token)).status_code == 200

    def away(_name):
        raise CatalogueUnavailable("locked")

    house.find = away
    house.passed = KNOWN_FOR - 1
    assert (await house.get("/verify", made.token)).status_code == 200
    house.passed = KNOWN_FOR
    answer = await house.get("/verify", made.token)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert (await house.get("/verify")).status_code == 200


async def test_nobody_is_refused_because_the_use_of_a_key_cannot_be_noted(house, monkeypatch):
    def away(_name, *, at):
        raise CatalogueUnavailable("locked")

    made = house.key()
    monkeypatch.setattr(house.catalogue.keys, "used", away)
    assert (await house.get("/verify", made.token)).status_code == 200


# ---- how often


async def test_a_key_has_a_rate_of_its_own_wherever_it_is_used(house):
    made, other = house.key(rate=Rate(count=2, seconds=60)), house.key(rate=Rate(count=2, seconds=60))
    codes = [(await house.get("/verify", made.token, address=f"203.0.113.{n}")).status_code for n in range(4)]
    assert codes == [200, 200, 429, 429]
    assert (await house.get("/verify", other.token)).status_code == 200
    refused = await house.get("/verify", made.token)
    assert refused.json()["title"] == "more than 2/min requests"
    house.passed = float(refused.headers["retry-after"])
    assert (await house.get("/verify", made.token)).status_code == 200


async def test_addresses_without_a_key_have_a_rate_each(house):
    house.access = Access(house.catalogue.keys, parse_rate("2/min"), now=house.now, clock=lambda: house.passed)
    assert [(await house.get("/verify")).status_code for _ in range(3)] == [200, 200, 429]
    assert (await house.get("/verify", address="203.0.113.10")).status_code == 200
    codes = [(await house.get("/verify", address=f"2001:db8::{n}")).status_code for n in range(3)]
    assert codes == [200, 200, 429]
    assert (await house.get("/verify", house.key().token)).status_code == 200


async def test_a_thousand_wrong_keys_are_not_looked_up_and_right_ones_go_on(house):
    right, other, third = house.key(), house.key(), house.key()
    assert (await house.get("/verify", right.token)).status_code == 200
    house.asked.clear()
    codes = [(await house.get("/verify", new_token(AT)[1])).status_code for _ in range(1000)]
    assert codes == [401] * MISSES.count + [429] * (1000 - MISSES.count)
    assert len(house.asked) == MISSES.count
    # Who was recognised before goes on, even from there; everybody else goes on elsewhere.
    assert (await house.get("/verify", right.token)).status_code == 200
    assert (await house.get("/verify", other.token, address="203.0.113.10")).status_code == 200
    refused = await house.get("/verify", third.token)
    assert (refused.status_code, "wrong keys" in refused.json()["title"]) == (429, True)
    house.passed = float(refused.headers["retry-after"])
    assert (await house.get("/verify", third.token)).status_code == 200


async def test_wrong_secrets_for_a_key_that_is_known_are_limited_too(house):
    right = house.key()
    await house.get("/verify", right.token)
    codes = [(await house.get("/verify", right.token[:-4] + "AAAA")).status_code for _ in range(30)]
    assert codes == [401] * MISSES.count + [429] * (30 - MISSES.count)


async def test_the_description_of_the_interface_says_that_there_are_keys(house):
    document = (await house.get("/openapi.json")).json()
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert document["paths"]["/sign"]["get"]["security"] == [{"key": []}]
