"""Off-policy estimates: a known truth is found again, and what the log cannot tell is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.evaluation import recovery
from ranking.evaluation.offpolicy import CLIP, Refused, clipped_snips, doubly_robust, effective_share

steadily = settings(max_examples=60, deadline=None, database=None, derandomize=True)
seeds = st.integers(0, 10**6)


def a_log(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rewards, propensities and a target whose weights stay about 1."""
    rng = np.random.default_rng(seed)
    propensities = rng.uniform(0.1, 0.6, n)
    target = np.clip(propensities * rng.uniform(0.6, 1.5, n), 0, 1)
    return (rng.random(n) < 0.3).astype(float), propensities, target


def test_snips_by_hand():
    rewards, propensities, target = np.array([1.0, 0.0, 1.0]), np.array([0.5, 0.5, 0.25]), np.array([0.5, 0.25, 0.5])
    found = clipped_snips(rewards, propensities, target)  # weights 1, ½, 2
    assert found.value == pytest.approx(3 / 3.5)
    assert found.effective == pytest.approx(3.5**2 / (3 * 5.25))
    assert found.clipped == 0
    cut = clipped_snips(rewards, propensities, target, clip=1.0)
    assert cut.value == pytest.approx(2 / 2.5)
    assert cut.clipped == pytest.approx(1 / 3)
    assert cut.effective == found.effective  # cutting must not hide how few decisions speak


def test_doubly_robust_by_hand():
    rewards, propensities, target = np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([0.5, 0.75])
    found = doubly_robust(
        rewards, propensities, target, expected=np.array([0.6, 0.2]), expected_by_target=np.array([0.5, 0.3])
    )
    assert found.value == pytest.approx(((0.5 + 1 * 0.4) + (0.3 + 1.5 * -0.2)) / 2)


@steadily
@given(seed=seeds)
def test_the_logged_policy_itself_earns_what_it_earned(seed):
    rewards, propensities, _ = a_log(seed)
    model = np.random.default_rng(seed).random(len(rewards))
    assert clipped_snips(rewards, propensities, propensities).value == pytest.approx(rewards.mean())
    robust = doubly_robust(rewards, propensities, propensities, expected=model, expected_by_target=model)
    assert robust.value == pytest.approx(rewards.mean())
    assert clipped_snips(rewards, propensities, propensities).effective == pytest.approx(1)


@steadily
@given(seed=seeds, constant=st.floats(-5, 5))
def test_snips_moves_with_a_constant_and_stays_within_the_rewards(seed, constant):
    rewards, propensities, target = a_log(seed)
    found = clipped_snips(rewards, propensities, target)
    assert rewards.min() <= found.value <= rewards.max()
    assert clipped_snips(rewards + constant, propensities, target).value == pytest.approx(found.value + constant)


@steadily
@given(seed=seeds)
def test_with_a_perfect_model_nothing_is_left_to_correct(seed):
    rewards, propensities, target = a_log(seed)
    by_target = np.random.default_rng(seed).random(len(rewards))
    found = doubly_robust(rewards, propensities, target, expected=rewards, expected_by_target=by_target)
    assert found.value == pytest.approx(by_target.mean())


@steadily
@given(seed=seeds)
def test_the_order_of_decisions_does_not_matter(seed):
    rewards, propensities, target = a_log(seed)
    order = np.random.default_rng(seed).permutation(len(rewards))
    shuffled = clipped_snips(rewards[order], propensities[order], target[order])
    assert shuffled.value == pytest.approx(clipped_snips(rewards, propensities, target).value)


