"""E1 and E2: which open question does this person answer next, on real data.

For every answer to a question of the last 30 days, all questions of these days compete that the person neither asked
nor answered. An order is good when the one they answered is near its top: NDCG@10, against newest first. Heads are
fitted on the first 60 % of answers, calibrated on the next 15 %; the last 25 % stays closed until it is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

import numpy as np

from ranking.evaluation.crosses import GROUPS, Moment, features
from ranking.evaluation.heads import Calibration, Scorer, fit_calibration, fit_challenger, fit_head, on_one_thread
from ranking.evaluation.history import History
from ranking.evaluation.metrics import (
    Doubles,
    Flags,
    Interval,
    Ints,
    Reliability,
    clustered_interval,
    log_loss,
    ndcg_of_one,
    reliability,
)
from ranking.evaluation.report import Bars, Lines, Report, Table, Verdict
from ranking.evaluation.site import DAY, Decision, Kind, Site

REGULARISATION: Final = 0.1
TRAINING_ROWS: Final = 400_000  # about; on a big site others than the answered question are sampled and weighted
SAMPLED_BETWEEN: Final = (50, 300)  # per decision
SEED: Final = 20_180_312
SMOKE_ANSWERS: Final = 150

AGE_BANDS_DAYS: Final = (1.0, 2.0, 4.0, 8.0, 16.0)  # E1 compares within these bands: an age and its double
NEIGHBOURS: Final = 20
AGE_MATCHED_GAIN: Final = 0.04
GAIN: Final = 0.02

E1, AGE_NEIGHBOURS, E2 = "E1", "E1 by neighbours", "E2"
LEARNED: Final = "learned"
CHALLENGER: Final = "boosted trees"
NEWEST: Final = "newest first"
WITHOUT: Final = "without "
ALONE: Final = MappingProxyType({"topic only": ("tags", "text"), "tie only": ("tie",)})
BASELINES: Final[Mapping[str, Callable[[Moment], Doubles]]] = MappingProxyType(
    {
        NEWEST: lambda at: -at.hours,
        "newest unanswered first": lambda at: at.unanswered * 1e4 - at.hours,
        "latest activity": lambda at: at.past.bumped_at[at.rows],
        "hot, gravity 1.8": lambda at: np.log10(np.maximum(1, 3 + at.score)) / (at.hours + 2) ** 1.8,
        "hot, votes and comments": lambda at: (at.score + at.comments + 1) / (at.hours + 2) ** 1.8,
        "popularity": lambda at: at.score + at.comments + at.answers,
        "random": lambda at: np.zeros(len(at.rows)),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One decision with all that competes for it. answered: the row among the candidates that was chosen."""

    decision: Decision
    at: Moment
    features: Doubles
    groups: dict[str, list[int]]
    answered: int

    @property
    def chosen(self) -> Flags:
        flags: Flags = np.arange(len(self.features)) == self.answered
        return flags


Contestant = Callable[[Setting], Doubles]


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """How good a head's probabilities are on decisions that neither it nor its calibration saw."""

    reliability: Reliability
    log_loss: float


def settings(site: Site) -> Iterator[Setting]:
    """Every decision of the site in its order, each with features of what was known strictly before it."""
    past = History(site)
    for decisions, events in site.moments():
        for decision in decisions:
            rows = past.candidates(decision.viewer, decision.at)
            at = Moment(past, decision.viewer, decision.at, rows)
            matrix, groups = features(at)
            yield Setting(decision, at, matrix, groups, int(np.searchsorted(rows, decision.question)))
        for event in events:
            past.tell(event)


@on_one_thread()
def run(site: Site, *, name: str, declared: bool) -> list[Report]:
    """E1 and E2 on one site. declared: open the last 25 %; otherwise it is cut off before anything looks at it.

    Raises ValueError when there are no decisions to learn from, or none to judge by.
    """
    train_end, validation_end = site.cuts()
    if not declared:
        site = site.until(validation_end)
    training = _Training(site, train_end)
    validation, test = _Contest(), _Contest()
    for setting in settings(site):
        if setting.decision.at < train_end:
            training.take(setting)
        else:
            (validation if setting.decision.at < validation_end else test).take(setting, training.contestants)
    if declared:
        judged, calibration = test, validation.calibration(0.0, 1.0)
        calibrated = test.reliabilities(calibration, 0.0, 1.0)
        scope, part = f"{name}, the last 25 % of answers", "test"
    else:
        judged, calibration = validation, validation.calibration(0.0, 0.5)
        calibrated = validation.reliabilities(calibration, 0.5, 1.0)
        scope, part = f"{name}, validation: the 15 % after the first 60 %", "validation"
    return _reports(judged, calibrated, scope=scope, region=f"{name} {part}", trained_on=training.decisions)


