"""How an order was made: what each stage and each source took, and gave. Only the making of an order is traced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from time import perf_counter

from feeds import metrics


class Outcome(StrEnum):
    """What came of asking a source."""

    ASKED = "asked"
    OFF = "off"  # it needs a signal that the viewer switched off
    LATE = "late"  # the others had used the time up
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StageNote:
    """`dropped` says how many of what entered did not leave, and why."""

    name: str
    seconds: float
    entered: int
    left: int
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceNote:
    """`added` is how many nobody before this source had proposed."""

    name: str
    seconds: float
    proposed: int
    added: int
    outcome: Outcome


class Trace:
    """Notes of one making, in the order of the stages; each is counted for the operator too."""

    def __init__(self) -> None:
        self.stages: list[StageNote] = []
        self._turned = perf_counter()

    def stage(self, name: str, *, entered: int, left: int, **dropped: int) -> None:
        """The stage `name` ended now; it began when the one before it ended."""
        now = perf_counter()
        note = StageNote(name, now - self._turned, entered, left, {why: n for why, n in dropped.items() if n})
        self._turned = now
        self.stages.append(note)
        metrics.STAGE_SECONDS.labels(name).observe(note.seconds)
        for why, count in note.dropped.items():
            metrics.DROPPED.labels(name, why).inc(count)

    @property
    def seconds(self) -> float:
        return sum(note.seconds for note in self.stages)
