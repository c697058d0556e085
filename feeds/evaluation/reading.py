"""Sites of questions and answers from their files, in the format that docs/ranking-evaluation.md describes."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ranking.evaluation.site import DAY, NOBODY, Event, Kind, Site

VOTES = {"up": Kind.UP, "down": Kind.DOWN, "favourite": Kind.FAVOURITE, "accepted": Kind.ACCEPT}


def data_sets(folder: Path) -> list[Path]:
    """The subfolders that hold a site, by name."""
    return sorted(path.parent for path in folder.glob("*/works.csv.gz"))


def read_site(folder: Path) -> Site:
    """One site from its works, comments and votes.

    What was done to works that are gone is left out. Of a vote only the day is told: it counts from the next.
    Raises KeyError for a missing column, ValueError for a moment or a number that is none.
    """
    works = list(_rows(folder / "works.csv.gz"))
    questions = [work for work in works if work["kind"] == "question"]
    questions.sort(key=lambda work: (_moment(work["created_at"]), int(work["work_id"])))
    row = {work["work_id"]: place for place, work in enumerate(questions)}
    answers = [work for work in works if work["kind"] == "answer" and work["source_id"] in row]
    about = row | {work["work_id"]: row[work["source_id"]] for work in answers}
    author = {work["work_id"]: _person(work["author_id"]) for work in works}

    def event(at: float, kind: Kind, work: str, person: int) -> Event:
        return Event(at, kind, about[work], person, author[work], on_question=work in row)

    def made(work: dict[str, str], kind: Kind, to: str) -> Event:
        return event(_moment(work["created_at"]), kind, work[to], author[work["work_id"]])

    events = [made(work, Kind.ASK, "work_id") for work in questions]
    events += [made(work, Kind.ANSWER, "source_id") for work in answers]
    events += [
        event(_moment(comment["created_at"]), Kind.COMMENT, comment["work_id"], _person(comment["user_id"]))
        for comment in _rows(folder / "comments.csv.gz")
        if comment["work_id"] in about
    ]
    events += [
        event(_moment(vote["voted_on"]) + DAY, VOTES[vote["kind"]], vote["work_id"], _person(vote["user_id"]))
        for vote in _rows(folder / "votes.csv.gz")
        if vote["work_id"] in about and vote["kind"] in VOTES
    ]
    return Site(
        asked_at=np.array([_moment(work["created_at"]) for work in questions]),
        asker=np.array([author[work["work_id"]] for work in questions], np.int64),
        titles=[work["title"] for work in questions],
        tags=[tuple(work["tags"].split()) for work in questions],
        texts=[work["text"] for work in questions],
        events=sorted(events, key=lambda event: (event.at, event.kind)),
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _moment(iso: str) -> float:
    return datetime.fromisoformat(iso).replace(tzinfo=UTC).timestamp()


def _person(number: str) -> int:
    return int(number) if number else NOBODY
