from dataclasses import replace

import numpy as np
import pytest

from ranking.features import COLUMN, COUNTS, FLAGS
from ranking.rates import HEAD, HEADS, TOPIC_ODDS, head_probabilities
from ranking.value import contributions, descent, scores
from ranking.weights import GROUPS, STARTING_WEIGHTS
from tests.ranking.world import HOUR, a_new_post, a_post, a_world, compete, ranked, scored

FRIEND = {"mutual": 1, "follows_author": 1}


def first_beats_second(first, second):
    better, worse = scored(compete(first, second))
    return better > worse


def test_a_remix_of_a_friend_beats_a_longer_watch():
    friend = a_post(**FRIEND, long_view_count=0)
    watched = a_post(long_view_count=10_000)
    assert first_beats_second(friend, watched)


def test_what_nobody_acts_on_loses_to_what_makes_people_make():
    passive = a_post(open_count=0, submit_count=0, publish_count=0, long_view_count=10_000, like_count=1_500)
    making = a_post(open_count=800, submit_count=280, publish_count=140, long_view_count=0, like_count=100)
    assert first_beats_second(making, passive)


def test_baiting_people_into_the_composer_gains_nothing():
    bait = a_post(open_count=4_000, submit_count=140, publish_count=20)
    assert first_beats_second(a_post(), bait)


def test_one_open_among_few_views_does_not_beat_a_proven_post():
    lucky = a_new_post(impression_count=3, open_count=1, submit_count=1, publish_count=1)
    proven = a_post(open_count=1_200, submit_count=600, publish_count=400)
    assert first_beats_second(proven, lucky)


@pytest.mark.parametrize("watched", [0, 3_000, 10_000])
def test_watch_time_is_a_tie_break_capped_at_four_percent_of_the_budget(watched):
    none, some = scored(compete(a_post(long_view_count=0), a_post(long_view_count=watched)))
    assert 0 <= some - none <= 0.04


def test_of_two_equal_posts_the_longer_watched_goes_first():
    assert ranked(compete(a_post(long_view_count=0), a_post(long_view_count=5_000))).post_ids.tolist() == [2, 1]


@pytest.mark.parametrize("head", ["see_less", "report"])
def test_people_turning_away_pull_a_post_down(head):
    assert first_beats_second(a_post(), a_post(**{f"{head}_count": 400}))


@pytest.mark.parametrize("head", ["comment", "share", "follow", "like"])
def test_each_kind_of_conversation_lifts_a_post(head):
    assert first_beats_second(a_post(**{f"{head}_count": 1_000}), a_post())


@pytest.mark.parametrize("bond", ["mutual", "follows_author", "cast_permission", "past_remix_count", "reply_count"])
def test_each_bond_with_the_author_lifts_a_post(bond):
    assert first_beats_second(a_post(**{bond: 1}), a_post())


def test_the_closest_tie_doubles_creation_and_touches_nothing_else():
    close = {"mutual": 1, "follows_author": 1, "cast_permission": 1, "past_remix_count": 1e9, "reply_count": 1e9}
    posts = compete(a_post(), a_post(**close))
    stranger, friend = contributions(posts, head_probabilities(posts), STARTING_WEIGHTS)
    assert friend[0] == pytest.approx(2 * stranger[0])
    assert friend[1:].tolist() == stranger[1:].tolist()


def test_an_author_nobody_has_answered_yet_is_lifted_most():
    unanswered = a_post(author_has_feedback=0, author_feedback_count_24h=0)
    quiet = a_post(author_feedback_count_24h=0)
    famous = a_post(author_feedback_count_24h=10_000)
    assert np.argsort(-scored(compete(famous, quiet, unanswered))).tolist() == [2, 1, 0]


def test_remixes_that_carry_on_count_up_to_double_and_dead_ends_down_to_half():
    posts = compete(
        a_post(),
        a_post(descent_count=1_000, descent_log_sum=9_000),
        a_post(descent_count=1_000, descent_log_sum=0),
        a_post(descent_count=1, descent_log_sum=0.25),
    )
    assert descent(posts).tolist() == pytest.approx([1, 2, 0.5, 1])


def test_a_topic_the_viewer_makes_things_about_lifts_a_post():
    assert first_beats_second(a_post(topic_affinity=0.5), a_post())


def test_a_topic_moves_what_people_do_because_of_it_and_leaves_the_rest():
    plain, loved = head_probabilities(compete(a_post(), a_post(topic_affinity=1)))
    moved = {head for head in HEADS if loved[HEAD[head]] > plain[HEAD[head]]}
    assert moved == {"remix", "cast", "prompt", "comment", "share", "like", "any_feedback"}
    like, loved_like = plain[HEAD["like"]], loved[HEAD["like"]]
    assert loved_like / (1 - loved_like) == pytest.approx(TOPIC_ODDS * like / (1 - like))


def test_a_post_keeps_its_value_for_a_day_then_halves_every_three():
    ages = [0, 24, 96, 168]
    whole, day, four_days, week = scored(compete(*(a_post(age_seconds=age * HOUR) for age in ages)))
    assert [day / whole, four_days / whole, week / whole] == pytest.approx([1, 1 / 2, 1 / 4], rel=1e-5)


def test_steering_multiplies_the_score():
    plain, more, less = scored(compete(a_post(), a_post(steer=3), a_post(steer=0.2)))
    assert [more / plain, less / plain] == pytest.approx([3, 0.2])


def test_neither_age_nor_less_of_this_lifts_what_people_want_rid_of():
    unwanted = {"see_less_count": 5_000, "report_count": 500}
    young, old, less = scored(
        compete(a_post(**unwanted), a_post(**unwanted, age_seconds=900 * HOUR), a_post(**unwanted, steer=0.2))
    )
    assert young < 0
    assert old == less == young


def test_a_score_is_the_sum_of_its_groups_faded_and_steered():
    world = a_world(200, seed=3)
    parts = contributions(world, head_probabilities(world), STARTING_WEIGHTS)
    assert parts.shape == (200, len(GROUPS))
    assert parts.dtype == scores(world, parts).dtype == np.float32
    young = replace(world, features=world.features.copy(), steer=np.ones(200, np.float32))
    young.features[:, COLUMN["age_seconds"]] = 0
    assert scores(young, parts) == pytest.approx(parts.sum(axis=1))


@pytest.mark.parametrize("extreme", [0.0, 1.0, 1e12, 1e30])
def test_extreme_counts_stay_finite_and_probable(extreme):
    names = [name for name in (*COUNTS, "age_seconds", "descent_log_sum", "reply_count") if name not in FLAGS]
    posts = compete(*({name: extreme} for name in names), dict.fromkeys(names, extreme))
    heads = head_probabilities(posts)
    assert ((heads >= 0) & (heads <= 1)).all()
    assert np.isfinite(scored(posts)).all()


def test_acts_counted_before_their_impressions_are_no_more_than_certain():
    early = compete(a_new_post(impression_count=2, open_count=9, submit_count=12, publish_count=15, like_count=30))
    assert (head_probabilities(early) < 1).all()
