from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.rates import BASE_RATES
from ranking.slate import EXPLORATION_UNIFORM, EXPLORED_AT, PER_AUTHOR, PER_ROOT, Slot
from tests.ranking.world import HOUR, a_new_post, a_post, a_world, compete, ranked

GREAT = {"open_count": 2_000, "submit_count": 1_500, "publish_count": 1_200}

worlds = st.builds(
    a_world,
    st.integers(0, 90),
    seed=st.integers(0, 10**6),
    authors=st.sampled_from([1, 3, 10, 200]),
    roots=st.sampled_from([1, 3, 20]),
    new=st.sampled_from([0.0, 0.15, 1.0]),
)
page_sizes = st.sampled_from([1, 3, 10, 20, 50])
steadily = settings(max_examples=120, deadline=None, database=None, derandomize=True)


def rows_in_order(world, ranking):
    row_of = {int(post): row for row, post in enumerate(world.post_id)}
    return [row_of[int(post)] for post in ranking.post_ids]


@steadily
@given(world=worlds, page_size=page_sizes, seed=st.integers(0, 10**9))
def test_nothing_is_lost_and_nothing_shown_twice(world, page_size, seed):
    ranking = ranked(world, seed=seed, page_size=page_size)
    assert sorted(ranking.post_ids.tolist()) == sorted(world.post_id.tolist())
    assert ((ranking.propensities > 0) & (ranking.propensities <= 1)).all()
    assert (ranking.propensities[ranking.slots != Slot.EXPLORATION] == 1).all()
    assert np.isfinite(ranking.scores).all()


@steadily
@given(world=worlds, page_size=page_sizes)
def test_a_cap_gives_way_only_when_all_that_is_left_breaks_it(world, page_size):
    order = rows_in_order(world, ranked(world, page_size=page_size))
    authors, roots = world.author_id, world.root_id
    for start in range(0, len(order), page_size):
        by_author, by_root = Counter(), Counter()
        for at in range(start, min(start + page_size, len(order))):
            left = order[at:]
            author_full = [by_author[authors[row]] >= PER_AUTHOR for row in left]
            root_full = [by_root[roots[row]] >= PER_ROOT for row in left]
            if author_full[0]:
                assert all(author_full)
            elif root_full[0]:
                assert all(a or r for a, r in zip(author_full, root_full, strict=True))
            by_author[authors[order[at]]] += 1
            by_root[roots[order[at]]] += 1


@steadily
@given(world=worlds, seed=st.integers(0, 10**9))
def test_the_same_candidates_in_any_order_give_the_same_ranking(world, seed):
    shuffled = world.take(np.random.default_rng(seed).permutation(len(world)))
    one, other = ranked(world, seed=seed), ranked(shuffled, seed=seed)
    assert one.post_ids.tolist() == other.post_ids.tolist()
    assert one.propensities.tolist() == other.propensities.tolist()
    assert one.candidate_set_hash == other.candidate_set_hash


@steadily
@given(world=worlds)
def test_every_page_keeps_its_floor_of_friends_while_friends_have_posts(world):
    ranking = ranked(world)
    order = rows_in_order(world, ranking)
    scores = dict(zip(order, ranking.scores.tolist(), strict=True))
    willing = (world["mutual"] > 0) & (world.steer >= 1)
    for start in range(0, len(order) - 20, 20):
        page, rest = order[start : start + 20], order[start + 20 :]
        by_author, by_root = Counter(world.author_id[page].tolist()), Counter(world.root_id[page].tolist())
        available = [
            row
            for row in rest
            if willing[row]
            and scores[row] > 0
            and by_author[int(world.author_id[row])] < PER_AUTHOR
            and by_root[int(world.root_id[row])] < PER_ROOT
        ]
        assert (world["mutual"][page] > 0).sum() >= 4 or not available


def test_an_author_of_many_good_posts_has_two_on_a_page():
    prolific = [a_post(author_id=9, **GREAT) for _ in range(30)]
    others = [a_post() for _ in range(60)]
    ranking = ranked(compete(*prolific, *others))
    for start in (0, 20, 40):
        assert (ranking.post_ids[start : start + 20] <= 30).sum() == 2


