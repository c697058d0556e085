"""Arms and what can be said of them: stable, in their shares, and with intervals that hold what they promise."""

import numpy as np
import pytest

from ranking import experiments
from ranking.experiments import arm_of, difference, needed_people, rate_of, verdict

EVEN = dict.fromkeys(experiments.ARMS, 1.0)


def test_an_arm_is_stable_and_another_salt_shuffles_anew():
    people = range(20_000)
    first = [arm_of(person, "salt", EVEN) for person in people]
    assert first == [arm_of(person, "salt", EVEN) for person in people]
    other = [arm_of(person, "pepper", EVEN) for person in people]
    same = sum(one == two for one, two in zip(first, other, strict=True)) / len(first)
    assert abs(same - 0.25) < 0.02
    for arm in experiments.ARMS:
        assert abs(first.count(arm) / len(first) - 0.25) < 0.015


def test_shares_are_kept_and_an_arm_without_one_has_nobody():
    found = [arm_of(person, "s", {"a": 1, "b": 3, "c": 0}) for person in range(20_000)]
    assert set(found) == {"a", "b"}
    assert abs(found.count("a") / len(found) - 0.25) < 0.01
    assert arm_of(7, "s", {"a": 0, "b": 0.1}) == "b"
    for empty in ({}, {"a": 0}, {"a": 2, "b": -1}):
        with pytest.raises(ValueError, match="needs an arm"):
            arm_of(1, "s", empty)


def clustered(rng, people, rate, *, spread):
    """Cards of people whose own rates differ: successes and cards, one figure each."""
    cards = rng.integers(1, 8, people)
    own = rng.beta(rate / spread, (1 - rate) / spread, people)
    return rng.binomial(cards, own), cards


def test_intervals_cover_the_truth_as_often_as_they_say_though_people_differ():
    rng = np.random.default_rng(4)
    rates = [rate_of(*clustered(rng, 400, 0.12, spread=0.3)) for _ in range(600)]
    within = [low <= 0.12 <= high for low, high in (rate.interval() for rate in rates)]
    assert 0.93 <= np.mean(within) <= 0.97
    # without the clusters they would be too narrow
    naive = [abs(rate.value - 0.12) <= 1.96 * (rate.value * (1 - rate.value) / rate.cards) ** 0.5 for rate in rates]
    assert np.mean(naive) < 0.90
    assert np.mean([rate.design_effect for rate in rates]) > 1.3


def test_one_card_each_is_the_plain_proportion():
    rate = rate_of([1] * 30 + [0] * 70, [1] * 100)
    assert rate.value == pytest.approx(0.3)
    assert rate.error == pytest.approx((0.3 * 0.7 / 99) ** 0.5)
    assert rate.design_effect == pytest.approx(100 / 99)


def test_too_little_to_say():
    assert rate_of([], []).error == np.inf
    assert rate_of([1], [2]).error == np.inf
    assert rate_of([0, 0], [3, 2]).interval() == (0.0, 0.0)


def test_differences_of_equal_arms_are_mostly_nothing():
    rng = np.random.default_rng(5)
    seen = 0
    for _ in range(400):
        one, other = (rate_of(*clustered(rng, 300, 0.2, spread=0.2)) for _ in range(2))
        seen += not difference(one, other).low <= 0 <= difference(one, other).high
    assert 0.02 <= seen / 400 <= 0.08


def test_the_needed_people_see_the_effect_as_often_as_promised():
    rng = np.random.default_rng(6)
    needed = needed_people(rate_of(*clustered(rng, 4_000, 0.2, spread=0.2)), relative_effect=0.3, comparisons=1)
    seen = [
        difference(
            rate_of(*clustered(rng, needed, 0.26, spread=0.2)), rate_of(*clustered(rng, needed, 0.2, spread=0.2))
        ).low
        > 0
        for _ in range(200)
    ]
    assert 0.72 <= np.mean(seen) <= 0.90
    more = needed_people(rate_of([2] * 20, [10] * 20), relative_effect=0.3, comparisons=6)
    assert more > needed_people(rate_of([2] * 20, [10] * 20), relative_effect=0.3, comparisons=1)
    assert needed_people(rate_of([0, 0], [1, 1]), relative_effect=0.3, comparisons=1) is None
    with pytest.raises(ValueError, match="greater than 0"):
        needed_people(rate_of([1, 0], [1, 1]), relative_effect=0, comparisons=1)


def rates(people, **shares):
    rng = np.random.default_rng(7)
    return {arm: rate_of(*clustered(rng, people, rate, spread=0.1)) for arm, rate in shares.items()}


def call(found, **words):
    return verdict(found, **{"baseline": "control", "relative_effect": 0.2, "minimum_people": 100, **words})


def test_no_winner_is_called_before_there_are_enough_people():
    early = call(rates(300, control=0.10, create_offer=0.20))
    assert early.winner == ""
    assert early.reason.startswith("No winner is called: ")
    assert early.needed > 300
    assert call(rates(20_000, control=0.10, create_offer=0.20)).winner == "create_offer"
    assert call(rates(20_000, control=0.10, create_offer=0.20), minimum_people=30_000).winner == ""


def test_equal_arms_have_no_winner_and_a_worse_offer_loses_to_the_control():
    assert call(rates(20_000, control=0.15, create_offer=0.15)).winner == ""
    assert call(rates(20_000, control=0.20, create_offer=0.15)).winner == "control"
    assert call(rates(20_000, control=0.10, break_only=0.10, create_offer=0.2, friend_offer=0.2)).winner == ""


def test_one_arm_alone_has_nothing_to_beat():
    assert call(rates(5_000, create_offer=0.2)).reason == "There are no two arms to compare."
    assert call({}).winner == ""
