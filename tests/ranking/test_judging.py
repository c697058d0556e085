from dataclasses import replace

import numpy as np
import pytest

from ranking import judging, training
from ranking.judging import Comparison, compare, predicted_by
from ranking.rates import STEPS
from tests.ranking.world import a_log


@pytest.fixture(scope="module")
def newest(known_log):
    return known_log.cut()[2]


@pytest.fixture(scope="module")
def weights(known_log):
    return training.weights_of(known_log)


def test_a_trained_model_beats_the_rates_and_may_go_live(trained, newest, weights):
    found = compare(predicted_by(trained), predicted_by(None), newest, weights)
    assert found.objection == ""
    assert found.low > 0
    assert found.ndcg > found.live_ndcg
    assert found.error < found.live_error


def test_a_model_that_learned_from_chance_may_not(known_log, trained, newest, weights):
    shuffled = known_log.acted[np.random.default_rng(0).permutation(len(known_log))]
    worse = training.fold(training.fit(replace(known_log, acted=shuffled)))
    found = compare(predicted_by(worse), predicted_by(trained), newest, weights)
    assert found.objection.startswith("Creation NDCG is not better")


def test_a_model_is_not_better_than_itself(trained, newest, weights):
    found = compare(predicted_by(trained), predicted_by(trained), newest, weights)
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert "not better" in found.objection


def test_a_better_order_with_false_probabilities_may_not_go_live(trained, newest, weights):
    tables = tuple((knots, (calibrated**0.3).astype(np.float32)) for knots, calibrated in trained.tables)
    found = compare(predicted_by(replace(trained, tables=tables)), predicted_by(None), newest, weights)
    assert found.difference > 0
    assert found.objection.startswith("Calibration is worse")


def test_too_few_makings_judge_nothing(trained, weights):
    few = a_log(60, seed=4)
    assert (
        "of the newest scrolls led to a making"
        in compare(predicted_by(trained), predicted_by(None), few, weights).objection
    )


def test_ndcg_is_what_the_paper_says(known_log):
    log = known_log.part(0, 4)
    acted = np.zeros_like(log.acted)
    for row, steps in ((1, ("open", "submit", "publish")), (3, ("open", "submit"))):
        acted[row, [STEPS.index(step) for step in steps]] = True
    found, viewers = judging.ndcg_by_scroll(np.array([0.9, 0.5, 0.7, 0.1]), replace(log, acted=acted))
    ideal = 1 + 0.5 / np.log2(3)
    assert found == pytest.approx([(1 / np.log2(4) + 0.5 / np.log2(5)) / ideal])
    assert viewers.tolist() == [log.viewer[0]]


def test_a_scroll_without_a_making_says_nothing_of_the_order(known_log):
    log = known_log.part(0, 40)
    found, _ = judging.ndcg_by_scroll(np.ones(40), replace(log, acted=np.zeros_like(log.acted)))
    assert len(found) == 0


def test_the_interval_is_wider_when_one_viewer_is_many_pages():
    values = np.random.default_rng(1).normal(0, 1, 400)
    values[:100] += 2
    apart = judging._interval(values, np.arange(400), 0)
    together = judging._interval(values, np.arange(400) // 100, 0)
    assert together[1] - together[0] > 2 * (apart[1] - apart[0])


def test_every_objection_has_its_sentence():
    fine = {"scrolls": 100, "ndcg": 0.6, "live_ndcg": 0.5, "difference": 0.1, "low": 0.0, "high": 0.2}
    assert Comparison(**fine, error=0.1, live_error=0.1).objection == ""
    assert "to judge calibration" in Comparison(**fine, error=None, live_error=0.1).objection


def test_trees_are_measured_beside_it(known_log, newest, weights):
    told = judging.challenge(known_log.cut()[0], newest, weights)
    assert 0 < told["creation_ndcg"] < 1
    assert told["steps"]["open"]["auc"] > 0.65
    assert "follow" not in told["steps"]


def test_reports_are_plain_and_say_where_nothing_can_be_said(trained, newest):
    told = judging.report(predicted_by(trained), newest)
    assert set(told) == set(STEPS)
    assert told["follow"]["auc"] is None
    assert sum(size for *_, size in told["open"]["curve"]) == told["open"]["count"]


def test_the_shares_of_reasons_and_of_the_budget_are_told(trained, newest, weights):
    moved = judging.group_shares(trained, newest, weights)
    assert moved["tie"] > 0.02
    assert moved["steer"] == 0
    shares = judging.value_shares(trained, newest, weights)
    assert 0.2 < shares["creation"] < 1.0
    assert shares["negatives"] < 0


def test_pages_of_one_scroll_are_judged_together_and_equals_by_chance(known_log):
    log = known_log.part(0, 40)
    acted = np.zeros_like(log.acted)
    acted[[0, 39], STEPS.index("open")] = acted[[0, 39], STEPS.index("submit")] = True
    together = replace(log, acted=acted, scroll=np.zeros(40, np.int64))
    found, _ = judging.ndcg_by_scroll(np.arange(40.0), together)
    assert len(found) == 1
    as_shown = (1 + 1 / np.log2(41)) / (1 + 1 / np.log2(3))
    assert found[0] == pytest.approx(as_shown)
    equal, _ = judging.ndcg_by_scroll(np.zeros(40), together)
    assert equal[0] != pytest.approx(as_shown)
