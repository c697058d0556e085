"""Hand-made features of a person and the questions they could answer now, each from the past alone.

In the spirit of the product's value formula: freshness, what was already passed over, feedback the author has,
conversation, the rate at which a work leads to making (with its Beta prior), ties, topics, and crosses of these with
the viewer's habits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from ranking.evaluation.history import HOUR, REMEMBERED, SESSION_GAP, History, Person
from ranking.evaluation.site import Doubles, Kind, Rows

Columns = Mapping[str, npt.ArrayLike]

TAG_PRIOR: Final = 8.0  # imagined answers at the site's mix of tags, behind a person's leaning
RATE_PRIOR: Final = (1.0, 30.0)  # Beta: one answer in 30 visits
TAG_RATE_PRIOR: Final = (4.0, 1.5)  # imagined questions of a tag, and answers to each question
HABIT_PRIOR: Final = 3.0  # imagined answers behind a person's habits:
USUAL_LOG_AGE: Final = 1.5  # at 4.5 hours
USUAL_FIRST: Final = 0.6  # mostly to what nobody had answered
PRACTISED: Final = 2.0  # ln(1 + answers) of an ordinary regular, about which habits are centred


class Moment:
    """One viewer at one moment, with the candidates and what several groups of features share."""

    def __init__(self, past: History, viewer: int, now: float, rows: Rows) -> None:
        self.past, self.viewer, self.now, self.rows = past, viewer, now, rows
        self.person: Person = past.person(viewer)
        self.askers: list[int] = past.site.asker[rows].tolist()
        self.hours: Doubles = (now - past.site.asked_at[rows]) / HOUR
        self.log_age: Doubles = np.log(self.hours + 0.1)
        self.fresh: Doubles = np.exp(-self.hours / 24)
        self.recency: Doubles = np.arange(len(rows))[::-1].astype(np.float64)  # 0 for the newest
        self.answers = past.counts[Kind.ANSWER][rows]
        self.comments = past.counts[Kind.COMMENT][rows]
        self.unanswered: Doubles = (self.answers == 0).astype(np.float64)
        self.practice = float(np.log1p(len(self.person.answered))) - PRACTISED
        self._tags = past.tags[rows]
        self._tag_counts = np.diff(self._tags.indptr)
        self.passed = self.since_asked(self.person.active_at)
        self.tag_lift, self.tag_best, self.tag_known = self._tag_leaning()
        self.likeness = self._likeness()
        self.score = past.counts[Kind.UP][rows] - past.counts[Kind.DOWN][rows]

    def _likeness(self) -> dict[str, Doubles]:
        """To what the viewer answered, asked and commented; a column of zeros where there is nothing of it."""
        person = self.person
        works: dict[str, list[int]] = {
            "answered": person.answered[-REMEMBERED:],
            "asked": person.asked[-REMEMBERED:],
            "commented": list(person.commented)[-REMEMBERED:],
        }
        ends = np.cumsum([len(of) for of in works.values()])
        every = [work for of in works.values() for work in of]
        parts = np.split(self.past.likeness(self.rows, every, self.now), ends[:-1], axis=1)
        nothing = np.zeros((len(self.rows), 1))
        return {name: part if part.shape[1] else nothing for name, part in zip(works, parts, strict=True)}

    def since_asked(self, times: list[float]) -> Doubles:
        """How many of these ascending times fall after the asking of each question."""
        after: Doubles = (len(times) - np.searchsorted(times, self.past.site.asked_at[self.rows], "right")).astype(
            np.float64
        )
        return after

    def _tag_leaning(self) -> tuple[Doubles, Doubles, Doubles]:
        """Mean and greatest log lift of the viewer's answers over the site's questions by tag; share of tags known."""
        past, person = self.past, self.person
        share = np.maximum(past.tag_questions, 1) / max(past.tag_questions.sum(), 1)
        lift = np.log((person.tag_answers + TAG_PRIOR * share) / ((person.tag_answers.sum() + TAG_PRIOR) * share))
        return self.tags_mean(lift), self.tags_max(lift), self.tags_mean((person.tag_answers > 0).astype(np.float64))

    def tags_mean(self, by_tag: Doubles) -> Doubles:
        """The mean over each candidate's tags of a number that every tag has; 0 where it has no tag."""
        mean: Doubles = self._over_tags(np.add, by_tag) / np.maximum(self._tag_counts, 1)
        return mean

    def tags_max(self, by_tag: Doubles) -> Doubles:
        """The greatest over each candidate's tags; 0 where it has no tag."""
        return self._over_tags(np.maximum, by_tag)

    def _over_tags(self, fold: np.ufunc, by_tag: Doubles) -> Doubles:
        tagged = self._tag_counts > 0
        folded: Doubles = np.zeros(len(self.rows))
        if tagged.any():
            folded[tagged] = fold.reduceat(by_tag[self._tags.indices], self._tags.indptr[:-1][tagged])
        return folded


