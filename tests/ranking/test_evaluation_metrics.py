"""Numbers that judge, against numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.evaluation.metrics import (
    clustered_interval,
    effective_number,
    gini,
    log_loss,
    ndcg_of_one,
    reliability,
)


@pytest.mark.parametrize(
    ("scores", "relevant", "gain"),
    [
        ([3.0, 2.0, 1.0], 0, 1.0),
        ([3.0, 2.0, 1.0], 1, 1 / math.log2(3)),
        ([3.0, 2.0, 1.0], 2, 0.5),
        ([1.0, 1.0], 0, (1 + 1 / math.log2(3)) / 2),  # a tie is a coin's toss
        ([2.0, 1.0, 1.0, 1.0], 2, (1 / math.log2(3) + 1 / 2 + 1 / math.log2(5)) / 3),
    ],
)
def test_the_gain_of_a_place_is_what_the_formula_says(scores, relevant, gain):
    assert ndcg_of_one(np.array(scores), relevant) == pytest.approx(gain)


def test_beyond_the_tenth_place_there_is_no_gain():
    scores = -np.arange(20.0)
    assert ndcg_of_one(scores, 9) == pytest.approx(1 / math.log2(11))
    assert ndcg_of_one(scores, 10) == 0
    assert ndcg_of_one(scores, 2, k=2) == 0


def test_an_order_that_knows_nothing_gains_the_mean_over_all_orders():
    every_place = sum(1 / math.log2(1 + place) for place in range(1, 11)) / 20
    assert ndcg_of_one(np.zeros(20), 7) == pytest.approx(every_place)


def test_a_row_without_a_score_is_refused():
    with pytest.raises(ValueError, match="no score"):
        ndcg_of_one(np.array([1.0, np.nan]), 1)


def test_people_are_drawn_whole_so_one_who_decides_often_widens_the_interval():
    values = np.array([1.0] * 50 + [0.0] * 50)
    by_many = clustered_interval(values, np.arange(100), seed=1)
    by_two = clustered_interval(values, np.repeat([0, 1], 50), seed=1)
    assert by_many.mean == by_two.mean == 0.5
    assert (by_two.low, by_two.high) == (0.0, 1.0)
    assert 0.38 < by_many.low < 0.42
    assert 0.58 < by_many.high < 0.62


def test_the_same_seed_gives_the_same_interval_and_no_values_are_refused():
    values, people = np.arange(30.0), np.arange(30) // 3
    assert clustered_interval(values, people, seed=4) == clustered_interval(values, people, seed=4)
    with pytest.raises(ValueError, match="no values"):
        clustered_interval(np.array([]), np.array([], np.int64), seed=1)


def test_reliability_compares_what_was_foretold_with_what_came():
    probabilities = np.array([0.1] * 10 + [0.6] * 10)
    happened = np.array([True] + [False] * 9 + [True] * 8 + [False] * 2)
    found = reliability(probabilities, happened, bins=2)
    assert found.foretold.tolist() == pytest.approx([0.1, 0.6])
    assert found.observed.tolist() == pytest.approx([0.1, 0.8])
    assert found.error == pytest.approx(0.1)


def test_log_loss_is_the_mean_surprise():
    assert log_loss(np.array([0.5, 0.25]), np.array([True, False])) == pytest.approx(
        -(math.log(0.5) + math.log(0.75)) / 2
    )


def test_spread_in_known_cases():
    assert gini(np.array([5.0, 5.0, 5.0])) == 0
    assert gini(np.array([0.0, 0.0, 0.0, 8.0])) == pytest.approx(0.75)
    assert gini(np.zeros(3)) == 0
    assert effective_number(np.array([2.0, 2.0, 2.0, 2.0])) == pytest.approx(4)
    assert effective_number(np.array([7.0, 0.0])) == pytest.approx(1)
    assert effective_number(np.zeros(2)) == 0
    assert effective_number(np.array([0.9, 0.1])) == pytest.approx(math.exp(-0.9 * math.log(0.9) - 0.1 * math.log(0.1)))


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(amounts=st.lists(st.floats(0.01, 100), min_size=1, max_size=30), factor=st.floats(0.1, 10))
def test_spread_does_not_depend_on_the_unit(amounts, factor):
    amounts = np.array(amounts)
    assert gini(amounts * factor) == pytest.approx(gini(amounts), abs=1e-9)
    assert effective_number(amounts * factor) == pytest.approx(effective_number(amounts))
    assert 1 - 1e-9 <= effective_number(amounts) <= len(amounts) + 1e-6
    assert -1e-9 <= gini(amounts) < 1
