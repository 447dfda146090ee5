"""Lines between boxes that stand one below the other: each step has a rail on the left to all that went into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from provenance.reports.to_graph.boxes import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """From one step to everything that went into it."""

    into: int
    """Number of the box."""
    ends: tuple[tuple[int, float], ...]
    """Numbers of the boxes of what went into it, and how high the line arrives there."""
    lane: int
    """From 0, which is next to the boxes."""


def rails(edges: Iterable[tuple[int, int]], boxes: Sequence[Box]) -> tuple[Rail, ...]:
    """Give each step a lane that no other uses at the same height; the shorter, the nearer to the boxes."""
    found: dict[int, list[tuple[int, float]]] = {}
    used: dict[int, int] = {}
    for into, source in edges:
        found.setdefault(into, []).append((source, boxes[source].enters(used.get(source, 0))))
        used[source] = used.get(source, 0) + 1
    spans = {into: _span(boxes[into].leaves, ends) for into, ends in found.items()}
    lanes: list[list[tuple[float, float]]] = []
    placed: list[Rail] = []
    for into in sorted(found, key=lambda item: (spans[item][1] - spans[item][0], item)):
        lane = next((number for number, taken in enumerate(lanes) if _free(taken, spans[into])), len(lanes))
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append(spans[into])
        placed.append(Rail(into=into, ends=tuple(found[into]), lane=lane))
    return tuple(placed)


def _span(start: float, ends: Iterable[tuple[int, float]]) -> tuple[float, float]:
    heights = [start, *(height for _, height in ends)]
    return min(heights), max(heights)


def _free(taken: Sequence[tuple[float, float]], span: tuple[float, float]) -> bool:
    return all(span[1] < start or span[0] > end for start, end in taken)
