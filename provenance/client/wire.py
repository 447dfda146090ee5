"""Requests over HTTP: bodies are streamed from the disk, and read anew for each attempt."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import httpx

from provenance.client.problems import error_of
from provenance.client.retrying import Patience, is_passing, seconds
from provenance.errors import FetchError, ServiceError, SettingsError, UnreadableMedia

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping, Sequence

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_LARGEST_PROBLEM: Final = 1 << 16
_SAFE: Final = ("GET", "HEAD")
_ANY: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    body: Path | bytes | None = None
    """A file that is sent as it is."""
    parts: Sequence[tuple[str, Path | bytes, str]] = ()
    """Files of a form: the name of the part, the file, and what it is called."""


class Wire:
    """One service; connections are kept."""

    def __init__(
        self, url: str, key: str | None, *, timeout: float, patience: Patience, context: ssl.SSLContext | None
    ) -> None:
        """`timeout` is in seconds, for each wait. Raises `SettingsError` for an address that a key must not go to."""
        self.url = _checked(url, key)
        self._patience = patience
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=timeout,
            verify=context or True,
            # A key goes to the address that was named, and nowhere else.
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def read(self, request: Request) -> httpx.Response:
        """Ask, and return the whole answer. Raises what the service names, or `ServiceError`."""
        with self.stream(request) as response:
            try:
                response.read()
            except httpx.HTTPError as error:
                raise self._broken(error) from error
            return response

    @contextmanager
    def stream(self, request: Request) -> Iterator[httpx.Response]:
        """Ask, and give an answer that is a success, before its body is read. Raises as `read`."""
        attempt = 0
        with ExitStack() as held:
            while True:
                response = self._tried(held, request, attempt)
                if response is not None and response.is_success:
                    break
                held.close()
                attempt += 1
            yield response

    def pieces(self, response: httpx.Response) -> Iterator[bytes]:
        """Give the body of an answer as it comes. Raises `ServiceError` when it breaks off."""
        try:
            yield from response.iter_bytes()
        except httpx.HTTPError as error:
            raise self._broken(error) from error

    def lines(self, response: httpx.Response) -> Iterator[bytes]:
        """Give the lines of an answer as they come. Raises as `pieces`."""
        rest = b""
        for piece in self.pieces(response):
            *whole, rest = (rest + piece).split(b"\n")
            yield from filter(None, whole)
        if rest:
            yield rest

    def _tried(self, held: ExitStack, request: Request, attempt: int) -> httpx.Response | None:
        """Ask once. None, or an answer that is no success: ask again. Raises what is final."""
        safe = request.method in _SAFE
        try:
            response = self._sent(held, request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # nothing was sent
            if not self._patience.wait(attempt, None):
                raise self._broken(error) from error
            return None
        except httpx.HTTPError as error:
            if not (safe and self._patience.wait(attempt, None)):
                raise self._broken(error) from error
            return None
        if response.is_success:
            return response
        later = seconds(response.headers.get("retry-after"))
        if is_passing(response.status_code, later, safe=safe) and self._patience.wait(attempt, later):
            return response
        raise error_of(response.status_code, response.headers, _some(response), url=self.url)

    def _sent(self, held: ExitStack, request: Request) -> httpx.Response:
        more: dict[str, Any] = {"params": request.query}
        headers = dict(request.headers)
        if request.json is not None:
            more["json"] = request.json
        elif request.body is not None:
            more["content"] = _opened(held, request.body)
            headers["Content-Type"] = _ANY
        elif request.parts:
            more["files"] = [(part, (name, _opened(held, file), _ANY)) for part, file, name in request.parts]
        built = self._http.build_request(request.method, request.path, headers=headers, **more)
        return held.enter_context(closing(self._http.send(built, stream=True)))

    def _broken(self, error: httpx.HTTPError) -> ServiceError:
        reason = str(error) or type(error).__name__
        return ServiceError(f"the service cannot be asked: {reason}", path=self.url, hint="is it running there?")


def _opened(held: ExitStack, file: Path | bytes) -> IO[bytes] | bytes:
    """Open a file for one attempt. Raises `UnreadableMedia`."""
    if isinstance(file, bytes):
        return file
    try:
        return held.enter_context(file.open("rb"))
    except OSError as error:
        raise UnreadableMedia(f"cannot be read: {error.strerror or error}", path=file) from error


def _some(response: httpx.Response) -> bytes:
    """Read as much of an answer as a problem can be long."""
    read = bytearray()
    try:
        for piece in response.iter_bytes():
            read += piece
            if len(read) > _LARGEST_PROBLEM:
                break
    except httpx.HTTPError:
        pass
    return bytes(read)


def _checked(url: str, key: str | None) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise SettingsError("is no address of a service", path=url, hint="it begins with https://")
    if parts.username or parts.password:
        raise SettingsError("the address of a service holds a user name or a password", hint="give the client a key")
    if key and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SettingsError("a key is not sent without TLS", path=url, hint="use https")
    return url.rstrip("/")


def is_address(source: object) -> bool:
    """Say whether a source is to be fetched by the service."""
    return isinstance(source, str) and source.startswith(("https://", "http://"))


def named(source: Path | str | bytes) -> tuple[Path | bytes, str | None]:
    """Return a file, and what it is called. Raises `FetchError` for an address: it is no file of this machine."""
    if is_address(source):
        raise FetchError("an address cannot be sent here", path=str(source), hint="download it first")
    if isinstance(source, bytes):
        return source, None
    return Path(source), Path(source).name


def part_of(name: str) -> str:
    """Write what stands for one thing in a path so that it stays one."""
    return quote(name, safe=":")
