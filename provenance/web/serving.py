"""Run the server: one process that listens, and its workers."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING, Final

import uvicorn

from provenance.errors import SettingsError
from provenance.web import logs
from provenance.web.app import create
from provenance.web.connections import Guarded
from provenance.web.service import open_service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provenance.settings import ServiceSettings, Settings

GRACE: Final = 30
"""Seconds that requests in flight are given when the server is to end."""
_IDLE: Final = 15
"""Seconds that a connection stays open without a request."""
_HANDLES: Final = 4 * Guarded.most
"""Files that may be open: a connection, what comes over it, and what workers are told over."""
_WAITING: Final = 1024
_UNREAD: Final = 60
"""Seconds after which a client is given up that does not take what it is sent."""


def run(settings: Settings, *, secrets: Mapping[str, str], tell: Callable[[str], None]) -> None:
    """Listen until a signal ends it; `tell` is given the address once it is.

    Raises `SettingsError` for an address that cannot be listened at, `CatalogueError`, and what `open_service` raises.
    """
    rules = settings.service
    _open_more()
    listening = listen(rules)
    service = open_service(settings, secrets=secrets)
    logs.configure()
    config = uvicorn.Config(
        create(service),
        ssl_certfile=rules.tls_certificate or None,
        ssl_keyfile=rules.tls_key or None,
        # Who is believed about forwarded addresses is decided by our own rules.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        http=Guarded,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=Guarded.most + 1,
    )
    scheme = "https" if rules.tls_certificate else "http"
    host, port = listening.getsockname()[:2]
    address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/"
    # The server ends in its own time, and then raises the signal again, which is no reason to end badly.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    _Server(config, lambda: tell(address)).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Says so when it is there: whoever ends it from then on has it end in its own time."""

    def __init__(self, config: uvicorn.Config, tell: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = tell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started:
            self._tell()


def _open_more() -> None:
    """Have the system let this process open as many files as its connections may need, if it can."""
    try:
        import resource  # noqa: PLC0415 -- not everywhere
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _HANDLES if hard == resource.RLIM_INFINITY else min(_HANDLES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _leave(*_: object) -> None:
    raise SystemExit(0)


def listen(rules: ServiceSettings) -> socket.socket:
    """Return a socket that listens. Raises `SettingsError`."""
    family = socket.AF_INET6 if ":" in rules.host else socket.AF_INET
    try:
        listening = socket.create_server((rules.host, rules.port), family=family, backlog=_WAITING)
    except OSError as error:
        hint = "is another server there? choose one with --port"
        raise SettingsError(f"cannot listen at {rules.host}:{rules.port}: {error.strerror}", hint=hint) from error
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # every connection has it from here; only Linux knows it
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD * 1000)
    return listening
