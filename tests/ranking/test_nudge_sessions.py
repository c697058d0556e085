"""E6: no cap is broken in simulated sessions; and a policy with a hole in it is caught."""

from dataclasses import replace

import pytest

from ranking import nudging, quiet_hours
from ranking.evaluation.nudge_sessions import run

SESSIONS = 3_000


def test_e6_no_promise_is_broken():
    outcome = run(SESSIONS, seed=11)
    assert outcome.breaches == {}
    assert outcome.sessions == SESSIONS
    assert outcome.cards > 1_000
    assert outcome.pauses > 2_000


def test_e6_the_same_seed_is_the_same_run():
    assert run(50, seed=3) == run(50, seed=3)
    assert run(50, seed=3) != run(50, seed=4)


def without_cap(monkeypatch):
    monkeypatch.setattr(nudging, "CARDS_AT_MOST", 100)


def with_a_day_of_a_clock(monkeypatch):
    monkeypatch.setattr(nudging, "CARDS_WITHIN", 12 * nudging.HOUR)


def without_back_off(monkeypatch):
    monkeypatch.setattr(nudging, "BACK_OFF", ())


def without_the_longer_back_off(monkeypatch):
    monkeypatch.setattr(nudging, "BACK_OFF", ((2, nudging.DAY),))


def without_cutting_pages(monkeypatch):
    monkeypatch.setattr(nudging, "_room", lambda meter, wanted, rules: wanted)


def without_counting_at_once(monkeypatch):
    asked = nudging.ask

    def late(meter, at, wanted, rules):
        turn = asked(meter, at, wanted, rules)
        return replace(turn, meter=turn.meter._replace(items=turn.items_before, day_items=meter.day_items))

    monkeypatch.setattr(nudging, "ask", late)


def without_minutes(monkeypatch):
    arrived = nudging.arrive
    monkeypatch.setattr(nudging, "arrive", lambda *words: arrived(*words)._replace(watched_ms=0))


def with_a_pause_that_one_may_poll_away(monkeypatch):
    def impatient(meter, at, rules):
        return arrived(meter._replace(hold="", items=0) if meter.hold == "pause" else meter, at, rules)

    arrived = nudging.arrive
    monkeypatch.setattr(nudging, "arrive", impatient)


def without_nights(monkeypatch):
    monkeypatch.setattr(quiet_hours, "quiet_until", lambda window, zone, moment: None)


def with_a_making_that_frees_teens(monkeypatch):
    made = nudging.made
    monkeypatch.setattr(nudging, "made", lambda meter, at, rules: made(meter, at, replace(rules, is_dismissible=True)))


def with_steps_again_and_again(monkeypatch):
    settled = nudging.settle
    monkeypatch.setattr(nudging, "settle", lambda meter, turn, served, step: settled(meter, turn, served))


@pytest.mark.parametrize(
    "hole",
    [
        without_cap,
        with_a_day_of_a_clock,
        without_back_off,
        without_the_longer_back_off,
        without_cutting_pages,
        without_counting_at_once,
        without_minutes,
        with_a_pause_that_one_may_poll_away,
        without_nights,
        with_a_making_that_frees_teens,
        with_steps_again_and_again,
    ],
)
def test_e6_mutant(hole, monkeypatch):
    hole(monkeypatch)
    assert sum(run(SESSIONS, seed=11).breaches.values()) > 0
