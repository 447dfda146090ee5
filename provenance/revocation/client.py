"""Ask the responder that a certificate names whether the certificate has been revoked (RFC 6960, RFC 5019).

The address comes from the certificate, which comes from a file. So the `Client` is the caller's: plain http allowed,
since answers carry a signature of their own; private addresses refused; a deadline of seconds, a limit of kilobytes.
"""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from provenance.errors import FetchError
from provenance.model.facets import Revocation
from provenance.model.revocation import worst
from provenance.network import retry, shown
from provenance.revocation.answer import UNREADABLE, is_temporary, nonce_of, not_checked, read_answer
from provenance.revocation.chains import about, name_of, way_up

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from provenance.model.revocation import RevocationAnswer
    from provenance.network import Client
    from provenance.revocation.chains import Way

LONGEST_GET: Final = 255
"""Characters of an address, the question included: what caches must be able to hold (RFC 5019, 5)."""

_QUESTION, _ANSWER = "application/ocsp-request", "application/ocsp-response"
_TEMPORARY = (429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    url: str
    certificate: bytes
    issuer: bytes
    nonce: bytes | None
    body: bytes

    @property
    def address(self) -> str | None:
        """The whole question as an address to GET; `None` when it does not fit into one."""
        if "?" in self.url or "#" in self.url:
            return None
        address = f"{self.url.rstrip('/')}/{quote(b64encode(self.body), safe='')}"
        return address if len(address) <= LONGEST_GET else None


class _NoAnswer(Exception):
    """What came of asking, when it was nothing of use; `wait` is None when asking again is no use either."""

    def __init__(self, found: RevocationAnswer, *, wait: float | None = None) -> None:
        super().__init__(found.reason)
        self.found = found
        self.wait = wait


def _now() -> datetime:
    return datetime.now(UTC)


class OcspClient:
    """Asks responders; whatever goes wrong is an answer too: "not checked", with its reason.

    `attempts` counts how often a responder is asked that says it is busy. One question takes up to two requests each
    time, each within the client's deadline. `nonce` makes nonces (RFC 9654, 1 to 128 bytes); without it none is sent,
    since most responders give answers that were made before.
    """

    def __init__(
        self,
        client: Client,
        *,
        attempts: int = 2,
        clock: Callable[[], datetime] = _now,
        sleep: Callable[[float], None] = time.sleep,
        nonce: Callable[[], bytes] | None = None,
    ) -> None:
        self._client = client
        self._attempts = attempts
        self._clock = clock
        self._sleep = sleep
        self._nonce = nonce

    def ask(self, certificate: bytes, issuer: bytes) -> RevocationAnswer:
        """Return what the responder says about a certificate (both DER); never raises for what comes from outside."""
        try:
            url = _responder(certificate)
            if url is None:
                return not_checked("the certificate names no responder that could be asked over http", "")
            question = self._question(url, certificate, issuer)
        except UNREADABLE:
            return not_checked("the certificate or that of its issuer cannot be read", "")
        try:
            return retry(lambda: self._asked(question), again=_again, attempts=self._attempts, sleep=self._sleep)
        except _NoAnswer as error:
            return error.found

    def ask_each(self, chain: Sequence[bytes]) -> tuple[RevocationAnswer, ...]:
        """Return the answers about a chain (DER, the signer's first), as far up as issuers are known.

        With the root's certificate at the end the last authority below it is asked about too.
        """
        return self._each(way_up(chain))

    def ask_chain(self, chain: Sequence[bytes]) -> RevocationAnswer:
        """Return the worst of the answers about a chain (DER, the signer's first).

        Authorities whose certificates name no responder count as not revoked (C2PA 2.4, 15.9), and so does the last
        one when its issuer is not in the chain; the reason names them. The signer's certificate has no such excuse.
        """
        way = way_up(chain)
        if not way.steps:
            return not_checked("the certificate of its issuer is not at hand, so nobody can be asked", "")
        first, *others = self._each(way)
        answers, silent = [first], []
        for (certificate, _), answer in zip(way.steps[1:], others, strict=True):
            if answer.source:
                answers.append(about(answer, certificate))
            else:
                silent.append(certificate)
        if way.top is not None:
            silent.append(way.top)
        found = worst(answers)
        if not silent or found.state is not Revocation.GOOD:
            return found
        names = ", ".join(name_of(certificate) for certificate in silent)
        return replace(found, reason=f"{found.reason}; nobody could be asked about the authorities {names}")

    def _each(self, way: Way) -> tuple[RevocationAnswer, ...]:
        return tuple(self.ask(certificate, issuer) for certificate, issuer in way.steps)

    def _question(self, url: str, certificate: bytes, issuer: bytes) -> _Question:
        subject, authority = x509.load_der_x509_certificate(certificate), x509.load_der_x509_certificate(issuer)
        # SHA-1 only names the issuer here, and it is the one digest that every responder knows (RFC 5019, 2.1.1).
        builder = ocsp.OCSPRequestBuilder().add_certificate(subject, authority, SHA1())  # noqa: S303 -- see above
        nonce = None if self._nonce is None else self._nonce()
        if nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        body = builder.build().public_bytes(Encoding.DER)
        return _Question(url=url, certificate=certificate, issuer=issuer, nonce=nonce, body=body)

    def _asked(self, question: _Question) -> RevocationAnswer:
        """Ask by GET where the question fits, since such answers come from caches, and by POST when that fails."""
        address = question.address
        if address is None:
            return self._sent(question, "POST", question.url)
        try:
            return self._sent(question, "GET", address)
        except _NoAnswer as error:
            first = error.found.reason
        try:
            return self._sent(question, "POST", question.url)
        except _NoAnswer as error:
            if first != error.found.reason:
                error.found = replace(error.found, reason=f"{error.found.reason} (asked by GET: {first})")
            raise

    def _sent(self, question: _Question, method: str, url: str) -> RevocationAnswer:
        source = shown(question.url)
        body, headers = None, {"Accept": _ANSWER}
        if method == "POST":
            body, headers = question.body, {**headers, "Content-Type": _QUESTION}
        try:
            answer = self._client.request(method, url, body=body, headers=headers)
        except FetchError as error:
            raise _NoAnswer(not_checked(f"the responder cannot be asked: {error.message}", source)) from error
        if answer.status != 200:
            asked = answer.headers.get("retry-after", "")
            wait = float(asked) if asked.isdecimal() else 0.0
            found = not_checked(f"the responder's server answers {answer.status}", source)
            raise _NoAnswer(found, wait=wait if answer.status in _TEMPORARY else None)
        found = read_answer(
            answer.body, certificate=question.certificate, issuer=question.issuer, at=self._clock(), source=source
        )
        # An answer made before has none, which is no fault; a different one belongs to another question.
        foreign = question.nonce is not None and nonce_of(answer.body) not in (None, question.nonce)
        if foreign and found.state is not Revocation.REVOKED:
            found = not_checked("the answer belongs to another question (nonce)", source)
        if found.state is Revocation.NOT_CHECKED:
            raise _NoAnswer(found, wait=0.0 if is_temporary(answer.body) else None)
        return found


def _again(error: Exception) -> float | None:
    return error.wait if isinstance(error, _NoAnswer) else None


def _responder(certificate: bytes) -> str | None:
    """Return the first address for OCSP in a certificate (DER) that is one of the web (RFC 5280, 4.2.2.1)."""
    extensions = x509.load_der_x509_certificate(certificate).extensions
    try:
        access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return None
    places = [item.access_location for item in access if item.access_method == AuthorityInformationAccessOID.OCSP]
    urls = [place.value for place in places if isinstance(place, x509.UniformResourceIdentifier)]
    return next((url for url in urls if url.lower().startswith(("http://", "https://"))), None)
