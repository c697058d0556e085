"""The policy of the nudge: what a meter becomes, and why."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking import nudging
from ranking.nudging import DAY, HOUR, MINUTE, Event, Meter, Moment, PastCard, Rules

NOW = 1_800_000_000_000
RULES = Rules()
TEEN = Rules((15, 20, 30), (5 * MINUTE, 8 * MINUTE, 15 * MINUTE), page_items=15, daily_items=200, is_dismissible=False)


def scrolled(*asks, rules=RULES, meter=None):
    """The turns of pages asked for at (minutes from now, items wanted)."""
    meter, turns = meter or Meter(), []
    for minutes, wanted in asks:
        turn = nudging.ask(meter, Moment(NOW + round(minutes * MINUTE)), wanted, rules)
        meter = turn.meter
        turns.append(turn)
    return turns


def test_items_are_set_aside_when_they_are_asked_for():
    first, second, third = scrolled((0, 20), (0, 15), (0, 20))
    assert [turn.granted for turn in (first, second, third)] == [20, 15, 5]
    assert third.meter.items == 40


def test_at_forty_there_is_a_pause_of_five_minutes():
    *_, held = scrolled((0, 40), (1, 20))
    assert (held.granted, held.meter.hold, held.meter.hold_until) == (0, "pause", NOW + 6 * MINUTE)


def test_minutes_add_up_while_pages_are_less_than_five_apart():
    turns = scrolled((0, 1), (4.99, 1), (9.99, 1), (12, 1))
    assert [turn.watched_ms for turn in turns] == [round(minutes * MINUTE) for minutes in (0, 4.99, 4.99, 7)]


def test_clocks_that_disagree_count_nothing_twice():
    _, earlier, later = scrolled((1, 1), (0.5, 1), (2, 1))
    assert earlier.meter.asked_at == NOW + MINUTE
    assert later.watched_ms == MINUTE


def test_twenty_minutes_are_enough_for_a_pause():
    *_, held = scrolled(*((4 * n, 1) for n in range(6)))
    assert held.meter.hold == "pause"


def test_a_card_is_due_once_for_each_step():
    (turn,) = scrolled((0, 100))
    assert nudging.card_due(turn, 40, RULES) == nudging.Card(step=1, position=20)
    assert nudging.card_due(turn, 20, RULES) is None  # the threshold is the top of the next page
    assert nudging.card_due(turn, 0, RULES) is None
    done = replace(turn, step_before=1)
    assert nudging.card_due(done, 40, RULES) is None
    assert nudging.card_due(replace(done, items_before=30), 10, RULES) == nudging.Card(step=2, position=0)
    assert nudging.card_due(replace(done, items_before=30, step_before=2), 10, RULES) is None
    skipped = replace(turn, watched_ms=13 * MINUTE)
    assert nudging.card_due(skipped, 10, RULES) == nudging.Card(step=2, position=0)


def test_what_is_given_back_is_given_back_once_and_only_to_its_session():
    (turn,) = scrolled((0, 20))
    assert nudging.settle(turn.meter, turn, 12, step=1)[:4] == (NOW, 12, 0, 1)
    begun = nudging.made(turn.meter, NOW + 1, RULES)._replace(items=3)
    assert nudging.settle(begun, turn, 0, step=2).items == 3
    assert nudging.settle(begun, turn, 0, step=2).step == 0


def test_a_making_begins_anew_and_ends_an_adults_pause_alone():
    *_, held = scrolled((0, 40), (1, 20))
    made = nudging.made(held.meter, NOW + 2 * MINUTE, RULES)
    assert (made.items, made.hold, made.reset_at) == (0, "", NOW + 2 * MINUTE)
    assert nudging.made(made, NOW + MINUTE, RULES) == made  # an older one changes nothing
    *_, held = scrolled((0, 15), (0, 15), (1, 15), rules=TEEN)
    made = nudging.made(held.meter, NOW + 2 * MINUTE, TEEN)
    assert (made.items, made.hold) == (0, "pause")


def test_only_the_hold_that_is_meant_is_acknowledged():
    *_, held = scrolled((0, 40), (1, 20))
    meter = held.meter._replace(hold_id=7)
    assert nudging.acknowledged(meter, 8, NOW + MINUTE) == meter
    assert nudging.acknowledged(meter, 7, NOW + MINUTE).hold == ""
    assert nudging.acknowledged(Meter(), 0, NOW) == Meter()


def test_quiet_hours_come_first_and_stay_waived_to_their_end():
    night = Moment(NOW, quiet_until=NOW + HOUR)
    held = nudging.ask(Meter(items=40), night, 20, RULES).meter
    assert (held.hold, held.hold_until) == ("quiet_hours", NOW + HOUR)
    waived = nudging.acknowledged(held._replace(hold_id=1), 1, NOW + 1)
    assert nudging.ask(waived, replace(night, now=NOW + 2), 20, RULES).granted == 20
    assert nudging.ask(waived, Moment(NOW + HOUR, quiet_until=NOW + 2 * HOUR), 20, RULES).meter.hold == "quiet_hours"


def test_a_page_does_not_cross_the_end_of_a_daily_limit():
    meter = Meter(day=5, day_items=190, asked_at=NOW)
    turn = nudging.ask(meter, Moment(NOW, day=5), 15, TEEN)
    assert turn.granted == 10
    held = nudging.ask(turn.meter, Moment(NOW, day=5, day_ends=NOW + HOUR), 15, TEEN).meter
    assert (held.hold, held.hold_until) == ("daily_limit", NOW + HOUR)
    tomorrow = nudging.ask(held, Moment(NOW + HOUR, day=6, day_ends=NOW + DAY), 15, TEEN)
    assert (tomorrow.granted, tomorrow.meter.day_items) == (15, 15)
    assert nudging.ask(turn.meter, Moment(NOW, day=4, day_ends=NOW + HOUR), 15, TEEN).granted == 0  # no way back


# what is known when the meter is lost

gaps = st.lists(
    st.tuples(st.sampled_from([1, 40, 200, 299, 300, 1_000, 1_799, 1_800, 4_000]), st.integers(1, 30)), max_size=30
)


@settings(deadline=None, max_examples=200)
@given(pages=gaps, makings=st.sets(st.integers(0, 29)))
def test_replaying_the_log_gives_the_meter_that_was_kept(pages, makings):
    now, meter, events = NOW, Meter(), []
    for number, (gap_s, wanted) in enumerate(pages):
        now += gap_s * 1000
        if number in makings:
            meter = nudging.made(meter, now, RULES)
            events.append(Event(now, "reset"))
            now += 1
        turn = nudging.ask(meter, Moment(now), wanted, RULES)
        meter = turn.meter
        if meter.hold:
            meter = nudging.acknowledged(meter._replace(hold_id=1), 1, now)
            events.append(Event(now, "reset"))
            continue
        card = nudging.card_due(turn, turn.granted, RULES)
        meter = nudging.settle(meter, turn, turn.granted, step=card.step if card else 0)
        events.append(Event(now, "page", turn.granted))
        if card:
            events.append(Event(now + 0, "card", card.step))
    rebuilt = nudging.replay(events, RULES)
    asked_for = nudging.arrive(meter, Moment(now + 1), RULES)
    again = nudging.arrive(rebuilt, Moment(now + 1), RULES)
    assert (again.items, again.step, again.reset_at) == (asked_for.items, asked_for.step, asked_for.reset_at)
    assert again.watched_ms <= asked_for.watched_ms  # a page that was refused is in no log


def test_of_two_accounts_the_stricter_counts():
    here = Meter(asked_at=NOW, items=12, watched_ms=5, step=1)
    there = Meter(asked_at=NOW - MINUTE, items=30, watched_ms=2)
    assert nudging.stricter(here, there, RULES)[:4] == (NOW, 30, 5, 1)
    assert nudging.stricter(there, here, RULES) == nudging.stricter(here, there, RULES)
    older = there._replace(asked_at=NOW - HOUR)  # of a session that is over
    assert nudging.stricter(here, older, RULES) == here
    reset = Meter(asked_at=NOW - 5, items=1, reset_at=NOW - 10)
    assert nudging.stricter(here, reset, RULES) == reset
    held = there._replace(hold="pause", hold_until=NOW + 9, hold_id=4)
    assert nudging.stricter(here, held, RULES)[8:11] == ("pause", NOW + 9, 4)


# cards


def cards(*words, apart=HOUR):
    """A history, newest first, of cards with these outcomes, each an hour before the other."""
    return [PastCard(NOW - n * apart, word, NOW - n * apart if word else 0) for n, word in enumerate(words)]


def test_six_cards_fill_a_day_of_twenty_five_hours():
    assert not nudging.may_lay_card(cards(*[""] * 6), NOW + 20 * HOUR - 1)
    assert nudging.may_lay_card(cards(*[""] * 6), NOW + 20 * HOUR)
    ghosts = [replace(card, is_ghost=True) for card in cards(*[""] * 6)]
    assert not nudging.may_lay_card(ghosts, NOW + 1)


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (["dismissed"], 0),
        (["dismissed", "dismissed"], DAY),
        (["dismissed", "", "left", "dismissed"], DAY),  # silence breaks no row
        (["dismissed", "created", "dismissed"], 0),
        (["dismissed", "acknowledged", "dismissed"], 0),
        (["", "dismissed", "dismissed", "dismissed"], DAY - HOUR),
        (["dismissed"] * 4, 14 * DAY),
        (["dismissed"] * 5, 14 * DAY),
        (["created", "dismissed", "dismissed", "dismissed", "dismissed"], 0),
    ],
)
def test_dismissals_in_a_row_bring_rest(words, rest):
    history = cards(*words)
    for before in (1, MINUTE, HOUR):
        if rest > before:
            assert not nudging.may_lay_card(history, NOW + rest - before)
    assert nudging.may_lay_card(history, NOW + max(rest, 1))


def test_what_is_taken_up_more_often_is_likelier_and_nothing_is_certain():
    base = nudging.p_create("remix", laid=0, taken=0)
    assert base == pytest.approx(nudging.TAKEN_UP["remix"].rate)
    assert nudging.p_create("remix", laid=1000, taken=100) > base
    assert nudging.p_create("remix", laid=1000, taken=1) < base
    assert nudging.p_create("remix", laid=0, taken=0, own_laid=3) < base
    assert base < nudging.p_create("remix", laid=0, taken=0, own_laid=1, own_taken=1) < 1
    assert 0 < nudging.p_create("prompt", laid=10, taken=40) < 1
