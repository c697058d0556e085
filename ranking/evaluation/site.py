"""A site of questions and answers as a sequence of events: what happened when, and what was known when.

An answer is the nearest thing in public data to what the product wants: making something in response to a work of
somebody else. `docs/ranking-evaluation.md` says what this data can and cannot stand for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

DAY: Final = 86_400.0
CANDIDATE_DAYS: Final = 30
TRAIN_SHARE: Final = 0.60
VALIDATION_SHARE: Final = 0.15
NOBODY: Final = -1


class Kind(IntEnum):
    ASK = 0
    ANSWER = 1
    COMMENT = 2
    UP = 3
    DOWN = 4
    FAVOURITE = 5
    ACCEPT = 6


class Event(NamedTuple):
    """at: when it was known, seconds. question: a row of the site. person: who did it, or NOBODY when it is not told.
    author: of the work it was done to; for an answer, who asked. on_question: not on an answer to it.
    """

    at: float
    kind: Kind
    question: int
    person: int
    author: int
    on_question: bool


class Decision(NamedTuple):
    """A person answered a question. number: place among all of the site's decisions."""

    number: int
    at: float
    viewer: int
    question: int


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """Questions in the order they were asked, and all events in the order they were known.

    asked_at: float64[q], seconds, ascending; asker: int64[q]. titles, tags and texts are as last edited.
    Raises ValueError when they are not in that order or differ in length.
    """

    asked_at: Doubles
    asker: Rows
    titles: Sequence[str]
    tags: Sequence[tuple[str, ...]]
    texts: Sequence[str]
    events: Sequence[Event]

    def __post_init__(self) -> None:
        if not len(self.asked_at) == len(self.asker) == len(self.titles) == len(self.tags) == len(self.texts):
            raise ValueError("every question has a moment, an asker, a title, tags and a text")
        if (np.diff(self.asked_at) < 0).any():
            raise ValueError("questions are in the order they were asked")
        if any(after.at < before.at for before, after in zip(self.events, self.events[1:], strict=False)):
            raise ValueError("events are in the order they were known")

    def __len__(self) -> int:
        return len(self.asked_at)

    def until(self, moment: float) -> Site:
        """The site as it was strictly before a moment; nothing later is in what is returned."""
        asked = int(np.searchsorted(self.asked_at, moment))
        events = [event for event in self.events if event.at < moment and event.question < asked]
        return Site(
            self.asked_at[:asked],
            self.asker[:asked],
            self.titles[:asked],
            self.tags[:asked],
            self.texts[:asked],
            events,
        )

    def first_answers(self, count: int) -> Site:
        """The site as it was when so many answers had been given; all of it when there are not so many."""
        answers = self._answered_at()
        return self.until(answers[count]) if count < len(answers) else self

    def _answered_at(self) -> list[float]:
        return [event.at for event in self.events if event.kind == Kind.ANSWER]

    def cuts(self) -> tuple[float, float]:
        """The moments at which the first 60 % and the first 75 % of all answers are given. Raises ValueError."""
        answers = self._answered_at()
        if not answers:
            raise ValueError("nobody answered anything")
        train = int(len(answers) * TRAIN_SHARE)
        validation = int(len(answers) * (TRAIN_SHARE + VALIDATION_SHARE))
        return answers[train], answers[validation]

    def moments(self) -> Iterator[tuple[list[Decision], list[Event]]]:
        """All events, those of one moment together, with the decisions among them.

        A decision is the first answer of a known person to a question that somebody else asked in the last 30 days.
        """
        answered: set[tuple[int, int]] = set()
        number = 0
        for _, together in groupby(self.events, key=lambda event: event.at):
            events = list(together)
            decisions = []
            for event in events:
                if event.kind != Kind.ANSWER:
                    continue
                age = event.at - self.asked_at[event.question]
                pair = (event.person, event.question)
                if NOBODY != event.person != event.author and 0 < age <= CANDIDATE_DAYS * DAY and pair not in answered:
                    decisions.append(Decision(number, event.at, event.person, event.question))
                    number += 1
                answered.add(pair)
            yield decisions, events
