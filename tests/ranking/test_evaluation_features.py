"""What the heads of E1 and E2 are given comes from the past, and says what its name says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.evaluation import next_answer
from ranking.evaluation.crosses import GROUPS, Moment, features
from ranking.evaluation.history import History
from ranking.evaluation.site import DAY, NOBODY, Event, Kind, Site
from tests.ranking.sites import a_site

HOUR = 3_600.0
ADA, BO, CLEO = 1, 2, 3


def with_another_future(site: Site, other: Site, moment: float, decision: Event) -> Site:
    """The site with everything at or after a moment taken from another one, but for the decision itself."""
    past = site.until(moment)
    known = len(past)
    shift = moment - other.asked_at[0]
    later = [
        Event(event.at + shift, event.kind, event.question + known, event.person, event.author, event.on_question)
        for event in other.events
    ]
    events = sorted([*past.events, decision, *later], key=lambda event: (event.at, event.kind))
    return Site(
        np.concatenate([past.asked_at, other.asked_at + shift]),
        np.concatenate([past.asker, other.asker]),
        [*past.titles, *other.titles],
        [*past.tags, *(tuple(f"{tag}-other" for tag in tags) for tags in other.tags)],
        [*past.texts, *other.texts],
        events,
    )


def decided(site: Site) -> dict[tuple[float, int, int], tuple[next_answer.Setting, dict[str, np.ndarray]]]:
    """Each decision with its features and what the baselines said at that moment."""
    return {
        found.decision[1:]: (found, {name: formula(found.at) for name, formula in next_answer.BASELINES.items()})
        for found in next_answer.settings(site)
    }


@settings(max_examples=30, deadline=None, database=None, derandomize=True)
@given(seed=st.integers(0, 10**6), other=st.integers(0, 10**6), place=st.floats(0, 0.999))
def test_nothing_at_or_after_the_moment_changes_what_is_known_at_it(seed, other, place):
    site = a_site(seed, questions=15)
    every = list(decided(site).values())
    if not every:
        return
    found, formulas = every[int(place * len(every))]
    _, at, viewer, question = found.decision
    answer = Event(at, Kind.ANSWER, question, viewer, int(site.asker[question]), True)
    again, formulas_again = decided(with_another_future(site, a_site(other, questions=8), at, answer))[
        at, viewer, question
    ]
    assert again.at.rows.tolist() == found.at.rows.tolist()
    np.testing.assert_array_equal(again.features, found.features)
    for name, scores in formulas.items():
        np.testing.assert_array_equal(formulas_again[name], scores)


def test_a_change_of_the_past_is_seen():
    site = a_site(5)
    last = list(next_answer.settings(site))[-1]
    texts = list(site.texts)
    texts[last.at.rows[0]] += " entirely different words about bread and butter"
    (again,) = [s for s in next_answer.settings(replace(site, texts=texts)) if s.decision == last.decision]
    assert (again.features != last.features).any()


@settings(max_examples=30, deadline=None, database=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_candidates_are_others_questions_of_30_days_that_the_viewer_did_not_answer(seed):
    site = a_site(seed, days=60)
    for found in next_answer.settings(site):
        at, viewer = found.decision.at, found.decision.viewer
        answered = {e.question for e in site.events if e.kind == Kind.ANSWER and e.person == viewer and e.at < at}
        expected = [
            row
            for row in range(len(site))
            if at - 30 * DAY <= site.asked_at[row] < at and site.asker[row] != viewer and row not in answered
        ]
        assert found.at.rows.tolist() == expected
        assert found.at.rows[found.answered] == found.decision.question
        assert np.isfinite(found.features).all()


def a_past(*events: Event, questions: int = 3, asker: int = ADA) -> History:
    """Questions asked at the hours 0, 1, 2 …, the first two about gates, and what else happened."""
    site = Site(
        np.arange(questions) * HOUR,
        np.full(questions, asker),
        ["gates and noise", "gates and errors", "poems"][:questions],
        [("gates",), ("gates", "noise"), ()][:questions],
        ["how do gates work", "why do gates fail", "who writes"][:questions],
        (),
    )
    asks = [Event(float(at), Kind.ASK, row, asker, asker, True) for row, at in enumerate(site.asked_at)]
    past = History(site)
    for event in sorted([*asks, *events], key=lambda event: event.at):
        past.tell(event)
    return past


def named(past: History, viewer: int, now: float) -> dict[str, list[float]]:
    at = Moment(past, viewer, now, past.candidates(viewer, now))
    return {name: np.asarray(column, float).tolist() for make in GROUPS.values() for name, column in make(at).items()}


def test_features_say_what_happened_between_the_two_and_to_the_question():
    past = a_past(
        Event(2.5 * HOUR, Kind.ANSWER, 0, BO, ADA, True),
        Event(3 * HOUR, Kind.COMMENT, 1, BO, ADA, True),
        Event(3.2 * HOUR, Kind.COMMENT, 0, ADA, BO, False),
        Event(3.5 * HOUR, Kind.ACCEPT, 0, NOBODY, BO, False),
        Event(3.6 * HOUR, Kind.UP, 2, NOBODY, ADA, True),
    )
    known = named(past, BO, 4 * HOUR)
    assert known["newest"] == [0, 1]  # questions 1 and 2: what BO answered is gone
    assert known["log_answers_to_asker"] == pytest.approx([np.log(2)] * 2)
    assert known["log_comments_to_asker"] == pytest.approx([np.log(2)] * 2)
    assert known["log_comments_from_asker"] == pytest.approx([np.log(2)] * 2)
    assert known["log_accepts_from_asker"] == pytest.approx([np.log(2)] * 2)
    assert known["commented_myself"] == [1, 0]
    assert known["log_comments"] == pytest.approx([np.log(2), 0])
    assert known["score"] == pytest.approx([0, np.log(2)])
    assert known["log_passes"] == pytest.approx([np.log(3)] * 2)  # active twice since both were asked
    assert known["share_of_tags_known"] == [0.5, 0]
    assert known["likest_answered"][0] > known["likest_answered"][1] == 0
    stranger = named(past, CLEO, 4 * HOUR)
    assert stranger["newest"] == [0, 0, 1]
    assert stranger["unanswered"] == [0, 1, 1]
    assert stranger["accepted"] == [1, 0, 0]
    assert stranger["log_answers_to_asker"] == [0, 0, 0]
    assert stranger["likest_answered"] == [0, 0, 0]
    assert stranger["new_to_them"] == [0, 0, 0]  # who was never there has passed nothing over, and missed nothing


def test_leaving_a_group_out_leaves_out_its_columns():
    past = a_past()
    matrix, places = features(Moment(past, BO, 4 * HOUR, past.candidates(BO, 4 * HOUR)))
    assert list(places) == list(GROUPS)
    assert sorted(column for columns in places.values() for column in columns) == list(range(matrix.shape[1]))


def test_the_last_quarter_is_cut_off_unless_it_is_declared():
    site = a_site(3, questions=50, people=5)
    train_end, validation_end = site.cuts()
    answers = [event.at for event in site.events if event.kind == Kind.ANSWER]
    assert sum(at < train_end for at in answers) == int(len(answers) * 0.6)
    assert sum(at < validation_end for at in answers) == int(len(answers) * 0.75)
    cut = site.until(validation_end)
    assert max(event.at for event in cut.events) < validation_end
    assert cut.asked_at.max() < validation_end <= site.asked_at[len(cut)]
    spoilt = replace(site, events=[e if e.at < validation_end else e._replace(person=7, author=8) for e in site.events])
    assert next_answer.run(spoilt, name="x", declared=False) == next_answer.run(site, name="x", declared=False)
    assert next_answer.run(spoilt, name="x", declared=True) != next_answer.run(site, name="x", declared=True)


def test_a_learned_order_beats_newest_first_where_taste_decides():
    """Everybody answers the one tag they love, old or new."""
    rng = np.random.default_rng(1)
    questions, people = 120, 4
    tags = [f"tag{rng.integers(people)}" for _ in range(questions)]
    asked = np.arange(questions) * 4 * HOUR
    events = [Event(float(at), Kind.ASK, row, 99, 99, True) for row, at in enumerate(asked)]
    for person in range(people):
        mine = [row for row in range(questions) if tags[row] == f"tag{person}"]
        events += [
            Event(float(asked[row] + rng.exponential(3) * DAY + person + 1), Kind.ANSWER, row, person, 99, True)
            for row in mine
        ]
    site = Site(
        asked,
        np.full(questions, 99),
        tags,
        [(tag,) for tag in tags],
        tags,
        sorted(events, key=lambda event: event.at),
    )
    of_similar_age, among_all = next_answer.run(site, name="taste", declared=True)
    assert of_similar_age.passed
    assert among_all.passed
    assert of_similar_age.region == "E1 taste test"
