"""Ask the web under rules.

An address often comes from a file or a certificate, so it is chosen by whoever made that. Nobody may use it to reach
into the network that this program runs in, to follow who looks at a file beyond the one request, or to keep it busy:

1. https only unless `http` is allowed; no user name or password in the URL, no cookies, no proxy;
2. the host is resolved here, every address that comes back must be public unless `private` is allowed, and the
   connection goes to one of the addresses that were checked, while the certificate must still be one for the host's
   name;
3. each redirect is a new address and passes the same checks; what is posted is not redirected;
4. one deadline holds for everything, and the answer has a size limit.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from provenance.errors import FetchError
from provenance.network.addresses import is_public, resolve
from provenance.network.clock import Clock, Refused
from provenance.network.connections import Connection, Idle

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    import httpx

    from provenance.network.addresses import Address
    from provenance.network.clock import Resolve

_REDIRECT_CODES = (301, 302, 303, 307, 308)
_SHOWN = 300
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
"""What can be sent as a header (RFC 9110, 5.1 and 5.5), ASCII only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an address and its answer must keep to."""

    deadline: float = 10.0
    """Seconds for everything."""
    limit: int = 64 * 1024 * 1024
    """Bytes of an answer."""
    redirects: int = 3
    http: bool = False
    """Plain http may be used: for answers that carry a signature of their own."""
    private: bool = False
    """Addresses that are not public may be reached: for addresses that the user chose, and no file."""
    same_host: bool = False
    """A redirect may not lead to another host."""
    keep: bool = False
    """Connections stay open for the next question: for servers that are asked again and again."""
    unsafe_allow: tuple[str, ...] = ()
    """Networks (CIDR) that are reached although they are not public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said, whatever its status (redirects excepted)."""

    url: str
    """Where it came from in the end."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    method: str
    url: httpx.URL
    body: bytes | None
    headers: Mapping[str, str]


