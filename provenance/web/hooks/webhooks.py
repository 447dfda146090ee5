"""Tell receivers of events: every message is kept before it is sent, and sent until it was taken or given up.

A receiver may be sent a message twice, when this server ends between sending and noting it; it knows it by its id.
"""

from __future__ import annotations

import asyncio
import logging
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from provenance import codec
from provenance.model.jobs import DeliveryState, NewDelivery
from provenance.model.record import new_id
from provenance.web.hooks.receivers import Pace, send

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from provenance.catalogue.deliveries import Deliveries
    from provenance.model.jobs import Event
    from provenance.network import Client
    from provenance.web.hooks.receivers import Receiver

_LOG: Final = logging.getLogger(__name__)
_LEASE: Final = timedelta(seconds=60)
"""After which another server sends what this one has never told about: longer than any attempt takes."""

_STRANGE: Final = timedelta(days=1)
"""Another server may have other settings for a while, and know this receiver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How receivers are told."""

    pace: Pace = Pace()  # noqa: RUF009 -- frozen
    poll: float = 2.0
    """Seconds after which one looks again for what is due, or was put there by others."""
    lanes: int = 4
    """Messages to one receiver at once; receivers do not wait for each other."""
    chance: Callable[[], float] = random.random
    """From 0 to 1."""
    count: Callable[[str], None] = lambda _outcome: None  # nobody counts
    """Is told what became of each attempt, in a word."""


class Webhooks:
    """All receivers, and what waits to be sent to them. It is true where there are any."""

    def __init__(
        self,
        deliveries: Deliveries,
        receivers: Sequence[Receiver],
        *,
        client: Client,
        now: Callable[[], datetime],
        manner: Manner | None = None,
    ) -> None:
        """Take where messages are kept, who is told of them, and through what; nothing is sent yet."""
        self._deliveries = deliveries
        self._receivers = tuple(receivers)
        self._client = client
        self._now = now
        self._manner = manner or Manner()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bells = {item.id: asyncio.Event() for item in self._receivers}

    def __bool__(self) -> bool:
        return bool(self._receivers)

    def forget(self, *, sent_before: datetime, dead_before: datetime) -> None:
        """Forget old messages; give up those for receivers that the settings have not named for a day."""
        at = self._now()
        self._deliveries.give_up([item.id for item in self._receivers], before=at - _STRANGE, at=at)
        self._deliveries.prune(sent_before=sent_before, dead_before=dead_before)

    def messages(self, event: Event) -> list[NewDelivery]:
        """Write an event down for all who want to know of it."""
        told = {"type": event.kind, "timestamp": event.at.astimezone(UTC), "data": dict(event.data)}
        body = codec.to_json(told, indent=0)
        return [
            NewDelivery(
                id=f"msg_{new_id(event.at)}",
                receiver=item.id,
                place=item.place,
                kind=event.kind,
                at=event.at,
                body=body,
            )
            for item in self._receivers
            if item.wants(event.kind)
        ]

    def tell(self, event: Event) -> None:
        """Keep an event for all who want to know of it, and have it sent; any thread may. Raises `CatalogueError`."""
        if found := self.messages(event):
            self._deliveries.add(found, at=self._now())
            self.ring()

    def ring(self) -> None:
        """Have it seen at once that there is something to be sent."""
        if self._loop is not None:
            for bell in self._bells.values():
                self._loop.call_soon_threadsafe(bell.set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send what is due for as long as the block runs; in the end, what is being sent is seen to its end."""
        self._loop = asyncio.get_running_loop()
        over = asyncio.Event()
        # Threads of their own: receivers that do not answer must not hold up what else the server does in threads.
        with ThreadPoolExecutor(self._manner.lanes * max(1, len(self._receivers)), thread_name_prefix="hook") as pool:
            tasks = [asyncio.create_task(self._serve(item, over, pool)) for item in self._receivers]
            try:
                yield
            finally:
                over.set()
                self.ring()
                await asyncio.gather(*tasks)
                self._loop = None

    async def _serve(self, receiver: Receiver, over: asyncio.Event, pool: ThreadPoolExecutor) -> None:
        bell = self._bells[receiver.id]
        while not over.is_set():
            bell.clear()
            try:
                sent = await self._send_due(receiver, pool)
            except Exception as error:  # noqa: BLE001 -- the catalogue is away, perhaps; what waits there must be sent later
                _LOG.warning("webhooks to %s wait: %s", receiver.place, error)
                sent = 0
            if not sent:
                await _rung(bell, self._manner.poll)

    async def _send_due(self, receiver: Receiver, pool: ThreadPoolExecutor) -> int:
        """Send what is due, several at once; return how many they were."""
        manner, at, run = self._manner, self._now(), asyncio.get_running_loop().run_in_executor
        claim = partial(self._deliveries.claim, receiver.id, at=at, until=at + _LEASE, limit=manner.lanes)
        sending = partial(send, receiver, client=self._client, now=self._now, pace=manner.pace)
        found = await run(pool, claim)
        done = await asyncio.gather(*(run(pool, partial(sending, item, chance=manner.chance())) for item in found))
        if done:
            await run(pool, partial(self._deliveries.settle, done, at=self._now()))
        for item in done:
            manner.count("gone" if item.gone else "failed" if item.state is DeliveryState.WAITING else item.state.value)
            if item.problem is not None:
                _LOG.warning("webhook %s to %s: %s (%s)", item.id, receiver.place, item.problem, item.state)
        return len(done)


async def _rung(bell: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        return
