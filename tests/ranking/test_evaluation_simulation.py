"""The simulated world keeps to its own rules, and what is measured in it is what its names say."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ranking import judging
from ranking.evaluation import coefficients, simulation
from ranking.evaluation.coefficients import SMALL, Size
from ranking.evaluation.observed import ACTS, DAY, HOUR, Observed
from ranking.evaluation.rankers import (
    BASELINES,
    OURS,
    Factors,
    Gravity,
    Knowing,
    Newest,
    Popularity,
    Product,
    ShownLog,
    Trained,
    Watching,
)
from ranking.evaluation.world import Session, World
from ranking.features import COLUMN
from ranking.rates import HEAD
from ranking.weights import STARTING_WEIGHTS

TINY = Size(people=4, topics=3, days=2, warm_up_days=1)
ADA, BO, CLEO, DAN = range(4)


def observed(*posts: tuple[int, int, float]) -> Observed:
    """(author, topic, hours since it was shown), seen from hour 100."""
    seen = Observed(TINY, 20)
    seen.posts = len(posts)
    for row, (author, topic, hours) in enumerate(posts):
        seen.author[row], seen.topic[row], seen.root[row] = author, topic, row
        seen.shown_at[row] = (100 - hours) * HOUR
    return seen


def page(ranker, seen, viewer=ADA, size=10):
    now = 100 * HOUR
    return ranker.page(seen, viewer, now, seen.candidates(viewer, now), size=size, seed=1).tolist()


@pytest.mark.parametrize("make", [*OURS, *BASELINES])
def test_the_same_seed_is_the_same_world_for_every_ranker(make):
    first = simulation.simulate(make(), SMALL, remixability_inherited=True, seed=4)
    assert simulation.simulate(make(), SMALL, remixability_inherited=True, seed=4) == first
    assert simulation.simulate(make(), SMALL, remixability_inherited=True, seed=5) != first


def test_two_worlds_of_a_seed_begin_the_same():
    one, other = (World(SMALL, remixability_inherited=inherited, seed=3) for inherited in (False, True))
    assert one.sessions == other.sessions
    assert (one.interest == other.interest).all()
    assert (one.observed.follows == other.observed.follows).all()
    assert (one.observed.shown_at == other.observed.shown_at).all()


def test_nobody_is_shown_their_own_or_the_same_post_twice_or_one_too_old_or_of_the_future():
    seen = observed((ADA, 0, 1), (BO, 0, 2), (BO, 0, 24 * coefficients.CANDIDATE_DAYS + 1), (CLEO, 0, -1), (DAN, 1, 3))
    seen.served[ADA, 4] = True
    assert seen.candidates(ADA, 100 * HOUR).tolist() == [1]
    assert seen.candidates(BO, 100 * HOUR).tolist() == [0, 4]


def test_what_is_watched_is_logged_as_the_product_logs_it():
    world = World(replace(SMALL, people=30), remixability_inherited=False, seed=1)
    seen, shown = world.observed, 0
    acts = dict.fromkeys(("open", "submit", "publish", "like", "see_less"), 0)
    before = seen.posts
    for now, viewer in world.sessions:
        rows = seen.candidates(viewer, now)[:10]
        session = world.show(viewer, now, rows)
        assert session.watched.tolist() == rows[: len(session.watched)].tolist()
        assert not (session.acts["submit"] & ~session.acts["open"]).any()
        assert not (session.acts["publish"] & ~session.acts["submit"]).any()
        shown += len(rows)
        for act in acts:
            acts[act] += int(session.acts[act].sum())
    assert seen.counts["impression"].sum() == shown == seen.served.sum()
    for act, count in acts.items():
        assert seen.counts[act].sum() == count
    assert acts["publish"] > 0
    assert seen.posts == before + acts["publish"]
    assert seen.past_remixes.sum() == acts["publish"]
    remixes = np.flatnonzero(seen.parent[: seen.posts] >= 0)
    assert (seen.root[remixes] == seen.root[seen.parent[remixes]]).all()
    assert (seen.shown_at[remixes] > seen.shown_at[seen.parent[remixes]]).all()


def test_remixability_passes_on_only_where_it_is_inherited():
    def likeness(*, inherited: bool) -> float:
        world = World(replace(SMALL, originals_per_day=60), remixability_inherited=inherited, seed=2)
        for parent in range(min(world.observed.posts, 200)):
            world._post(author=0, at=0.0, parent=parent)
        count = min(world.observed.posts // 2, 200)
        parents, children = world.remixability[:count], world.remixability[world.observed.posts - count :][:count]
        return float(np.corrcoef(parents, children)[0, 1])

    assert likeness(inherited=True) == pytest.approx(coefficients.INHERITED, abs=0.15)
    assert likeness(inherited=False) == pytest.approx(0, abs=0.15)


def test_descent_counts_distinct_later_makers_of_remixes_of_seven_days():
    seen = observed((ADA, 0, 99), (BO, 0, 98), (CLEO, 0, 97), (CLEO, 0, 96), (DAN, 0, 95))
    seen.parent[:5] = [-1, 0, 1, 1, 0]
    seen.count_descent(2 * HOUR + 7 * DAY)  # the remix by BO is seven days old, with two more by CLEO; DAN's is not
    assert seen.descent_log_sum[0] == pytest.approx(np.log(2))
    assert seen.descent_count[0] == 1
    seen.count_descent(30 * DAY)
    assert seen.descent_log_sum[0] == pytest.approx(np.log(2))
    assert seen.descent_count.tolist()[:3] == [2, 2, 0]


def test_baselines_order_by_what_their_names_say():
    seen = observed((BO, 0, 1), (CLEO, 1, 5), (DAN, 2, 20))
    for act, counts in {"impression": [10, 10, 10], "like": [0, 3, 9], "long_view": [9, 1, 1]}.items():
        seen.counts[act][:3] = counts
    assert page(Newest(), seen) == [0, 1, 2]
    assert page(Popularity(), seen) == [2, 1, 0]
    assert page(Gravity(), seen) == [0, 1, 2]
    seen.counts["like"][1] = 3_000
    assert page(Gravity(), seen)[0] == 1  # a hit outweighs four hours, not two days
    seen.counts["like"][:3] = [3, 3, 4]
    seen.counts["long_view"][:3] = 2
    assert page(Watching(), seen) == [2, 0, 1]
    seen.watched_topics[ADA] = [0, 60, 0]
    assert page(Watching(), seen) == [1, 2, 0]


def test_factors_learn_who_goes_with_whom_and_where_a_new_post_stands():
    seen = Observed(replace(TINY, people=8), 20)
    seen.posts = 6
    seen.author[:6], seen.topic[:6] = [0, 0, 1, 1, 0, 1], [0, 0, 1, 1, 0, 1]
    seen.shown_at[:6] = 99 * HOUR
    seen.acted[2:5, :2], seen.acted[5:, 2:4] = 1.0, 1.0  # two tastes; posts 4 and 5 are new
    ranker = Factors()
    ranker.learn(seen, 100 * HOUR)
    scores = ranker.score(seen, 2, 100 * HOUR, np.arange(6))
    assert scores[[0, 1]].min() > scores[[2, 3]].max()
    assert scores[4] > scores[5]
    assert ranker.score(seen, 6, 100 * HOUR, np.arange(6))[5] > scores[5]


def test_who_knows_everything_shows_first_what_is_likeliest_to_be_built_on():
    world = World(SMALL, remixability_inherited=False, seed=6)
    ranker, seen = Knowing(), world.observed
    with pytest.raises(ValueError, match="not told of the world"):
        ranker.page(seen, ADA, 0.0, seen.candidates(ADA, 0.0), size=10, seed=1)
    ranker.world = world
    rows = ranker.page(seen, ADA, 0.0, seen.candidates(ADA, 0.0), size=10, seed=1)
    chances = world.making_chance(ADA, rows)
    assert (np.diff(chances) <= 1e-9).all()
    assert chances[0] == world.making_chance(ADA, seen.candidates(ADA, 0.0)).max()


def test_the_products_ranker_takes_its_base_rates_from_the_log():
    ranker, seen = Product(), observed((BO, 0, 1))
    ranker.learn(seen, 0)
    assert ranker.weights.heads == pytest.approx(STARTING_WEIGHTS.heads)
    seen.counts["impression"][0], seen.counts["like"][0] = 100_000, 50_000
    ranker.learn(seen, 0)
    likes = [weights.heads[HEAD["like"]] for weights in (STARTING_WEIGHTS, ranker.weights)]
    assert likes[1] == pytest.approx(likes[0] * 0.05 / 0.5, rel=0.02)


def acts_of(count, **happened):
    """Acts on so many watched posts; what is not named happened to none."""
    return {act: np.isin(np.arange(count), happened.get(act, [])) for act in ACTS}


def test_the_log_for_training_has_what_was_known_and_what_followed():
    seen = observed((BO, 0, 1), (CLEO, 1, 5), (DAN, 2, 20))
    seen.counts["like"][:3] = [0, 3, 9]
    log = ShownLog()
    page = seen.features(ADA, 100 * HOUR, np.array([2, 0, 1]))
    log.take(page, Session(ADA, 1.0, np.array([2, 0]), np.zeros(2), acts_of(2, open=[1], submit=[1], like=[0])))
    log.take(page.take(np.array([1])), Session(CLEO, 2.0, np.array([0]), np.zeros(1), acts_of(1)))
    found = log.for_training()
    assert found.page.tolist() == [0, 0, 0, 1]
    assert found.viewer.tolist() == [ADA, ADA, ADA, CLEO]
    assert found.position.tolist() == [0, 1, 2, 0]
    assert found.did("open").tolist() == found.did("submit").tolist() == [False, True, False, False]
    assert found.did("like").tolist() == [True, False, False, False]
    assert not found.did("publish").any()
    assert found.features[:, COLUMN["like_count"]].tolist() == [9, 0, 3, 0]
    assert found.topics.tolist() == [4, 1, 2, 1]


def test_a_model_serves_only_when_it_beats_what_is_live(monkeypatch):
    size = replace(SMALL, people=240, days=5, warm_up_days=3)
    asked = []

    def compared(objection):
        def compare(new, live, newest, weights):
            asked.append(len(newest))
            return SimpleNamespace(objection=objection)

        monkeypatch.setattr(judging, "compare", compare)
        ranker = Trained()
        return ranker, simulation.simulate(ranker, size, remixability_inherited=False, seed=1)

    refused, as_without = compared("not better")
    assert refused.model is None
    assert as_without == simulation.simulate(Product(), size, remixability_inherited=False, seed=1)
    taken, otherwise = compared("")
    assert taken.model is not None
    assert otherwise != as_without
    assert len(asked) == 2


def test_too_little_to_learn_from_is_no_model():
    ranker = Trained()
    simulation.simulate(ranker, SMALL, remixability_inherited=False, seed=1)
    assert len(ranker.log.pages) > 20
    assert ranker.model is None


def test_the_ranker_is_told_what_the_product_would_tell_it():
    seen = observed((BO, 0, 1), (CLEO, 1, 5), (BO, 0, 2), (ADA, 1, 3), (DAN, 2, 4))
    seen.parent[2], seen.root[2], seen.depth[2] = 3, 3, 1  # BO remixed what ADA made
    seen.follows[ADA, BO] = seen.follows[BO, ADA] = seen.follows[CLEO, BO] = True
    seen.liked_topics[ADA] = [2, 0, 0]
    seen.made_topics[ADA] = [0, 1, 0]
    seen.answered_at[BO, CLEO] = 90 * HOUR
    seen.counts["impression"][:5] = 7
    seen.by_author["impression"][BO] = 14
    known = seen.features(ADA, 100 * HOUR, np.array([0, 1, 2]))
    assert known["age_seconds"].tolist() == [HOUR, 5 * HOUR, 2 * HOUR]
    assert known["topic_affinity"].tolist() == pytest.approx([2 / 5, 3 / 5, 2 / 5])
    assert known["mutual"].tolist() == known["follows_author"].tolist() == [1, 0, 1]
    assert known["author_follower_count"].tolist() == [2, 0, 2]
    assert known["author_impression_count"].tolist() == [14, 0, 14]
    assert known["author_has_feedback"].tolist() == known["author_feedback_count_24h"].tolist() == [1, 0, 1]
    assert known["in_my_lineage"].tolist() == [0, 0, 1]
    assert known["depth"].tolist() == [0, 0, 1]
    assert known["viewer_making_count"].tolist() == [1, 1, 1]
    assert known["hour"].tolist() == [4, 4, 4]
    assert known.topics.tolist() == [1, 2, 1]
    assert seen.features(BO, 100 * HOUR, np.array([3]))["remixer_count"].tolist() == [1]


def test_measures_by_hand():
    seen = observed((BO, 0, 76), (BO, 0, 60), (CLEO, 1, 76), (DAN, 2, 99))
    size = replace(TINY, days=4, warm_up_days=1)
    none, both = np.zeros(2, bool), np.array([True, False])
    acts = {"publish": both, "like": none, "see_less": none}
    sessions = [
        Session(ADA, 30 * HOUR, np.array([0, 2]), np.array([1_800.0, 1_800.0]), acts),
        Session(CLEO, 31 * HOUR, np.array([0, 3]), np.array([3_600.0, 0.0]), acts | {"see_less": both}),
    ]
    found = simulation._measured(sessions, seen, size)
    assert (found.creations, found.watch_hours, found.creations_per_1000) == (2, 2.0, 500.0)
    assert found.see_less == 0.25
    assert found.roots == pytest.approx(np.exp(0.5 * np.log(2) + 0.5 * np.log(4)))  # ½, ¼, ¼
    assert found.diversity == pytest.approx(found.roots / 3)
    assert found.page_topics == 2
    assert found.unseen == pytest.approx(1 / 3)  # of those shown after the warm-up, the second one of BO
    assert found.author_gini == pytest.approx((2 * 1 + 2 * 1) / (2 * 3 * 4) * 1)


def test_a_small_run_reports_every_ranker_and_criterion():
    report = simulation.smoke()
    assert [verdict.claim.split(": ")[0] for verdict in report.verdicts] == [Product.name] * 6 + [Trained.name] * 6
    assert [verdict.claim.split(": ")[1].split(" ")[0] for verdict in report.verdicts[:6]] == [
        *("creations", "diversity", "author", "posts", "see", "diversity")
    ]
    for table in report.tables:
        rankers = [Product.name, Trained.name, *(baseline.name for baseline in BASELINES), Knowing.name]
        assert [row[0] for row in table.rows] == rankers
        assert "hours watched" in table.header  # beside every number of creations