def _freshness(at: Moment) -> Columns:
    return {
        "log_age": np.log1p(at.hours),
        "log_age_fine": at.log_age,
        "log_recency": np.log1p(at.recency),
        "newest": at.recency == 0,
        "inverse_recency": 1 / (1 + at.recency),
        "age": at.hours / 720,
        "fresh": at.fresh,
        "very_fresh": np.exp(-at.hours / 6),
        "log_age_beyond_a_day": np.maximum(np.log1p(at.hours) - np.log(25), 0),
    }


def _last_activity(at: Moment) -> Columns:
    """A new answer lifts a question to the top of the site's front page: a stand-in for having been shown."""
    quiet = (at.now - at.past.bumped_at[at.rows]) / HOUR
    place = np.argsort(np.argsort(quiet, kind="stable"), kind="stable").astype(np.float64)
    return {
        "log_quiet": np.log(quiet + 0.1),
        "log_activity_place": np.log1p(place),
        "inverse_activity_place": 1 / (1 + place),
    }


def _seen_before(at: Moment) -> Columns:
    """How often the viewer was active since it was asked and did not answer it: a stand-in for impressions."""
    times = at.person.active_at
    visits = [time for before, time in zip([-np.inf, *times], times, strict=False) if time - before > SESSION_GAP]
    passed = (at.passed > 0).astype(np.float64)
    unseen = (1 - passed) if times else np.zeros_like(passed)
    away = np.log1p((at.now - times[-1]) / HOUR) if times else 6.0
    return {
        "log_passes": np.log1p(at.passed),
        "log_visits_passed": np.log1p(at.since_asked(visits)),
        "passed_over": passed,
        "new_to_them": unseen,
        "share_of_new_to_them": unseen / max(unseen.sum(), 1),
        "passed_over_by_absence": passed * away,
        "log_passes_by_practice": np.log1p(at.passed) * at.practice,
    }


def _feedback_so_far(at: Moment) -> Columns:
    answered_for = np.where(at.answers > 0, (at.now - at.past.answered_at[at.rows]) / HOUR, 0)
    usually_first = (sum(at.person.was_first) + HABIT_PRIOR * USUAL_FIRST) / (len(at.person.was_first) + HABIT_PRIOR)
    return {
        "log_answers": np.log1p(at.answers),
        "unanswered": at.unanswered,
        "unanswered_by_age": at.unanswered * np.log1p(at.hours),
        "accepted": at.past.counts[Kind.ACCEPT][at.rows],
        "log_hours_since_answer": np.log1p(answered_for),
        "unanswered_by_practice": at.unanswered * at.practice,
        "unanswered_by_habit": at.unanswered * (usually_first - USUAL_FIRST),
        "unanswered_by_comments": at.unanswered * np.log1p(at.comments),
    }


def _conversation(at: Moment) -> Columns:
    return {
        "log_comments": np.log1p(at.comments),
        "commented_lately": np.exp(-(at.now - at.past.commented_at[at.rows]) / (6 * HOUR)),
        "log_comments_by_practice": np.log1p(at.comments) * at.practice,
    }


def _votes(at: Moment) -> Columns:
    score = np.sign(at.score) * np.log1p(np.abs(at.score))
    return {
        "score": score,
        "log_downs": np.log1p(at.past.counts[Kind.DOWN][at.rows]),
        "log_favourites": np.log1p(at.past.counts[Kind.FAVOURITE][at.rows]),
        "log_answer_ups": np.log1p(at.past.answer_ups[at.rows]),
        "score_by_practice": score * at.practice,
        "score_for_newcomers": score * (not at.person.answered),
    }


def _creation_rate(at: Moment) -> Columns:
    visits = at.since_asked(at.past.active_at)
    questions, per_question = TAG_RATE_PRIOR
    by_tag = np.log((at.past.tag_answers + questions) / (per_question * at.past.tag_questions + questions))
    return {
        "log_answer_rate": np.log((at.answers + RATE_PRIOR[0]) / (visits + RATE_PRIOR[1])),
        "log_answer_rate_of_tags": at.tags_mean(by_tag),
    }


