"""Fetch remote manifests over https, from public addresses only, within bounds of time and size.

A file says where its manifest is, so the address is chosen by whoever made the file. Nobody may use that to reach
into the network that this program runs in, to follow who looks at a file beyond the one request, or to keep it busy:

1. https only, no user name or password in the URL, no cookies, no proxy;
2. the host is resolved here, every address that comes back must be public, and the connection goes to one of the
   addresses that were checked, while the certificate must still be one for the host's name;
3. each redirect is a new address and passes the same checks;
4. one deadline holds for everything, and the answer has a size limit.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from provenance.errors import FetchError
from provenance.manifests.formats import MANIFEST_STORE

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    import httpx

    Resolve = Callable[[str, int], Sequence[str]]
    Address = ipaddress.IPv4Address | ipaddress.IPv6Address
    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_REDIRECTS = 3
_REDIRECT_CODES = (301, 302, 303, 307, 308)
_SHOWN = 300
_HINT = "if you have the manifest as a file, put it beside the media file as a sidecar"

# Public by number, but not in effect: NAT64, 6to4 and Teredo lead to IPv4 addresses of the sender's choice, and the
# last one is answered by the host itself in one cloud.
_DISGUISED = tuple(
    ipaddress.ip_network(item)
    for item in ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "168.63.129.16/32")
)


class HttpsSource:
    """A `ManifestSource` that asks the web.

    `deadline` is in seconds and `limit` in bytes. `resolve` turns a host and a port into addresses, `context`
    replaces the usual certificate authorities, and `unsafe_allow` names networks (CIDR) that are reached although
    they are not public.
    """

    def __init__(
        self,
        *,
        deadline: float = 10.0,
        limit: int = 64 * 1024 * 1024,
        resolve: Resolve | None = None,
        context: ssl.SSLContext | None = None,
        unsafe_allow: Sequence[str] = (),
    ) -> None:
        self._deadline = deadline
        self._limit = limit
        self._resolve = resolve or _resolve
        self._context = context
        self._allowed = tuple(ipaddress.ip_network(item) for item in unsafe_allow)

    def fetch(self, url: str) -> bytes:
        """Return the manifest store at this address.

        Raises `FetchError` with the reason when it cannot be had under the rules.
        """
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        clock = _Clock(self._deadline)
        target = url
        try:
            for _ in range(_REDIRECTS + 1):
                answer = self._ask(httpx.URL(target), clock)
                if isinstance(answer, bytes):
                    return _checked(answer)
                target = answer
            raise _Refused(f"it redirects more than {_REDIRECTS} times")
        except _Refused as error:
            reason, cause = error.reason, error.__cause__
        except (httpx.HTTPError, OSError) as error:
            reason, cause = clock.blame(error), error
        except (httpx.InvalidURL, ValueError) as error:
            reason, cause = "it is not a valid URL", error
        where = "" if target == url else f" (redirected to {_shown(target)})"
        raise FetchError(f"{reason}{where}", path=_shown(url), hint=_HINT) from cause

    def _ask(self, url: httpx.URL, clock: _Clock) -> bytes | str:
        """Return what one address answers: a body, or where it redirects to."""
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        if url.scheme != "https" or not url.host:
            raise _Refused("only https addresses are fetched")
        if url.userinfo:
            raise _Refused("it holds a user name or a password")
        host = url.raw_host.decode("ascii")
        failure: Exception | None = None
        for address in self._addresses(host, url.port or 443, clock):
            try:
                return self._ask_at(address, url, host, clock)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or _Refused("its host has no address")

    def _addresses(self, host: str, port: int, clock: _Clock) -> list[Address]:
        """Resolve a host; one address that is not public spoils all, since it shows an intention."""
        found = [ipaddress.ip_address(item.partition("%")[0]) for item in clock.limited(self._resolve, host, port)]
        for address in found:
            if not (_is_public(address) or any(address in network for network in self._allowed)):
                raise _Refused("its host has an address that is not public")
        return found

    def _ask_at(self, address: Address, url: httpx.URL, host: str, clock: _Clock) -> bytes | str:
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        # Half of the time for the first address leaves some for the next one.
        timeout = httpx.Timeout(clock.left(), connect=clock.left() / 2)
        verify = True if self._context is None else self._context
        client = httpx.Client(verify=verify, trust_env=False, timeout=timeout)
        headers = {
            "Host": url.netloc.decode("ascii"),
            "Accept": MANIFEST_STORE,
            # Nothing is unpacked here: a small answer could become a large one.
            "Accept-Encoding": "identity",
        }
        place = url.copy_with(host=str(address), fragment=None)
        with client, clock.cutting() as trace:
            extensions = {"sni_hostname": host, "trace": trace}
            with client.stream("GET", place, headers=headers, extensions=extensions) as response:
                if response.status_code in _REDIRECT_CODES and "location" in response.headers:
                    return str(url.join(response.headers["location"]))
                if response.status_code != 200:
                    raise _Refused(f"the server answers {response.status_code}")
                return self._body(response, clock)

    def _body(self, response: httpx.Response, clock: _Clock) -> bytes:
        too_large = _Refused(f"it is larger than {self._limit} bytes")
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._limit:
            raise too_large
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _Refused("the server sends it compressed although it was asked not to")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self._limit:
                raise too_large
            clock.check()
        return bytes(body)


class _Refused(Exception):
    """A rule that an address or an answer breaks."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Clock:
    """One deadline for everything.

    Timeouts of a connection hold for single reads: a server that sends a header byte by byte never trips them. So
    the connection is cut from outside when the time is over.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; they may be negative."""
        return self._end - time.monotonic()

    def check(self) -> None:
        """Raise when the time is over."""
        if self.left() <= 0:
            raise _Refused(self._late())

    def blame(self, error: Exception) -> str:
        """Say why a connection failed: when the time is over, that is why, whatever the error says."""
        if self.left() <= 0:
            return self._late()
        return f"the connection failed: {_shown(str(error)) or type(error).__name__}"

    def _late(self) -> str:
        return f"it took longer than {self._seconds:g} s"

    def limited(self, resolve: Resolve, host: str, port: int) -> Sequence[str]:
        """Wait for a resolver no longer than there is time: the system's own takes no timeout."""
        self.check()
        found: list[Sequence[str]] = []
        failed: list[Exception] = []

        def work() -> None:
            try:
                found.append(resolve(host, port))
            except (OSError, ValueError) as error:
                failed.append(error)

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        worker.join(self.left())
        self.check()
        if failed or not found:
            raise _Refused("its host has no address") from (failed[0] if failed else None)
        return found[0]

    def cutting(self) -> _Cutter:
        """Return a guard that cuts a connection when the time is over."""
        self.check()
        return _Cutter(self.left())