class Client:
    """Asks questions, each on a connection of its own or, where the rules keep them, on one that nobody uses just now.

    `resolve` turns a host and a port into addresses, `context` replaces the usual certificate authorities.
    """

    def __init__(
        self, rules: Rules | None = None, *, resolve: Resolve = resolve, context: ssl.SSLContext | None = None
    ) -> None:
        self._rules = rules or Rules()
        self._resolve = resolve
        self._given = context
        self._idle = Idle()
        self._allowed = tuple(ipaddress.ip_network(item) for item in self._rules.unsafe_allow)

    def get(self, url: str, *, accept: str) -> Answer:
        """Return the answer behind an address.

        Raises `FetchError` with the reason when it cannot be had under the rules, or is no 200.
        """
        answer = self.request("GET", url, headers={"Accept": accept})
        if answer.status != 200:
            where = "" if answer.url == url else f" (redirected to {shown(answer.url)})"
            raise FetchError(f"the server answers {answer.status}{where}", path=shown(url))
        return answer

    def request(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask, and return the answer whatever its status.

        `headers` go to the first server only, `Accept` excepted. Raises `FetchError` with the reason when there is no
        answer under the rules; the text of headers and body is never in it.
        """
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        clock = Clock(self._rules.deadline)
        target = url
        sent: Mapping[str, str] = headers or {}
        try:
            _require_sendable(sent)
            for _ in range(self._rules.redirects + 1):
                question = _Question(method=method, url=httpx.URL(target), body=body, headers=sent)
                answer = self._ask(question, clock)
                if isinstance(answer, Answer):
                    return answer
                sent = self._kept(question, answer)
                target = answer
            raise Refused(f"it redirects more than {self._rules.redirects} times")
        except Refused as error:
            reason, cause = error.reason, error.__cause__
        except (httpx.HTTPError, OSError) as error:
            # When the time is over, that is why, whatever the error says.
            failed = f"the connection failed: {shown(str(error)) or type(error).__name__}"
            reason, cause = (clock.late() if clock.left() <= 0 else failed), error
        except (httpx.InvalidURL, ValueError) as error:
            reason, cause = "it is not a valid URL", error
        where = "" if target == url else f" (redirected to {shown(target)})"
        raise FetchError(f"{reason}{where}", path=shown(url)) from cause

    def _kept(self, question: _Question, location: str) -> Mapping[str, str]:
        """Return the headers that may follow a redirect."""
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        if question.method != "GET":
            raise Refused("it redirects, and what is posted is not sent elsewhere")
        url, target = question.url, httpx.URL(location)
        if self._rules.same_host and target.host != url.host:
            raise Refused(f"it redirects to another host, {shown(target.host)}")
        # Another port is another server, and without TLS everybody can read along.
        if (target.scheme, target.host, target.port) == (url.scheme, url.host, url.port):
            return question.headers
        return {name: value for name, value in question.headers.items() if name.lower() == "accept"}

    def _ask(self, question: _Question, clock: Clock) -> Answer | str:
        """Return what one address answers, or where it redirects to."""
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        url = question.url
        schemes = ("https", "http") if self._rules.http else ("https",)
        if url.scheme not in schemes or not url.host:
            raise Refused(f"only {' and '.join(schemes)} addresses are fetched")
        if url.userinfo:
            raise Refused("it holds a user name or a password")
        host = url.raw_host.decode("ascii")
        failure: Exception | None = None
        for address in self._addresses(host, url.port or (80 if url.scheme == "http" else 443), clock):
            try:
                return self._ask_at(address, question, clock)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or Refused("its host has no address")

    def _addresses(self, host: str, port: int, clock: Clock) -> list[Address]:
        """Resolve a host; one address that is not public spoils all, since it shows an intention."""
        found = [ipaddress.ip_address(item.partition("%")[0]) for item in clock.limited(self._resolve, host, port)]
        for address in found:
            if not (self._rules.private or is_public(address) or any(address in net for net in self._allowed)):
                raise Refused("its host has an address that is not public")
        return found

    def _ask_at(self, address: Address, question: _Question, clock: Clock) -> Answer | str:
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        if not self._rules.keep:
            with self._connection() as connection:
                return self._ask_on(connection, address, question, clock)
        url = question.url
        # Of a kept connection the certificate was checked for this name: one to the same address will not do.
        place = (url.scheme, url.raw_host, url.port, address)
        connection = self._idle.take(place) or self._connection()
        try:
            try:
                answer = self._ask_on(connection, address, question, clock)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if not connection.used:
                    raise
                # The server has let go of it in the meantime.
                connection.close()
                connection = self._connection()
                answer = self._ask_on(connection, address, question, clock)
        except BaseException:
            connection.close()
            raise
        self._idle.put(place, connection)
        return answer

    def _connection(self) -> Connection:
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        return Connection(httpx.Client(verify=self._context, trust_env=False))

    def _ask_on(self, connection: Connection, address: Address, question: _Question, clock: Clock) -> Answer | str:
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        url = question.url
        # Half of the time for the first address leaves some for the next one.
        timeout = httpx.Timeout(clock.left(), connect=clock.left() / 2)
        headers = {
            **question.headers,
            "Host": url.netloc.decode("ascii"),
            # Nothing is unpacked here: a small answer could become a large one.
            "Accept-Encoding": "identity",
        }
        place = url.copy_with(host=str(address), fragment=None)
        with clock.cutting(connection.socket) as cutter:
            extensions = {"sni_hostname": url.raw_host.decode("ascii"), "trace": connection.traced(cutter.trace)}
            with connection.client.stream(
                question.method, place, content=question.body, headers=headers, extensions=extensions, timeout=timeout
            ) as response:
                if response.status_code in _REDIRECT_CODES and "location" in response.headers:
                    return str(url.join(response.headers["location"]))
                return Answer(
                    url=str(url),
                    status=response.status_code,
                    headers={name.lower(): value for name, value in response.headers.items()},
                    body=self._body(response, clock),
                )

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Whom to trust, made once: reading all authorities takes longer than most answers."""
        import httpx  # noqa: PLC0415 -- only who fetches needs it

        return self._given or httpx.create_ssl_context(trust_env=False)

    def _body(self, response: httpx.Response, clock: Clock) -> bytes:
        too_large = Refused(f"it is larger than {self._rules.limit} bytes")
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._rules.limit:
            raise too_large
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Refused("the server sends it compressed although it was asked not to")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self._rules.limit:
                raise too_large
            clock.check()
        # A body of no declared length ends where the connection does, and that may have been cut for lack of time.
        clock.check()
        return bytes(body)


def _require_sendable(headers: Mapping[str, str]) -> None:
    """Refuse what the library would refuse too, but with the header in its words: it may hold a token."""
    for name, value in headers.items():
        if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            raise Refused(f"the header {shown(name)} holds characters that cannot be sent, a line break perhaps")


def shown(text: str) -> str:
    """Make a stranger's text safe to print: no control characters, no passwords, not endless."""
    text = re.sub(r"//[^/?#]*@", "//***@", text)
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in text)
    return safe if len(safe) <= _SHOWN else f"{safe[:_SHOWN]}…"
