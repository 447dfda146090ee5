"""Private keys behind a remote signer, asked over https (`https:`).

The address of the key is the address that is asked. One question is one signature:

    POST /keys/desk HTTP/1.1
    Host: signer.example
    Authorization: Bearer TOKEN
    Signature-Algorithm: es256
    Content-Type: application/octet-stream
    Accept: application/octet-stream, application/problem+json

The body is the message as it is to be signed, hashing included; it is some kilobytes long and holds no pictures. The
algorithm is one of es256, es384, es512 (ECDSA), ps256, ps384, ps512 (RSA-PSS, MGF1 with the same digest, a salt as long
as it) and ed25519; the certificate dictates it, so a server may refuse all others. `Authorization` is left out when
there is no token.

The answer is 200 with the signature as `application/octet-stream`: ECDSA in DER or as raw r‖s. Any other status means
that there is no signature; `title` and `detail` of a problem document (RFC 9457) are shown to the user. 429, 502, 503
and 504 are asked again, up to four times in all, after the seconds that `Retry-After` names unless they are more than
ten, and so is a connection that fails; 401 and 403 never are. A question has ten seconds, an answer 64 kB, and there
are no redirects.

Plain http is for this machine only, where a sidecar may do the rest. The address itself is no secret: it stands in
messages and logs. `examples/remote_signer.py` is a server that speaks this.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from threading import RLock
from typing import TYPE_CHECKING, Final

import httpx

from provenance.errors import FetchError, KeyUnavailable, SignerRefused, WrongSecret
from provenance.network import Client, Rules, retry, shown
from provenance.network.addresses import resolve
from provenance.network.retry import LONGEST_WAIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provenance.errors import SigningError
    from provenance.keys.secrets import Secret
    from provenance.model.ports import Algorithm
    from provenance.network import Answer

ATTEMPTS: Final = 4
DEADLINE: Final = 10.0
"""Seconds for one attempt."""
LIMIT: Final = 64 * 1024
"""Bytes of an answer."""

_BINARY = "application/octet-stream"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_AGAIN = (429, 502, 503, 504)
_SAID = {
    401: "the remote signer does not accept the token",
    403: "the remote signer does not allow the use of this key",
    404: "the remote signer has no such key",
    413: "the remote signer finds this message too long",
    429: "the remote signer receives too many requests",
}
_HINTS = {
    401: "give another token; it was not tried again",
    403: "ask those who run the signer to allow it",
    404: "check the address",
    429: "try again later, or ask those who run the signer for a higher limit",
}


class _Refused(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class RemoteKey:
    """A private key behind a remote signer: a `Key` that does not tell its public key.

    Several threads may sign at once. The token is asked for once, and after it was refused so is every signature. It
    cannot be pickled: what crosses a process border is its address.
    """

    chain_pem = ""

    def __init__(self, url: str, secret: Secret, *, client: Client, sleep: Callable[[float], None]) -> None:
        self.place = shown(url)
        self._url = url
        self._secret = secret
        self._client = client
        self._sleep = sleep
        self._lock = RLock()
        self._token: str | None = None
        self._asked = False
        self._refused = False

    def public_key(self) -> None:
        """Return None: the protocol has no question for it, and the first signature shows it."""

    def sign(self, data: bytes, algorithm: Algorithm) -> bytes:
        """Have a whole message signed.

        Raises `WrongSecret` when the token is refused, `KeyUnavailable` when the signer or the key is not there, and
        `SignerRefused` with the signer's words when it gives no signature.
        """
        token = self._authorize()
        headers = {
            "Content-Type": _BINARY,
            "Accept": f"{_BINARY}, application/problem+json",
            "Signature-Algorithm": algorithm.value,
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        question = _Question(self._client, self._url, data, headers)
        try:
            return self._signature(retry(question.ask, again=question.again, attempts=ATTEMPTS, sleep=self._sleep))
        except _Refused as error:
            failure = self._failure(error.answer, question.tries, token)
        except FetchError as error:
            failure = KeyUnavailable(
                f"the remote signer cannot be reached{_times(question.tries)}: {error.message}",
                path=self.place,
                hint="check the address, the network and the server",
            )
        # Without a cause: that would hold the request, and with it the token.
        raise failure

    def close(self) -> None:
        """Forget the token."""
        with self._lock:
            self._token, self._asked = None, False

    def _authorize(self) -> str | None:
        with self._lock:
            if self._refused:
                raise WrongSecret(_SAID[401], path=self.place, hint=_HINTS[401])
            if not self._asked:
                token = self._secret(f"the token of {httpx.URL(self._url).host}") or None
                if token and not re.fullmatch(r"[!-~]+", token):
                    raise WrongSecret(
                        "this cannot be a token: it holds blanks, line ends or other characters that no token has",
                        path=self.place,
                        hint="give the token alone",
                    )
                self._token, self._asked = token, True
            return self._token

    def _signature(self, answer: Answer) -> bytes:
        kind = _kind(answer)
        if kind == _BINARY and answer.body:
            return answer.body
        what = "nothing" if not answer.body else f"{shown(kind) or 'something without a type'} and no signature"
        raise SignerRefused(
            f"the remote signer answers with {what}", path=self.place, hint=f"a signature is sent as {_BINARY}"
        )

    def _failure(self, answer: Answer, tries: int, token: str | None) -> SigningError:
        status = answer.status
        words = _SAID.get(status, f"the remote signer gives no signature ({status})")
        problem = _problem(answer).replace(token, "***") if token else _problem(answer)
        wait = _wait(answer.headers)
        later = f", and asks to wait {wait:g} s" if status in _AGAIN and wait > LONGEST_WAIT else ""
        message = f"{words}{_times(tries)}{later}{f': {shown(problem)}' if problem else ''}"
        hint = _HINTS.get(status, "ask those who run the signer")
        if status == 401:
            with self._lock:
                self._refused = True
            return WrongSecret(message, path=self.place, hint=hint)
        return (KeyUnavailable if status == 404 else SignerRefused)(message, path=self.place, hint=hint)


class _Question:
    """One message on its way to a signature, be it in several attempts."""

    def __init__(self, client: Client, url: str, data: bytes, headers: Mapping[str, str]) -> None:
        self.tries = 0
        self._client = client
        self._url = url
        self._data = data
        self._headers = headers
        self._started = 0.0

    def ask(self) -> Answer:
        self.tries += 1
        self._started = time.monotonic()
        answer = self._client.request("POST", self._url, body=self._data, headers=self._headers)
        if answer.status != 200:
            raise _Refused(answer)
        return answer

    def again(self, error: Exception) -> float | None:
        """Say how long to wait before the next attempt; None when it is of no use."""
        if isinstance(error, _Refused):
            wait = _wait(error.answer.headers)
            return wait if error.answer.status in _AGAIN and wait <= LONGEST_WAIT else None
        # A signer that let the time run out is not asked three times more.
        late = time.monotonic() - self._started >= DEADLINE
        return 0.0 if isinstance(error, FetchError) and _passing(error) and not late else None


def key_at(uri: str, *, secret: Secret, sleep: Callable[[float], None] = time.sleep) -> RemoteKey:
    """Return the key behind an address; it is asked when something is to be signed.

    Raises `KeyUnavailable` for an address that may not be asked.
    """
    try:
        url = httpx.URL(uri)
    except httpx.InvalidURL as error:
        raise KeyUnavailable(f"this is not a valid address: {error}", path=shown(uri)) from error
    on_this_machine = url.host in _LOOPBACK
    if url.scheme != "https" and not (url.scheme == "http" and on_this_machine):
        raise KeyUnavailable(
            "a remote signer is asked over https; plain http is for this machine (127.0.0.1, ::1, localhost)",
            path=shown(uri),
            hint="write https://HOST/PATH",
        )
    if url.userinfo or url.fragment or not url.host:
        raise KeyUnavailable(
            "the address of a remote signer has a host, and neither user name, password nor fragment",
            path=shown(uri.partition("#")[0]),
            hint="give the token when it is asked for",
        )
    rules = Rules(deadline=DEADLINE, limit=LIMIT, http=url.scheme == "http", private=True)
    client = Client(rules, resolve=_resolve if on_this_machine else resolve, context=_context())
    return RemoteKey(uri, secret, client=client, sleep=sleep)


def _resolve(host: str, _port: int) -> list[str]:
    """Keep names of this machine on this machine (RFC 6761, 6.3)."""
    return ["::1", "127.0.0.1"] if host == "localhost" else [host]


def _context() -> ssl.SSLContext:
    """Trust what this machine trusts, its own authorities included: the signer is often in the same house."""
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _passing(error: FetchError) -> bool:
    """Say whether a connection failed for a reason that may pass."""
    cause = error.__cause__
    if not isinstance(cause, httpx.TransportError | OSError):
        return False
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return False
        cause = cause.__cause__ or cause.__context__
    return True


def _kind(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _wait(headers: Mapping[str, str]) -> float:
    """Return the seconds of Retry-After; 0 where it is not there or is a date (RFC 9110, 10.2.3)."""
    asked = headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else 0.0


def _times(tries: int) -> str:
    return f" (tried {tries} times)" if tries > 1 else ""


def _problem(answer: Answer) -> str:
    """Return what a problem document says (RFC 9457)."""
    if _kind(answer) not in {"application/problem+json", "application/json"}:
        return ""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    parts = [found.get(name) for name in ("title", "detail")] if isinstance(found, dict) else []
    return ": ".join(part for part in parts if isinstance(part, str) and part)
