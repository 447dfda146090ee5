"""The end of a pipe: whoever is at the other end, nobody waits for longer."""

from __future__ import annotations

import struct
import time
from multiprocessing.connection import Connection

import pytest

from provenance.batch.executors.channel import Channel


@pytest.fixture
def channel():
    made = Channel()
    yield made
    made.close()


def soon():
    return time.monotonic() + 0.2


def test_messages_are_those_of_connections(channel):
    other = Connection(channel.theirs.detach())
    channel.send(b"there", until=None)
    assert other.recv_bytes() == b"there"
    other.send_bytes(b"back" * 100)
    assert not channel.is_silent
    assert channel.receive(until=soon()) == b"back" * 100
    assert channel.is_silent
    other.close()
    assert not channel.is_silent
    with pytest.raises(EOFError):
        channel.receive(until=None)


LATE = {
    "nothing comes": b"",
    "a part of the head": b"\x00",
    "a part of the message": struct.pack("!i", 100) + b"x" * 99,
}


@pytest.mark.parametrize("sent", LATE.values(), ids=LATE)
def test_what_does_not_come_whole_in_time_is_late(channel, sent):
    channel.theirs.sendall(sent)
    with pytest.raises(TimeoutError):
        channel.receive(until=soon())


def test_what_comes_byte_by_byte_is_late_all_the_same(channel):
    channel.theirs.sendall(struct.pack("!i", 3) + b"x")
    with pytest.raises(TimeoutError):
        channel.receive(until=time.monotonic() - 1)


def test_whoever_does_not_read_makes_nobody_wait(channel):
    with pytest.raises(TimeoutError):
        channel.send(bytes(64 << 20), until=soon())


@pytest.mark.parametrize("size", [-1, 0x7FFFFFFF])
def test_a_message_without_end_is_none(channel, size):
    channel.theirs.sendall(struct.pack("!i", size))
    with pytest.raises(OSError, match="without end"):
        channel.receive(until=None)
