"""Every evaluation of docs/ranking-evaluation.md under its code. A new one is one more entry of EVALUATIONS."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from feeds.evaluation import reading, sentences
from ranking.evaluation.report import Report, Verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """How to evaluate. data: folder of data sets; smoke: tiny, to see that it runs; declared: open the last 25 %."""

    data: Path
    smoke: bool
    declared: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    codes: tuple[str, ...]
    run: Callable[[Asked], Iterator[Report]]


def next_answers(asked: Asked) -> Iterator[Report]:
    from ranking.evaluation import next_answer

    for folder in reading.data_sets(asked.data):
        site = reading.read_site(folder)
        if asked.smoke:
            site = site.first_answers(next_answer.SMOKE_ANSWERS)
        yield from next_answer.run(site, name=folder.name, declared=asked.declared)


def simulated_worlds(asked: Asked) -> Iterator[Report]:
    from ranking.evaluation import simulation

    yield simulation.smoke() if asked.smoke else simulation.run()


def off_policy(asked: Asked) -> Iterator[Report]:
    from ranking.evaluation import recovery

    yield recovery.smoke() if asked.smoke else recovery.run()


def steering(asked: Asked) -> Iterator[Report]:
    from ranking.evaluation import steering_report

    yield steering_report.report(sentences.of("own"), sentences.of("held_out"), sentences.captions())


def nudge_sessions(asked: Asked) -> Iterator[Report]:
    from ranking.evaluation import nudge_sessions

    sessions = 500 if asked.smoke else 100_000
    found = nudge_sessions.run(sessions)
    breaches = ", ".join(f"{promise}: {count}" for promise, count in sorted(found.breaches.items()))
    yield Report(
        code="E6",
        title="the nudge keeps its word",
        scope=f"{found.sessions:,} simulated scroll sessions over clocks, time zones and devices",
        region="E6",
        words=(
            f"{found.requests:,} requests, {found.items:,} items, {found.cards:,} cards and {found.pauses:,} pauses "
            "were watched by somebody who knows the product's promises and nothing of how the policy keeps them.",
        ),
        verdicts=(Verdict("no promise is broken", breaches or "0 breaches", passed=not found.breaches),),
    )


EVALUATIONS: Final = (
    Evaluation(("E1", "E2"), next_answers),
    Evaluation(("E3",), simulated_worlds),
    Evaluation(("E4",), off_policy),
    Evaluation(("E5",), steering),
    Evaluation(("E6",), nudge_sessions),
)


def codes() -> list[str]:
    return [code for evaluation in EVALUATIONS for code in evaluation.codes]


def reports(only: Collection[str], asked: Asked) -> Iterator[Report]:
    """The reports of the evaluations with these codes, or of all when none is named, in the order of the registry."""
    for evaluation in EVALUATIONS:
        if not only or not set(only).isdisjoint(evaluation.codes):
            yield from (report for report in evaluation.run(asked) if not only or report.code in only)