@steadily
@given(weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_the_effective_share_is_at_most_all_and_at_least_one_decision(weights):
    share = effective_share(np.array(weights))
    assert 1 / len(weights) - 1e-9 <= share <= 1 + 1e-9


def test_below_a_tenth_of_effective_decisions_both_refuse():
    n = 1_000
    rewards, propensities = np.ones(n), np.full(n, 0.05)
    target = np.zeros(n)
    target[:99] = 1.0
    with pytest.raises(Refused, match=r"the effective sample is 9.9%") as refusal:
        clipped_snips(rewards, propensities, target)
    assert refusal.value.effective == pytest.approx(0.099)
    with pytest.raises(Refused):
        doubly_robust(rewards, propensities, target, expected=rewards, expected_by_target=rewards)
    target[:101] = 1.0
    assert clipped_snips(rewards, propensities, target).effective == pytest.approx(0.101)


def test_a_log_without_chance_is_refused_where_the_policies_differ():
    """Where the log was sure it says nothing of what else there was, however many decisions agree."""
    rng = np.random.default_rng(1)
    agreed = (rng.random(2_000) < 0.5).astype(float)
    with pytest.raises(Refused, match="50% of what the other policy shows could not have been shown"):
        clipped_snips(rng.random(2_000), np.ones(2_000), agreed)


@pytest.mark.parametrize(
    ("rewards", "propensities", "target", "clip", "words"),
    [
        ([], [], [], CLIP, "of one length"),
        ([1.0], [0.5, 0.5], [0.5], CLIP, "of one length"),
        ([1.0], [0.0], [0.5], CLIP, "what was shown could be shown"),
        ([1.0], [1.5], [0.5], CLIP, "what was shown could be shown"),
        ([1.0], [0.5], [1.5], CLIP, "between 0 and 1"),
        ([1.0], [0.5], [0.5], 0.0, "cut at a number above 0"),
    ],
)
def test_arrays_that_cannot_be_a_log_are_not_estimated_from(rewards, propensities, target, clip, words):
    with pytest.raises(ValueError, match=words):
        clipped_snips(np.array(rewards), np.array(propensities), np.array(target), clip=clip)


def test_the_interval_of_a_few_people_is_wider_than_that_of_many():
    rewards, propensities, target = a_log(3)
    rewards = np.repeat([0.0, 1.0], len(rewards) // 2)
    alone = clipped_snips(rewards, propensities, target).interval
    by_four = clipped_snips(rewards, propensities, target, people=np.arange(len(rewards)) // 100).interval
    assert alone.mean == by_four.mean
    assert by_four.high - by_four.low > 3 * (alone.high - alone.low)


@pytest.mark.parametrize("estimator", list(recovery.ESTIMATORS))
def test_e4_the_truth_is_found_within_5_percent_at_5000_decisions(estimator):
    world = recovery.MixedWorld(base=-0.8, mix=0.05)
    rng = np.random.default_rng(1)
    found = [recovery.ESTIMATORS[estimator](world.log(rng, 5_000)) for _ in range(12)]
    errors = np.array([one.value for one in found]) / world.truth - 1
    assert np.sqrt((errors**2).mean()) <= 0.05
    assert abs(errors.mean()) <= 0.02
    naive = world.log(rng, 5_000).rewards.mean()
    assert abs(naive / world.truth - 1) > 0.05  # what the log earned is not what the other policy would


def test_doubly_robust_survives_a_wrong_model_and_snips_needs_right_propensities():
    world = recovery.MixedWorld(base=-0.8, mix=0.05)
    log = world.log(np.random.default_rng(2), 20_000)
    ones = np.ones(len(log.rewards))
    wrong = doubly_robust(log.rewards, log.propensities, log.target, expected=ones, expected_by_target=ones)
    assert wrong.value == pytest.approx(world.truth, rel=0.05)
    with_wrong_propensities = clipped_snips(log.rewards, ones * log.propensities.mean(), log.target)
    assert abs(with_wrong_propensities.value / world.truth - 1) > 0.05


def test_e4_exploration_places_of_the_slate_are_logged_well_enough_to_judge_by():
    log = recovery.slate_log(np.random.default_rng(5), 400)
    assert (log.propensities < 1).all()
    for estimate in (log.snips(), log.robust()):
        assert estimate.effective > 0.5
        assert estimate.interval.low <= log.truth <= estimate.interval.high