class _Training:
    """Rows of the first 60 %, and what is fitted to them, once, when it is first asked for."""

    def __init__(self, site: Site, end: float) -> None:
        expected = sum(event.kind == Kind.ANSWER and event.at < end for event in site.events)
        self.others = int(np.clip(TRAINING_ROWS // max(expected, 1), *SAMPLED_BETWEEN))
        self.decisions = 0
        self._rng = np.random.default_rng(SEED)
        self._features: list[Doubles] = []
        self._chosen: list[Flags] = []
        self._weights: list[Doubles] = []
        self._groups: dict[str, list[int]] = {}

    def take(self, setting: Setting) -> None:
        others = np.delete(np.arange(len(setting.features)), setting.answered)
        if not len(others):
            return
        sampled = self._rng.permutation(others)[: self.others]
        rows = np.sort(np.append(sampled, setting.answered))
        chosen = setting.chosen[rows]
        self._features.append(setting.features[rows].astype(np.float32))
        self._chosen.append(chosen)
        self._weights.append(np.where(chosen, 1.0, len(others) / len(sampled)))
        self._groups = setting.groups
        self.decisions += 1

    @cached_property
    def contestants(self) -> dict[str, Contestant]:
        if not self.decisions:
            raise ValueError("no decisions to learn from")
        matrix = np.concatenate(self._features)
        chosen, weights = np.concatenate(self._chosen), np.concatenate(self._weights)

        def learned(groups: Iterable[str]) -> Scorer:
            columns = np.array([column for group in groups for column in self._groups[group]], np.int64)
            return fit_head(matrix, chosen, columns=columns, weights=weights, regularisation=REGULARISATION)

        heads: dict[str, Scorer] = {LEARNED: learned(GROUPS)}
        everything = np.arange(matrix.shape[1], dtype=np.int64)
        heads[CHALLENGER] = fit_challenger(matrix, chosen, columns=everything, weights=weights)
        heads |= {name: learned(groups) for name, groups in ALONE.items()}
        heads |= {f"{WITHOUT}{out}": learned(group for group in GROUPS if group != out) for out in GROUPS}
        return {name: _by_head(head) for name, head in heads.items()} | {
            name: _by_formula(formula) for name, formula in BASELINES.items()
        }


def _by_head(head: Scorer) -> Contestant:
    return lambda setting: head.score(setting.features)


def _by_formula(formula: Callable[[Moment], Doubles]) -> Contestant:
    return lambda setting: formula(setting.at)


class _Contest:
    """Decisions of one part of the data, and how each contestant ordered what competed for them."""

    def __init__(self) -> None:
        self.viewers: list[int] = []
        self.gains: dict[str, dict[str, list[float]]] = {view: {} for view in (E1, AGE_NEIGHBOURS, E2)}
        self._scores: list[Doubles] = []
        self._chosen: list[Flags] = []

    def take(self, setting: Setting, contestants: Mapping[str, Contestant]) -> None:
        """A decision with fewer than two candidates in a view says nothing there, and is a NaN."""
        self.viewers.append(setting.decision.viewer)
        views = {
            E1: _of_similar_age(setting),
            AGE_NEIGHBOURS: _next_in_age(setting),
            E2: np.arange(len(setting.features)),
        }
        for name, contestant in contestants.items():
            scores = contestant(setting)
            if name == LEARNED:
                self._scores.append(scores)
                self._chosen.append(setting.chosen)
            for view, rows in views.items():
                among = int(np.searchsorted(rows, setting.answered))
                gain = ndcg_of_one(scores[rows], among) if len(rows) > 1 else np.nan
                self.gains[view].setdefault(name, []).append(gain)

    def calibration(self, start: float, end: float) -> Calibration:
        return fit_calibration(*self._part(start, end))

    def reliabilities(self, calibration: Calibration, start: float, end: float) -> dict[str, Calibrated]:
        scores, chosen = self._part(start, end)
        raw = 1 / (1 + np.exp(-scores))
        return {
            name: Calibrated(reliability(probabilities, chosen), log_loss(probabilities, chosen))
            for name, probabilities in (("as fitted", raw), ("calibrated", calibration(scores)))
        }

    def _part(self, start: float, end: float) -> tuple[Doubles, Flags]:
        """Scores and outcomes of all candidates in a part of the decisions, by time."""
        first, last = (int(len(self._scores) * share) for share in (start, end))
        if first == last:
            raise ValueError("no decisions to calibrate on or to judge by")
        return np.concatenate(self._scores[first:last]), np.concatenate(self._chosen[first:last])


def _of_similar_age(setting: Setting) -> Ints:
    """Rows in the same band of age as the answered question: 0-1 day, 1-2, 2-4, 4-8, 8-16, 16-30."""
    band = np.digitize(setting.at.hours * 3_600 / DAY, AGE_BANDS_DAYS)
    return np.flatnonzero(band == band[setting.answered])


def _next_in_age(setting: Setting) -> Ints:
    """The answered question among 20 that follow each other in age, its place among them drawn by seed.

    Rows are in the order of age. Near either end there are fewer places to draw from, so that newest first keeps what
    it has there.
    """
    n, row = len(setting.features), setting.answered
    least, most = max(row - NEIGHBOURS + 1, 0), min(row, max(n - NEIGHBOURS, 0))
    rng = np.random.default_rng([SEED, setting.decision.number])
    start = int(rng.integers(min(least, most), most + 1))
    return np.arange(start, min(start + NEIGHBOURS, n))


def _reports(
    judged: _Contest, calibrated: dict[str, Calibrated], *, scope: str, region: str, trained_on: int
) -> list[Report]:
    viewers = np.array(judged.viewers, np.int64)
    made = []
    for code, title, views, gain in (
        (E1, "who answers what, among questions of similar age", (E1, AGE_NEIGHBOURS), AGE_MATCHED_GAIN),
        (E2, "who answers what, among all open questions of 30 days", (E2,), GAIN),
    ):
        standings = {view: _standings(judged.gains[view], viewers) for view in views}
        best = standings[code].rows[LEARNED]
        table = _table(code, standings[code])
        made.append(
            Report(
                code=code,
                title=title,
                scope=scope,
                region=f"{code} {region}",
                words=(
                    f"Fitted on {trained_on} decisions; judged on {standings[code].decisions} by "
                    f"{standings[code].people} people.",
                    *(
                        f"With {NEIGHBOURS} neighbours in age instead of bands ({other.decisions} decisions): newest "
                        f"first {other.level[NEWEST]:.3f}, learned {other.rows[LEARNED]} on top of it."
                        for view, other in standings.items()
                        if view != code
                    ),
                ),
                tables=(table, *((_calibration_table(calibrated),) if code == E2 else ())),
                pictures=_pictures(code, region, standings[code], calibrated),
                verdicts=(
                    Verdict(
                        f"NDCG@10 at least {gain:+.2f} over newest first, interval above 0",
                        str(best),
                        best.mean >= gain and best.low > 0,
                    ),
                ),
            )
        )
    return made


@dataclass(frozen=True, slots=True)
class _Standings:
    decisions: int
    people: int
    level: dict[str, float]  # mean NDCG@10
    rows: dict[str, Interval]  # its difference to newest first


def _standings(gains: Mapping[str, list[float]], viewers: Ints) -> _Standings:
    newest = np.array(gains[NEWEST])
    judged = ~np.isnan(newest)
    if not judged.any():
        raise ValueError("no decisions to judge by")
    columns = {name: np.array(column)[judged] for name, column in gains.items()}
    differences = {
        name: clustered_interval(column - newest[judged], viewers[judged], seed=SEED)
        for name, column in columns.items()
    }
    return _Standings(
        int(judged.sum()),
        len(np.unique(viewers[judged])),
        {name: float(column.mean()) for name, column in columns.items()},
        differences,
    )


def _table(code: str, standings: _Standings) -> Table:
    """Contestants by what they reach; ablations with what taking the group away did to the learned order."""
    order = sorted(standings.level, key=lambda name: -standings.level[name])
    full = standings.level[LEARNED]
    rows = [
        (
            name,
            f"{standings.level[name]:.3f}",
            "" if name == NEWEST else str(standings.rows[name]),
            f"{standings.level[name] - full:+.3f}" if name.startswith(WITHOUT) else "",
        )
        for name in order
    ]
    header = ("order", "NDCG@10", "difference to newest first, 95 %", "effect of leaving the group out")
    return Table(f"{code}: every baseline and ablation", header, tuple(rows))


def _calibration_table(calibrated: dict[str, Calibrated]) -> Table:
    rows = [(name, f"{part.reliability.error:.4f}", f"{part.log_loss:.4f}") for name, part in calibrated.items()]
    return Table("Calibration of the learned head", ("probabilities", "expected error", "log loss"), tuple(rows))


def _pictures(
    code: str, region: str, standings: _Standings, calibrated: dict[str, Calibrated]
) -> tuple[Bars | Lines, ...]:
    shown = sorted(
        (label for label in standings.level if not label.startswith(WITHOUT) and label != NEWEST),
        key=lambda label: standings.rows[label].mean,
    )
    bars = Bars(
        name=f"{code} {region}",
        title=f"{code}, {region}",
        axis="NDCG@10 less that of newest first",
        labels=tuple(shown),
        values=tuple(standings.rows[label].mean for label in shown),
        lows=tuple(standings.rows[label].low for label in shown),
        highs=tuple(standings.rows[label].high for label in shown),
        mark=AGE_MATCHED_GAIN if code == E1 else GAIN,
    )
    if code == E1:
        return (bars,)
    curve = Lines(
        name=f"calibration {region}",
        title=f"Calibration, {region}",
        x_axis="foretold probability of an answer",
        y_axis="how often it came",
        lines=tuple(
            (label, tuple(part.reliability.foretold.tolist()), tuple(part.reliability.observed.tolist()))
            for label, part in calibrated.items()
        ),
        diagonal=True,
    )
    return bars, curve
