import json
from dataclasses import replace

import numpy as np
import pytest

from ranking.card import policy_version, ranking_card
from ranking.rates import HEAD, HEADS, base_probabilities, head_probabilities
from ranking.value import contributions
from ranking.weights import BUDGET, GROUPS, STARTING_WEIGHTS, weights_by_budget
from tests.ranking.world import a_new_post, a_post, compete

SHARES = {head: share for shares in BUDGET.values() for head, share in shares.items()}


@pytest.mark.parametrize("post", [a_post(), a_new_post()], ids=["well known", "unknown"])
def test_a_post_at_base_rates_gets_exactly_the_budget(post):
    posts = compete(post)
    by_group = dict(zip(GROUPS, contributions(posts, head_probabilities(posts), STARTING_WEIGHTS)[0], strict=True))
    long_view = by_group.pop("long_view")
    assert by_group == pytest.approx(
        {"creation": 0.50, "conversation": 0.22, "like": 0.06, "creator_feedback": 0.10, "negatives": -0.08}, rel=1e-5
    )
    assert 0 < long_view <= 0.04


def test_the_budget_spends_everything_once():
    assert set(SHARES) == set(HEADS)
    assert sum(abs(share) for share in SHARES.values()) == pytest.approx(1)


def test_head_probabilities_of_an_unknown_post_are_the_base_rates():
    expected = base_probabilities()
    assert head_probabilities(compete(a_new_post()))[0] == pytest.approx([expected[head] for head in HEADS], rel=1e-5)


def test_negatives_weigh_against_and_all_else_for():
    for head in HEADS:
        assert (STARTING_WEIGHTS.heads[HEAD[head]] < 0) == (head in {"see_less", "report"})


def test_a_missing_head_or_an_impossible_rate_is_refused():
    with pytest.raises(ValueError, match="name each of"):
        weights_by_budget({"like": 1.0}, base_probabilities())
    with pytest.raises(ValueError, match="above 0"):
        weights_by_budget(SHARES, {**base_probabilities(), "like": 0.0})


def test_equal_weights_have_one_version_and_others_another():
    same = weights_by_budget(SHARES, base_probabilities())
    other = weights_by_budget({**SHARES, "like": 0.07}, base_probabilities())
    assert same.version == STARTING_WEIGHTS.version
    assert len({STARTING_WEIGHTS.version, other.version, replace(same, tie_bonus=2.0).version}) == 3
    assert policy_version(other) != policy_version(STARTING_WEIGHTS)


def test_the_public_card_is_plain_json_under_the_version_that_is_logged():
    card = ranking_card()
    assert json.loads(json.dumps(card)) == card
    assert card["version"] == policy_version(STARTING_WEIGHTS)
    assert card["weights"] == dict(zip(HEADS, STARTING_WEIGHTS.heads, strict=True))
    assert np.isfinite(list(STARTING_WEIGHTS.heads)).all()