class _Cutter:
    """Shut the socket of a connection down when a time is over (httpcore's trace extension names the socket)."""

    def __init__(self, seconds: float) -> None:
        self._socket: socket.socket | None = None
        self._over = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Callable[[str, Mapping[str, Any]], None]:
        self._timer.start()
        return self._trace

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._socket = info["return_value"].get_extra_info("socket")
            if self._over:
                self._cut()

    def _cut(self) -> None:
        self._over = True
        if self._socket is not None:
            with suppress(OSError):
                # Not the TLS socket's own method, which would pull the TLS state away under the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _resolve(host: str, port: int) -> list[str]:
    return [str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _is_public(address: Address) -> bool:
    if any(address in network for network in _DISGUISED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _checked(body: bytes) -> bytes:
    """Let only what looks like a whole JUMBF superbox pass (ISO/IEC 19566-5)."""
    if body[4:8] != b"jumb":
        raise _Refused("the answer is not a manifest store")
    if int.from_bytes(body[:4], "big") > len(body):
        raise _Refused("the manifest store is cut short")
    return body


def _shown(text: str) -> str:
    """Make a stranger's text safe to print: no control characters, no passwords, not endless."""
    text = re.sub(r"//[^/?#]*@", "//***@", text)
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in text)
    return safe if len(safe) <= _SHOWN else f"{safe[:_SHOWN]}…"
