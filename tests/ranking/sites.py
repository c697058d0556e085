"""Small sites of questions and answers for the tests: seeded ones, and their files."""

import csv
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ranking.evaluation.site import DAY, NOBODY, Event, Kind, Site

BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = (
    *("qubit", "gate", "noise", "error", "code", "circuit", "phase", "oracle"),
    *("cloud", "python", "depth", "state", "basis", "trace", "swap"),
)
TAGS = ("noise", "gates", "python", "theory", "cloud")
HEADERS = {
    "works": ("work_id", "kind", "source_id", "author_id", "created_at", "title", "tags", "text"),
    "comments": ("comment_id", "work_id", "user_id", "created_at", "text"),
    "votes": ("vote_id", "work_id", "kind", "user_id", "voted_on"),
}


def a_site(seed: int, *, questions: int = 30, people: int = 6, days: float = 20.0) -> Site:
    """Questions with seeded answers, comments and votes, some of them by nobody known, some at the same moment."""
    rng = np.random.default_rng(seed)
    asked_at = np.sort(np.round(rng.random(questions) * days * DAY, -1))
    asker = rng.integers(0, people, questions)
    events = [
        Event(float(at), Kind.ASK, row, int(asker[row]), int(asker[row]), True) for row, at in enumerate(asked_at)
    ]
    for row, at in enumerate(asked_at):
        for kind, mean, delay in ((Kind.ANSWER, 1.5, 1.0), (Kind.COMMENT, 2.0, 0.5), (Kind.UP, 2.0, 3.0)):
            for _ in range(rng.poisson(mean)):
                later = float(np.round(at + rng.exponential(delay) * DAY + 10, -1))
                person = NOBODY if kind == Kind.UP else int(rng.integers(0, people))
                events.append(Event(later, kind, row, person, int(asker[row]), bool(rng.random() < 0.8)))
        if rng.random() < 0.5:
            events.append(Event(float(at + 3 * DAY), Kind.ACCEPT, row, NOBODY, int(rng.integers(0, people)), False))
            events.append(Event(float(at + 2 * DAY), Kind.FAVOURITE, row, int(rng.integers(0, people)), 0, True))
    return Site(
        asked_at,
        asker.astype(np.int64),
        [some_words(rng, 4) for _ in asked_at],
        [tuple(rng.choice(TAGS, rng.integers(0, 3), replace=False).tolist()) for _ in asked_at],
        [some_words(rng, 20) for _ in asked_at],
        sorted(events, key=lambda event: (event.at, event.kind)),
    )


def some_words(rng: np.random.Generator, count: int) -> str:
    return " ".join(rng.choice(WORDS, count))


def write_site(folder: Path, *, seed: int = 1, questions: int = 80, people: int = 12) -> None:
    """The files of a site where people answer what is new and like what they answered before."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    works, comments, votes = [], [], []
    taste = rng.integers(0, len(TAGS), people)
    for question in range(questions):
        at = BEGAN + timedelta(hours=6 * question)
        topic, asker = int(rng.integers(0, len(TAGS))), int(rng.integers(0, people))
        number = len(works) + 1
        text = f"{TAGS[topic]} {some_words(rng, 15)}"
        works.append((number, "question", "", asker, stamp(at), some_words(rng, 5), TAGS[topic], text))
        keen = [person for person in range(people) if person != asker and taste[person] == topic]
        for person in dict.fromkeys([*keen[:2], int(rng.integers(0, people))]):
            later = at + timedelta(hours=float(rng.exponential(8)))
            works.append((len(works) + 1, "answer", number, person, stamp(later), "", "", some_words(rng, 10)))
            votes.append((len(votes) + 1, len(works), "up", "", later.date().isoformat()))
        comments.append(
            (len(comments) + 1, number, int(rng.integers(0, people)), stamp(at + timedelta(hours=2)), "why?")
        )
    write(folder, works=works, comments=comments, votes=votes)


def stamp(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds")


def write(folder: Path, **tables: list[tuple[object, ...]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADERS[name], *rows])
