"""The engine alone, as its documentation uses it: one loop over files, in one process.

It is run by `bench/peers.py` and prints one line of JSON: files, bytes, the seconds of the loop, those of the start
before it (from this file's first line on), and the peak of memory in bytes.
"""

from __future__ import annotations

import time

BEGUN = time.perf_counter()

import argparse  # noqa: E402 -- the clock starts before anything is loaded
import hashlib  # noqa: E402
import json  # noqa: E402
import mimetypes  # noqa: E402
import re  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from c2pa import Signer

MODES = ("documented", "bare", "read", "sha256")
_CREATED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"
PIECE = 1 << 20


def documented(output: Path, key: Path, chain: Path) -> Callable[[Path], None]:
    """Sign and read back as `examples/sign.py` of contentauth/c2pa-python does, with all settings as they come.

    That is: a builder from a definition with one action, `c2pa.created`; `sign_file` from path to path; then a Reader
    on the opened result and its JSON. The automatic thumbnail is on. The signer is made once, by `Signer.from_info` as
    in "Using the Python library" (`docs/usage.md`, signing without Context), which is faster than the callback of the
    example. No time-stamp authority is asked, where both documents name one; the example's `print` is left out.
    """
    import c2pa

    signer = _signer(key, chain)

    def one(source: Path) -> None:
        media_type, target = _type(source), output / source.name
        definition: dict[str, Any] = {
            "claim_generator": "python_example",
            "claim_generator_info": [{"name": "python_example", "version": "0.0.1"}],
            "format": media_type,
            "title": "Python Example Image",
            "ingredients": [],
            "assertions": [{"label": "c2pa.actions", "data": {"actions": [_created()]}}],
        }
        builder = c2pa.Builder(definition)
        builder.sign_file(source_path=source, dest_path=target, signer=signer)
        builder.close()
        with target.open("rb") as file:
            reader = c2pa.Reader(media_type, file)
            reader.json()
            reader.close()

    return one


def bare(output: Path, key: Path, chain: Path) -> Callable[[Path], None]:
    """Sign without a thumbnail from open file to open file and read back; all other settings as they come.

    It states what our preset `publish` states: a parent that was opened and published.
    """
    import c2pa

    signer = _signer(key, chain)
    context = c2pa.Context.from_dict({"builder": {"thumbnail": {"enabled": False}}})

    def one(source: Path) -> None:
        media_type, target = _type(source), output / source.name
        builder = c2pa.Builder(_published(source.name), context=context)
        with builder, source.open("rb") as asset, target.open("w+b") as signed:
            builder.sign(signer, media_type, asset, signed)
        with target.open("rb") as result, c2pa.Reader(media_type, result, context=context) as reader:
            reader.json()

    return one


def read() -> Callable[[Path], None]:
    """Read and validate as "Using the Python library" does (`docs/usage.md`, stream reading without Context)."""
    import c2pa

    def one(source: Path) -> None:
        with source.open("rb") as stream, c2pa.Reader(_type(source), stream) as reader:
            reader.json()

    return one


def sha256() -> Callable[[Path], None]:
    """Read all bytes and hash them: the least that anybody has to do who looks at all of a file."""
    buffer = bytearray(PIECE)
    view = memoryview(buffer)

    def one(source: Path) -> None:
        digest = hashlib.sha256()
        with source.open("rb", buffering=0) as stream:
            while size := stream.readinto(buffer):
                digest.update(view[:size])
        digest.hexdigest()

    return one


def _signer(key: Path, chain: Path) -> Signer:
    import c2pa

    info = c2pa.C2paSignerInfo(
        alg=c2pa.C2paSigningAlg.ES256, sign_cert=chain.read_bytes(), private_key=key.read_bytes(), ta_url=None
    )
    return c2pa.Signer.from_info(info)


def _created() -> dict[str, str]:
    return {"action": "c2pa.created", "digitalSourceType": _CREATED, "softwareAgent": "Python C2PA SDK example"}


def _published(title: str) -> dict[str, Any]:
    parent = {"label": "parent", "title": title, "relationship": "parentOf", "instance_id": "xmp:iid:bench"}
    actions = [{"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}}, {"action": "c2pa.published"}]
    return {
        "claim_generator_info": [{"name": "bench", "version": "1"}],
        "title": title,
        "ingredients": [parent],
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": actions}}],
    }


def _type(path: Path) -> str:
    found, _ = mimetypes.guess_type(path.name)
    if found is None:
        raise SystemExit(f"{path.name}: of no known type")
    return found


def _peak() -> int:
    """Return the most memory that this process has held, in bytes; 0 where the system does not say.

    `getrusage` would count what the parent held when it forked (proc(5), VmHWM).
    """
    try:
        found = re.search(r"^VmHWM:\s*(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def main() -> None:
    parser = argparse.ArgumentParser(description="Sign or read files in one loop, with the engine alone.")
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("sources", nargs="+", type=Path, help="files")
    parser.add_argument("--output", type=Path, help="the folder for what is signed")
    parser.add_argument("--key", type=Path, help="private key, PEM")
    parser.add_argument("--chain", type=Path, help="certificates, PEM, leaf first")
    chosen = parser.parse_args()
    prepare: dict[str, Callable[..., Callable[[Path], None]]] = {"documented": documented, "bare": bare}
    if chosen.mode in prepare:
        one = prepare[chosen.mode](chosen.output, chosen.key, chosen.chain)
    else:
        one = read() if chosen.mode == "read" else sha256()
    ready = time.perf_counter()
    for source in chosen.sources:
        one(source)
    done = time.perf_counter()
    found = {
        "files": len(chosen.sources),
        "bytes": sum(source.stat().st_size for source in chosen.sources),
        "seconds": done - ready,
        "startup": ready - BEGUN,
        "peak": _peak(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