def _form(at: Moment) -> Columns:
    past, rows = at.past, at.rows
    return {
        "log_length": np.log1p(past.length[rows]),
        "log_formulas": np.log1p(past.formulas[rows]),
        "log_title_length": np.log1p(past.title_length[rows]),
    }


def _asker(at: Moment) -> Columns:
    askers = [at.past.person(asker) for asker in at.askers]
    return {
        "log_questions_of_asker": np.log1p([max(len(asker.asked) - 1, 0) for asker in askers]),
        "log_answers_by_asker": np.log1p([len(asker.answered) for asker in askers]),
        "accepts_of_asker": [(asker.accepts_given + 1) / (asker.answers_received + 2) for asker in askers],
    }


def _tie(at: Moment) -> Columns:
    viewer, me = at.viewer, at.person
    answers = np.log1p([me.answers_to.get(asker, 0) for asker in at.askers])
    askers = [at.past.person(asker) for asker in at.askers]
    return {
        "log_answers_to_asker": answers,
        "log_comments_to_asker": np.log1p([me.comments_to.get(asker, 0) for asker in at.askers]),
        "log_comments_from_asker": np.log1p([asker.comments_to.get(viewer, 0) for asker in askers]),
        "log_answers_from_asker": np.log1p([asker.answers_to.get(viewer, 0) for asker in askers]),
        "log_accepts_from_asker": np.log1p([me.accepted_by.get(asker, 0) for asker in at.askers]),
        "answers_to_asker_by_freshness": answers * at.fresh,
    }


def _tags(at: Moment) -> Columns:
    return {
        "tag_lift": at.tag_lift,
        "best_tag_lift": at.tag_best,
        "share_of_tags_known": at.tag_known,
        "tag_lift_by_practice": at.tag_lift * at.practice,
        "tag_lift_by_freshness": at.tag_lift * at.fresh,
    }


def _text(at: Moment) -> Columns:
    answered = at.likeness["answered"]
    nearest = np.sort(answered, axis=1)[:, ::-1]
    return {
        "likest_answered": nearest[:, 0],
        "likeness_above_others": answered.mean(axis=1) - answered.mean(),
        "three_likest_answered": nearest[:, :3].mean(axis=1),
        "likest_asked": at.likeness["asked"].max(axis=1),
        "likest_commented": at.likeness["commented"].max(axis=1),
        "likest_answered_by_practice": nearest[:, 0] * at.practice,
    }


def _own_engagement(at: Moment) -> Columns:
    person, rows = at.person, at.rows.tolist()
    commented_at = np.array([person.commented.get(row, -np.inf) for row in rows])
    return {
        "commented_myself": commented_at > -np.inf,
        "commented_myself_lately": np.exp(-(at.now - commented_at) / (12 * HOUR)),
        "my_favourite": [float(row in person.favourites) for row in rows],
    }


def _habits(at: Moment) -> Columns:
    ages = at.person.log_ages
    usual = (sum(ages) + HABIT_PRIOR * USUAL_LOG_AGE) / (len(ages) + HABIT_PRIOR)
    recency = np.log1p(at.recency)
    return {
        "log_age_by_practice": at.log_age * at.practice,
        "log_recency_by_practice": recency * at.practice,
        "log_age_by_habit": at.log_age * (usual - USUAL_LOG_AGE),
        "log_recency_by_habit": recency * (usual - USUAL_LOG_AGE),
        "distance_from_usual_age": np.abs(at.log_age - usual),
        "log_age_for_newcomers": at.log_age * (not ages),
    }


GROUPS: Final[Mapping[str, Callable[[Moment], Columns]]] = MappingProxyType(
    {
        "freshness": _freshness,
        "last activity": _last_activity,
        "seen before": _seen_before,
        "feedback so far": _feedback_so_far,
        "conversation": _conversation,
        "votes": _votes,
        "creation rate": _creation_rate,
        "form": _form,
        "asker": _asker,
        "tie": _tie,
        "tags": _tags,
        "text": _text,
        "own engagement": _own_engagement,
        "habits": _habits,
    }
)


def features(at: Moment) -> tuple[Doubles, dict[str, list[int]]]:
    """Features of each candidate, float64[n, f], and which columns belong to each group of GROUPS."""
    columns: list[Doubles] = []
    places: dict[str, list[int]] = {}
    for group, make in GROUPS.items():
        made = [np.asarray(column, np.float64) for column in make(at).values()]
        places[group] = list(range(len(columns), len(columns) + len(made)))
        columns += made
    return np.stack(columns, axis=1), places