def test_a_viral_root_has_two_on_a_page():
    viral = [a_post(root_id=1, **GREAT) for _ in range(30)]
    ranking = ranked(compete(*viral, *[a_post() for _ in range(60)]))
    assert (ranking.post_ids[:20] <= 30).sum() == 2


def test_the_page_is_full_when_everything_is_of_one_author():
    ranking = ranked(compete(*[a_post(author_id=9) for _ in range(25)]))
    assert len(ranking.post_ids) == 25


def test_the_roots_cap_gives_way_before_the_authors():
    one_root = [a_post(root_id=1) for _ in range(10)]
    one_author = [a_post(author_id=9, like_count=5_000) for _ in range(10)]
    first_page = ranked(compete(*one_root, *one_author), page_size=10).post_ids[:10]
    assert (first_page > 10).sum() == 2


def test_a_second_post_of_an_author_competes_with_half_its_score():
    thrice = {"open_count": 800, "submit_count": 560, "publish_count": 280}  # the value of an ordinary post
    ordinary = [a_post() for _ in range(5)]
    of_one = ranked(compete(a_post(author_id=9, **thrice), a_post(author_id=9, **thrice), *ordinary))
    of_two = ranked(compete(a_post(**thrice), a_post(**thrice), *ordinary))
    assert np.flatnonzero(of_one.post_ids <= 2).tolist() == [0, 6]
    assert np.flatnonzero(of_two.post_ids <= 2).tolist() == [0, 1]


def test_a_new_topic_goes_before_a_slightly_better_post_of_the_same():
    cooking, horror = 1, 2
    posts = [a_post(topics=cooking, like_count=700), a_post(topics=cooking, like_count=600), a_post(topics=horror)]
    assert ranked(compete(*posts)).post_ids.tolist() == [1, 3, 2]


def test_a_much_better_post_of_the_same_topic_still_goes_first():
    posts = [a_post(topics=1, **GREAT), a_post(topics=1, **GREAT), *[a_post(topics=2) for _ in range(5)]]
    assert sorted(ranked(compete(*posts)).post_ids.tolist()[:2]) == [1, 2]


def test_four_of_twenty_are_of_friends_when_strangers_score_better():
    friends = [a_post(mutual=1, open_count=0, submit_count=0, publish_count=0) for _ in range(6)]
    strangers = [a_post(**GREAT) for _ in range(40)]
    ranking = ranked(compete(*friends, *strangers))
    places = np.flatnonzero(ranking.post_ids[:20] <= 6)
    assert places.tolist() == [4, 9, 14, 19]
    assert (ranking.slots[places] == Slot.FRIEND).all()


@pytest.mark.parametrize("unwanted", [{"steer": 0.2}, {"see_less_count": 5_000, "report_count": 500}])
def test_no_floor_lifts_what_the_viewer_or_many_others_want_less_of(unwanted):
    friend = a_post(mutual=1, **unwanted)
    newcomer = a_new_post(**{name: min(amount, 8) for name, amount in unwanted.items()})
    ranking = ranked(compete(friend, newcomer, *[a_post() for _ in range(30)]))
    assert {1, 2}.isdisjoint(ranking.post_ids[:20].tolist())
    assert (ranking.slots == Slot.OPEN).all()


def test_two_of_twenty_places_explore_new_posts():
    proven = [a_post(**GREAT) for _ in range(50)]
    newcomers = [a_new_post(impression_count=EXPLORED_AT - 1) for _ in range(8)]
    known = [a_new_post(impression_count=EXPLORED_AT) for _ in range(8)]
    ranking = ranked(compete(*proven, *newcomers, *known))
    places = np.flatnonzero(ranking.slots[:20] == Slot.EXPLORATION)
    assert places.tolist() == [6, 13]
    assert np.isin(ranking.post_ids[places], np.arange(51, 59)).all()


