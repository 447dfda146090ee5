"""How identities get to disk: they appear whole or not at all, change in one step, and no key is ever lost.

The step is the renaming of `identity.json`, which says which of the files beside it count: until then the old ones do.
What is replaced goes to `previous/` first, all its files together.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePath
from secrets import token_hex
from typing import TYPE_CHECKING

from provenance.keys.identity import ABOUT_FILE, PREVIOUS, Identity, read_pem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from provenance.model.ports import Algorithm

Files = dict[str, tuple[int, bytes]]
"""Name of a file: its mode and what is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that an identity is made of, before it is kept."""

    name: str
    organisation: str
    algorithm: Algorithm
    key: str | bytes = field(repr=False)
    """Where the private key lives, as a URI; or the key itself in PEM, to be kept here."""
    chain_pem: str = field(default="", repr=False)
    """Certificates, leaf first, without the root; empty while a request waits for its answer."""
    root_pem: str = field(default="", repr=False)
    """Empty when it is not known."""
    development: bool = False
    request_pem: str = field(default="", repr=False)
    """A certificate request that was not answered yet."""
    request_key: str | bytes | None = field(default=None, repr=False)
    """The key of that request, when it is another than `key`."""


def material_of(identity: Identity) -> Material:
    """Return what an identity is made of now. Raises `KeyUnavailable` when a file of it is missing."""
    root, request = identity.root_path, identity.request_path
    return Material(
        name=identity.name,
        organisation=identity.organisation,
        algorithm=identity.algorithm,
        key=identity.key,
        chain_pem="" if identity.waiting else read_pem(identity.chain_path),
        root_pem=read_pem(root) if root else "",
        development=identity.development,
        request_pem=read_pem(request) if request else "",
        request_key=identity.request_key,
    )


def write_identity(directory: Path, material: Material, *, at: datetime) -> None:
    """Write a new identity beside the place where it belongs, and move it there in one step. Raises `OSError`."""
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files, about = _files(material, None, at)
    draft = directory.parent / f".new-{directory.name}-{token_hex(4)}"
    draft.mkdir(mode=0o700)
    try:
        for name, (mode, content) in (files | _about(about)).items():
            write_new(draft / name, content, mode=mode)
        # Renaming a directory never replaces another one that holds something.
        draft.rename(directory)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def rewrite_identity(identity: Identity, material: Material, *, at: datetime) -> None:
    """Give an identity other files, in one step; those that no longer count are kept in `previous/`.

    `at` names the state that is replaced. Raises `OSError`, and then everything is as it was.
    """
    directory = identity.directory
    files, about = _files(material, identity, at)
    counting = {ABOUT_FILE, *(_own(value) for value in about.values())}
    old = [path for path in directory.iterdir() if path.is_file()]
    dropped = [path for path in old if path.name not in counting]
    written: list[Path] = []
    try:
        if dropped:
            history = _new_history(directory, at)
            written.append(history)
            for path in old:
                write_new(history / path.name, path.read_bytes(), mode=stat.S_IMODE(path.stat().st_mode))
        for name, (mode, content) in files.items():
            written.append(directory / name)
            write_new(directory / name, content, mode=mode)
        replace_file(directory / ABOUT_FILE, *_about(about)[ABOUT_FILE])
    except BaseException:
        for path in written:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        raise
    for path in dropped:
        # It is in `previous/` too, and counts no longer.
        with suppress(OSError):
            path.unlink()


def replace_file(path: Path, mode: int, content: bytes) -> None:
    """Write a small file in one step. Raises `OSError`."""
    draft = path.with_name(f".{path.name}-{token_hex(4)}")
    try:
        write_new(draft, content, mode=mode)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Write a new file that has its mode from the first moment, down to the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _files(material: Material, current: Identity | None, at: datetime) -> tuple[Files, dict[str, object]]:
    """Return the files that must be written, and what `identity.json` will say."""
    files: Files = {}

    def put(name: str, content: bytes, *, mode: int = 0o644, now: str | None = None) -> str:
        if current is not None:
            if now is not None and (current.directory / now).read_bytes() == content:
                return now
            if (current.directory / name).exists() or name in files:
                path = PurePath(name)
                name = f"{path.stem}-{token_hex(4)}{path.suffix}"
        files[name] = (mode, content)
        return name

    def put_key(key: str | bytes) -> str:
        return key if isinstance(key, str) else f"file:{put('key.pem', key, mode=0o600)}"

    def put_pem(name: str, pem: str, now: str | None) -> str | None:
        return put(name, pem.encode("ascii"), now=now) if pem else None

    return files, {
        "name": material.name,
        "algorithm": material.algorithm.value,
        "created_at": (current.created_at if current else at).isoformat(),
        **_validity(material.chain_pem),
        "development": material.development,
        "organisation": material.organisation,
        "key": put_key(material.key),
        "chain": put_pem("chain.pem", material.chain_pem, current.chain if current else None),
        "root": put_pem("root.pem", material.root_pem, current.root if current else None),
        "request": put_pem("request.pem", material.request_pem, current.request if current else None),
        "request_key": None if material.request_key is None else put_key(material.request_key),
    }


def _validity(chain_pem: str) -> dict[str, str | None]:
    if not chain_pem:
        return {"not_after": None, "fingerprint": None}
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - only when an identity is made
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - the same

    leaf = load_pem_x509_certificate(chain_pem.encode("ascii"))
    return {"not_after": leaf.not_valid_after_utc.isoformat(), "fingerprint": leaf.fingerprint(SHA256()).hex()}


def _about(about: Mapping[str, object]) -> Files:
    return {ABOUT_FILE: (0o644, json.dumps(about, ensure_ascii=False, indent=2).encode("utf-8") + b"\n")}


def _own(value: object) -> str:
    """Return the name of the file that a value of `identity.json` stands for, if it stands for one."""
    return str(value).removeprefix("file:")


def _new_history(directory: Path, at: datetime) -> Path:
    history = directory / PREVIOUS
    history.mkdir(mode=0o700, exist_ok=True)
    stamp = f"{at:%Y%m%dT%H%M%SZ}"
    path = history / stamp
    while path.exists():
        path = history / f"{stamp}-{token_hex(2)}"
    path.mkdir(mode=0o700)
    return path
