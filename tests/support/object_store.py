"""Object stores on this machine: S3 as moto gives it, over real HTTP, and Azure as Azurite does, if it is installed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import logging
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from urllib.parse import quote

import boto3
import httpx
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

KEY_ID, SECRET, TOKEN = "AKIAEXAMPLEEXAMPLE00", "secret-of-the-tests-0123456789", "token-of-the-tests-0123456789"
REGION = "eu-west-1"
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Of every Azurite: published in its documentation."""
_NUMBERS = itertools.count(1)


class ObjectStore:
    """A bucket of its own in a running S3, looked at and filled without the program's own code."""

    scheme = "s3"

    def __init__(self, server, client):
        self.server = server
        self.endpoint = f"http://127.0.0.1:{server.port}"
        self.bucket = f"bucket-{next(_NUMBERS)}"
        self.client = client
        server.app.answer = None
        server.app.requests.clear()
        client.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})

    @property
    def requests(self):
        """Method, path and query of every request of the program since the bucket was made."""
        return [item for item in self.server.app.requests if not item[3]]

    def answer_with(self, answer):
        """Let `answer(method, path, query)` give (status, body) for a request, or None to let it pass."""
        self.server.app.answer = answer

    def address(self, key=""):
        return f"{self.scheme}://{self.bucket}/{key}"

    def put(self, key, data=b"data"):
        return self.client.put_object(Bucket=self.bucket, Key=key, Body=data)["ETag"].strip('"')

    def fill(self, keys):
        """Make many small objects, beside HTTP, which would take a minute."""
        for key in keys:
            s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(self.bucket, key, b"x")

    def get(self, key):
        return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def head(self, key):
        return self.client.head_object(Bucket=self.bucket, Key=key)

    def keys(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return sorted(item["Key"] for page in pages for item in page.get("Contents", ()))

    def uploads(self):
        """Return the multipart uploads that were neither completed nor aborted."""
        return self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])

    def into(self, monkeypatch):
        """Set the environment of the program so that it finds this store, and no other."""
        clear(monkeypatch)
        for name, value in self.environment().items():
            monkeypatch.setenv(name, value)

    def environment(self):
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": TOKEN,
            "AWS_REGION": REGION,
        }


class Google(ObjectStore):
    """The same server asked as Google's XML interface, which is S3's with other names of headers.

    It shows that the program asks as that interface is described, not that Google answers as expected: no emulator
    of Google's service has this interface.
    """

    scheme = "gs"

    def environment(self):
        return {
            "GOOGLE_BASE_URL": self.endpoint,
            "GOOGLE_ALLOW_HTTP": "true",
            "GOOGLE_BEARER_TOKEN": TOKEN,
        }


def clear(monkeypatch):
    """Keep the credentials and profiles of whoever runs the tests away."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


class _Application:
    """moto, with what it lacks: conditions are checked and kept in one step, as S3 does; and failures on demand."""

    def __init__(self):
        self.inner = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.Lock()
        self.requests = []
        self.answer = None

    def __call__(self, environ, start):
        asked = environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]
        by_test = "Boto3" in environ.get("HTTP_USER_AGENT", "")
        self.requests.append((*asked, by_test))
        given = self.answer(*asked) if self.answer and not by_test else None
        if given is not None:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start(f"{given[0]} Answer", [("Content-Length", str(len(given[1])))])
            return [given[1]]
        if environ.get("HTTP_AUTHORIZATION", "").startswith("Bearer"):
            environ, start = _as_s3(environ), _as_google(start)
        with self.lock:
            return list(self.inner(environ, start))


def _as_s3(environ):
    known = {name.replace("X_GOOG_META_", "X_AMZ_META_"): value for name, value in environ.items()}
    if known.pop("HTTP_X_GOOG_IF_GENERATION_MATCH", None) == "0":
        known["HTTP_IF_NONE_MATCH"] = "*"
    for name in ("RAW_URI", "REQUEST_URI"):  # moto takes the name of a bucket from there without decoding it
        known[name] = known[name].replace("%2D", "-")
    known["HTTP_AUTHORIZATION"] = (
        f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=0"
    )
    return known


def _as_google(start):
    def started(status, headers, *more):
        return start(status, [(name.replace("x-amz-meta-", "x-goog-meta-"), value) for name, value in headers], *more)

    return started


class _Quiet(WSGIRequestHandler):
    def log(self, *_args, **_more):
        pass


@contextmanager
def running():
    """Run an S3 server; give a function that makes a new bucket in it, as an `ObjectStore`."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, _Application(), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    session = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    client = session.client("s3", endpoint_url=f"http://127.0.0.1:{server.port}")
    try:
        yield lambda kind=ObjectStore: kind(server, client)
    finally:
        client.close()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent():
    """Give the port of a server that accepts connections and says nothing."""
    held = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept():
            with suppress(OSError):
                while True:
                    held.append(server.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in held:
        connection.close()


class Azure:
    """A container of its own in a running Azurite."""

    scheme = "az"

    def __init__(self, endpoint):
        self.endpoint = f"{endpoint}/{ACCOUNT}"
        self.bucket = f"container-{next(_NUMBERS)}"
        self._ask("PUT", "", query={"restype": "container"})

    def address(self, key=""):
        return f"az://{self.bucket}/{key}"

    def put(self, key, data=b"data"):
        self._ask("PUT", f"/{quote(key)}", data=data, headers={"x-ms-blob-type": "BlockBlob"})

    def get(self, key):
        return self._ask("GET", f"/{quote(key)}").content

    def into(self, monkeypatch):
        clear(monkeypatch)
        for name, value in {
            "AZURE_STORAGE_ENDPOINT": self.endpoint,
            "AZURE_ALLOW_HTTP": "true",
            "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": ACCOUNT_KEY,
        }.items():
            monkeypatch.setenv(name, value)

    def _ask(self, method, path, *, query=(), data=b"", headers=()):
        """Ask with a shared key: https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key."""
        own = dict(headers) | {
            "x-ms-date": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "x-ms-version": "2021-12-02",
        }
        url = httpx.URL(f"{self.endpoint}/{self.bucket}{path}", params=dict(query))
        lines = [method, "", "", str(len(data)) if data else "", *[""] * 8]
        lines += [f"{name}:{own[name]}" for name in sorted(own)]
        lines += [f"/{ACCOUNT}{url.raw_path.decode().partition('?')[0]}"]
        lines += [f"{name}:{value}" for name, value in sorted(dict(query).items())]
        signed = hmac.new(base64.b64decode(ACCOUNT_KEY), "\n".join(lines).encode(), hashlib.sha256).digest()
        own["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(signed).decode()}"
        answer = httpx.request(method, url, headers=own, content=data, trust_env=False)
        answer.raise_for_status()
        return answer


def azurite():
    """Return the program, or None where it is not installed (`npm install -g azurite`)."""
    return shutil.which("azurite-blob")


@contextmanager
def running_azurite(folder):
    """Run Azurite; give a function that makes a new container in it, as an `Azure`."""
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [azurite(), "--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"],
            cwd=folder, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        endpoint = None
        while endpoint is None:
            assert process.poll() is None, (folder / "out").read_text()
            found = re.search(r"listens on (http://127\.0\.0\.1:\d+)", (folder / "out").read_text())
            endpoint = found and found[1]
            time.sleep(0.05)
        yield lambda: Azure(endpoint)
    finally:
        process.terminate()
        process.wait()