def test_a_post_owed_its_first_views_has_a_place_on_the_first_page():
    proven = [a_post(**GREAT) for _ in range(50)]
    seen = [a_new_post(impression_count=9, open_count=5) for _ in range(30)]
    unseen = a_new_post(age_seconds=2 * HOUR)
    ranking = ranked(compete(*proven, *seen, unseen))
    assert ranking.post_ids[6] == 81
    assert ranking.propensities[6] == 1


def test_logged_propensities_are_how_often_the_draw_falls_so():
    proven = [a_post(like_count=500 + n) for n in range(20)]
    opens = [0, 0, 1, 3]
    newcomers = [a_new_post(impression_count=11, open_count=count, age_seconds=400 * HOUR) for count in opens]
    posts = compete(*proven, *newcomers)
    drawn, stated = Counter(), {}
    for seed in range(2_000):
        ranking = ranked(posts, seed=seed)
        post = int(ranking.post_ids[6])
        drawn[post] += 1
        stated.setdefault(post, set()).add(float(ranking.propensities[6]))
    prior, rng = BASE_RATES["open"], np.random.default_rng(1)
    draws = rng.beta([prior.alpha + o for o in opens], [prior.beta + 11 - o for o in opens], size=(200_000, 4))
    thompson = np.bincount(draws.argmax(axis=1), minlength=4) / 200_000
    for row, post in enumerate(range(21, 25)):
        (propensity,) = stated[post]
        assert propensity == pytest.approx(
            (1 - EXPLORATION_UNIFORM) * thompson[row] + EXPLORATION_UNIFORM / 4, abs=0.01
        )
        assert drawn[post] / 2_000 == pytest.approx(propensity, abs=0.04)


def test_what_the_viewer_said_no_to_is_nowhere():
    world = a_world(60, seed=5)
    steer = world.steer.copy()
    steer[::3] = 0
    ranking = ranked(replace(world, steer=steer))
    assert set(ranking.post_ids.tolist()) == set(world.post_id[steer > 0].tolist())


def test_no_candidates_give_an_empty_ranking():
    ranking = ranked(a_world(0, seed=1))
    assert len(ranking.post_ids) == len(ranking.scores) == len(ranking.propensities) == 0
    assert ranking.explain_rows([]) == []


def test_one_candidate_is_the_ranking():
    ranking = ranked(compete(a_new_post()))
    assert ranking.post_ids.tolist() == [1]
    assert ranking.propensities.tolist() == [1]


def test_posts_without_any_difference_go_newest_first():
    posts = [a_post(age_seconds=age * HOUR) for age in (9, 3, 20)]
    assert ranked(compete(*posts)).post_ids.tolist() == [2, 1, 3]


def test_seeds_differ_only_in_what_is_explored():
    world = a_world(200, seed=8, new=0.0)
    assert ranked(world, seed=1).post_ids.tolist() == ranked(world, seed=2).post_ids.tolist()
    curious = a_world(200, seed=8, new=0.5)
    assert ranked(curious, seed=1).post_ids.tolist() != ranked(curious, seed=2).post_ids.tolist()


def test_the_candidate_set_hash_is_of_the_set():
    world = a_world(40, seed=9)
    assert ranked(world).candidate_set_hash != ranked(world.take(np.arange(39))).candidate_set_hash


@pytest.mark.parametrize("limit", [0, 1, 7, 20, 33, 200])
def test_a_limit_cuts_the_order_and_changes_nothing_else(limit):
    world = a_world(90, seed=4, authors=10)
    whole, part = ranked(world), ranked(world, limit=limit)
    assert part.post_ids.tolist() == whole.post_ids[:limit].tolist()
    assert part.propensities.tolist() == whole.propensities[:limit].tolist()
    assert part.candidate_set_hash == whole.candidate_set_hash


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="limit"):
        ranked(a_world(5, seed=1), limit=-1)


@pytest.mark.parametrize("page_size", [0, -1, 51])
def test_an_impossible_page_is_refused(page_size):
    with pytest.raises(ValueError, match="a page has"):
        ranked(a_world(5, seed=1), page_size=page_size)
