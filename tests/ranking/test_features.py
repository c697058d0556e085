from dataclasses import replace

import numpy as np
import pytest

from ranking.features import COLUMN, MAX_CANDIDATES, Candidates
from tests.ranking.world import a_post, a_world, compete


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, -1.0])
def test_a_number_that_is_none_is_refused(number):
    with pytest.raises(ValueError, match="finite and not negative"):
        compete(a_post(), a_post(like_count=number))


@pytest.mark.parametrize("steer", [np.nan, np.inf, -1, 0.1, 3.1])
def test_steering_outside_its_range_is_refused(steer):
    with pytest.raises(ValueError, match="steer"):
        compete(a_post(steer=steer))


def test_half_a_friend_is_refused():
    with pytest.raises(ValueError, match="mutual"):
        compete(a_post(mutual=0.5))


def test_more_than_full_affinity_is_refused():
    with pytest.raises(ValueError, match="topic_affinity"):
        compete(a_post(topic_affinity=1.5))


def test_a_post_competes_only_once():
    with pytest.raises(ValueError, match="twice"):
        compete(a_post(post_id=4), a_post(post_id=4))


def test_wrong_shapes_and_dtypes_are_refused():
    world = a_world(5, seed=1)
    with pytest.raises(ValueError, match="features is float64"):
        replace(world, features=world.features.astype(np.float64))
    with pytest.raises(ValueError, match="author_id is"):
        replace(world, author_id=world.author_id[:3])
    with pytest.raises(ValueError, match="topics is int64"):
        replace(world, topics=world.topics.astype(np.int64))


def test_too_many_candidates_are_refused():
    with pytest.raises(ValueError, match="at most"):
        a_world(MAX_CANDIDATES + 1, seed=1)


def test_taking_rows_keeps_each_post_together():
    world = a_world(30, seed=2)
    some = world.take(np.array([7, 3]))
    assert isinstance(some, Candidates)
    assert some.post_id.tolist() == world.post_id[[7, 3]].tolist()
    assert some["like_count"].tolist() == world.features[[7, 3], COLUMN["like_count"]].tolist()
