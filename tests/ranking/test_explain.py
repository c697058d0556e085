import numpy as np
import pytest

from ranking.explain import NEUTRAL
from ranking.rates import ASSUMED
from ranking.slate import Slot
from tests.ranking.world import HOUR, a_new_post, a_post, a_world, compete, ranked, scored

GREAT = {"open_count": 2_000, "submit_count": 1_500, "publish_count": 1_200}
OLD = {"age_seconds": 100 * HOUR}


def top_reason(**special):
    return ranked(compete(a_post(**{**OLD, **special}))).explain(0)[0]


@pytest.mark.parametrize(
    ("special", "code", "detail"),
    [
        ({"mutual": 1, "follows_author": 1}, "tie", "mutual"),
        ({"follows_author": 1, "past_remix_count": 4}, "tie", "past_remix_count"),
        ({"topic_affinity": 1}, "topic", "topic"),
        ({"open_count": 900, "submit_count": 400, "publish_count": 300}, "creation_rate", "creation_rate"),
        ({"comment_count": 600}, "conversation", "conversation"),
        ({"author_has_feedback": 0, "author_feedback_count_24h": 0}, "creator_feedback", "creator_feedback"),
        ({"age_seconds": HOUR}, "fresh", "fresh"),
        ({"steer": 3}, "steer", "steer"),
    ],
)
def test_the_reason_is_what_sets_the_post_apart(special, code, detail):
    reason = top_reason(**special)
    assert (reason.code, reason.detail) == (code, detail)
    assert reason.contribution > 0
    assert 0 < reason.weight <= 1


def test_an_ordinary_post_says_that_nothing_stands_out():
    (reason,) = ranked(compete(a_post(**OLD))).explain(0)
    assert (reason.code, reason.contribution, reason.weight) == ("overall", 0, 0)


@pytest.mark.parametrize("seed", range(6))
def test_without_its_first_reason_every_post_scores_lower_by_just_that(seed):
    world = a_world(150, seed=seed)
    ranking = ranked(world, seed=seed)
    row_of = {int(post): row for row, post in enumerate(world.post_id)}
    for at, reasons in enumerate(ranking.explain_rows(range(len(ranking.post_ids)))):
        code = reasons[0].code
        if code not in NEUTRAL or ranking.slots[at] == Slot.FRIEND:
            continue
        alone = world.take(np.array([row_of[int(ranking.post_ids[at])]]))
        without = scored(NEUTRAL[code](alone, ASSUMED))[0]
        assert without < ranking.scores[at]
        assert ranking.scores[at] - without == pytest.approx(reasons[0].contribution, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("by", ["rates", "model"])
def test_without_its_first_reason_a_post_falls_among_its_rivals(by, seed, trained):
    world = a_world(300, seed=seed)
    model = trained if by == "model" else None
    ranking = ranked(world, seed=seed, model=model)
    row_of = {int(post): row for row, post in enumerate(world.post_id)}
    rivals, fell, asked = scored(world, model), 0, 0
    for at, reasons in enumerate(ranking.explain_rows(range(100))):
        if reasons[0].code not in NEUTRAL:
            continue
        row = row_of[int(ranking.post_ids[at])]
        neutral = NEUTRAL[reasons[0].code](world.take(np.array([row])), model.baseline if model else ASSUMED)
        without = scored(neutral, model)[0]
        before, after = (rivals > rivals[row]).sum(), (np.delete(rivals, row) > without).sum()
        asked += 1
        fell += after > before
    assert fell >= 0.95 * asked > 50


def test_reasons_come_greatest_first_and_at_most_two():
    ranking = ranked(a_world(200, seed=4))
    for reasons in ranking.explain_rows(range(200)):
        assert 1 <= len(reasons) <= 2
        contributions = [reason.contribution for reason in reasons]
        assert contributions == sorted(contributions, reverse=True)
        assert all(reason.text for reason in reasons)


def test_neutral_means_neutral_twice():
    world = a_world(100, seed=6)
    for neutral in NEUTRAL.values():
        once = scored(neutral(world, ASSUMED))
        assert scored(neutral(neutral(world, ASSUMED), ASSUMED)).tolist() == once.tolist()


def test_a_post_shown_only_to_explore_says_so():
    proven = [a_post(**GREAT) for _ in range(50)]
    ranking = ranked(compete(*proven, a_new_post(**OLD)))
    assert ranking.slots[6] == Slot.EXPLORATION
    assert ranking.explain(6)[0].code == "exploration"


def test_a_new_post_that_would_have_been_there_anyway_is_not_called_exploration():
    newcomer = a_new_post(mutual=1, topic_affinity=1)
    ranking = ranked(compete(newcomer, *[a_post(**OLD) for _ in range(30)]))
    assert ranking.post_ids[0] == 1
    assert "exploration" not in {reason.code for reason in ranking.explain(0)}


def test_a_friends_place_is_explained_by_the_tie():
    friend = a_post(mutual=1, open_count=0, submit_count=0, publish_count=0)
    strangers = [a_post(**GREAT) for _ in range(40)]
    ranking = ranked(compete(friend, *strangers))
    assert ranking.slots[4] == Slot.FRIEND
    assert (ranking.explain(4)[0].code, ranking.explain(4)[0].detail) == ("tie", "mutual")


def test_a_page_is_explained_as_each_of_its_posts():
    ranking = ranked(a_world(60, seed=2))
    for at, reasons in enumerate(ranking.explain_rows(range(20))):
        alone = ranking.explain(at)
        assert [reason.code for reason in alone] == [reason.code for reason in reasons]
        assert [r.contribution for r in alone] == pytest.approx([r.contribution for r in reasons], rel=1e-4)


def test_a_row_that_is_not_there_has_no_reasons():
    with pytest.raises(IndexError):
        ranked(a_world(3, seed=1)).explain(3)
