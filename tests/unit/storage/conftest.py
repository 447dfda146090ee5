"""Buckets and containers of their own for every test."""

from __future__ import annotations

import pytest

from tests.support import object_store


@pytest.fixture(scope="session")
def s3():
    with object_store.running() as make:
        yield make


@pytest.fixture(scope="session")
def google(s3):
    return lambda: s3(object_store.Google)


@pytest.fixture(scope="session")
def azure(tmp_path_factory):
    if object_store.azurite() is None:
        pytest.skip("azurite-blob is not installed (npm install -g azurite)")
    with object_store.running_azurite(tmp_path_factory.mktemp("azurite")) as make:
        yield make


@pytest.fixture
def bucket(s3, monkeypatch):
    """An empty bucket in an S3 that the environment leads to."""
    store = s3()
    store.into(monkeypatch)
    return store


@pytest.fixture(params=["s3", "google", "azure"])
def store(request, monkeypatch):
    """An empty bucket of each kind that can be had here."""
    found = request.getfixturevalue(request.param)()
    found.into(monkeypatch)
    return found
