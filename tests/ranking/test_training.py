from dataclasses import replace

import numpy as np
import pytest

from ranking import judging, training
from ranking.features import COLUMN
from ranking.model import BrokenModel
from ranking.rates import BASE_RATES, HEAD, STEPS, base_probabilities
from ranking.training import Log, TooLittle
from ranking.value import contributions
from ranking.weights import GROUPS, STARTING_WEIGHTS
from tests.ranking.world import a_log, a_new_post, a_post, compete, scored


def chance_of(model, step, *posts):
    candidates = compete(*posts)
    return model.steps(candidates.features, candidates.topics)[:, STEPS.index(step)].tolist()


def a_typical_post(**special):
    """One like most of the log: shown 150 times, opened by 7 people."""
    counts = {"impression_count": 150, "open_count": 7, "submit_count": 2, "publish_count": 1, "like_count": 8}
    return a_new_post(**counts, author_impression_count=1_500, author_publish_count=3, age_seconds=86_400, **special)


def test_friends_topics_and_what_others_open_are_found(trained):
    plain, friend, topic, loved, opened = chance_of(
        trained,
        "open",
        a_typical_post(),
        a_typical_post(mutual=1, follows_author=1),
        a_typical_post(topic_affinity=0.9),
        a_typical_post(topics=1 << 7),
        {**a_typical_post(), "open_count": 25},
    )
    assert min(friend, topic, loved, opened) > 1.3 * plain


def test_a_cold_friend_beats_a_cold_stranger_with_the_learned_model_too(trained):
    friend, stranger = scored(compete(a_new_post(mutual=1, follows_author=1), a_new_post()), trained)
    assert friend > stranger


def test_the_top_of_the_page_is_seen_through(known_log, trained):
    """The best places get more openings whatever stands there; that is no merit of the post."""
    open_ = STEPS.index("open")
    assert -0.7 < trained.position_weights[open_] < -0.3  # the truth is -0.5
    rows = known_log.part(0, 4_000)
    expected = trained.steps(rows.features, rows.topics)[:, open_]
    moved = trained.steps(rows.features, rows.topics, np.zeros(len(rows), np.float32))[:, open_]
    assert moved.mean() > 1.3 * expected.mean()


def test_frequent_steps_are_learned_rare_ones_lean_and_the_rarest_keep_their_rates(recipe):
    kinds = {step: found["kind"] for step, found in recipe["steps"].items()}
    assert {kinds[step] for step in ("open", "submit", "like", "long_view")} == {"full"}
    assert kinds["cast_submit"] == "leaning"
    assert recipe["steps"]["cast_submit"]["parent"] == "submit"
    assert {kinds[step] for step in ("prompt_submit", "follow", "report")} == {"rate"}


def test_a_rare_step_has_the_direction_of_its_parent(trained):
    stranger, friend = chance_of(trained, "cast_submit", a_post(), a_post(mutual=1, follows_author=1))
    assert friend > 1.1 * stranger


def test_probabilities_say_what_happens(known_log, trained):
    told = judging.report(judging.predicted_by(trained), known_log.cut()[2])
    for step in ("open", "like", "long_view"):
        assert told[step]["calibration_error"] < 0.25 * told[step]["base_rate"], step
    assert told["open"]["auc"] > 0.70


def test_the_best_are_told_apart_beyond_what_was_seen(trained):
    low, high = chance_of(
        trained,
        "open",
        a_post(mutual=1, topic_affinity=1, topics=1 << 7, open_count=4_000),
        a_post(mutual=1, topic_affinity=1, topics=1 << 7, open_count=9_000),
    )
    assert low < high < 1


def test_the_same_log_gives_the_same_model(known_log, trained):
    assert training.fold(training.fit(known_log)).version == trained.version


def test_what_is_judged_with_is_not_learned_from(known_log, trained):
    edge = int(len(known_log) * (training.FIT_SHARE + training.CALIBRATE_SHARE)) + 20
    acted = known_log.acted.copy()
    acted[edge:] = False
    acted[edge : edge + 60, STEPS.index("open")] = True
    assert training.fold(training.fit(replace(known_log, acted=acted))).version == trained.version


def test_a_page_is_never_torn_apart(known_log):
    parts = known_log.cut()
    assert sum(map(len, parts)) == len(known_log)
    pages = [set(part.page.tolist()) for part in parts]
    assert not pages[0] & pages[1]
    assert not pages[1] & pages[2]


def test_too_little_is_refused_with_what_is_needed():
    some = a_log(100, seed=2)
    for log in (some, some.part(0, 0)):
        with pytest.raises(TooLittle, match=r"Needed: 3000 impressions, openings: 100 to fit, 20 to calibrate"):
            training.fit(log)


def test_many_impressions_without_making_are_too_little(known_log):
    with pytest.raises(TooLittle, match="openings of the composer after them: 0 to fit"):
        training.fit(replace(known_log, acted=np.zeros_like(known_log.acted)))


def test_a_log_that_contradicts_itself_is_refused(known_log):
    acted = known_log.acted.copy()
    acted[:, STEPS.index("publish")] = True
    with pytest.raises(ValueError, match="somebody has publish without submit"):
        replace(known_log, acted=acted)
    with pytest.raises(ValueError, match="order of time"):
        replace(known_log, page=known_log.page[::-1])
    with pytest.raises(ValueError, match="features is"):
        replace(known_log, features=known_log.features[:, :3])


def test_base_rates_are_measured_and_lean_on_what_was_assumed(known_log):
    priors = training.measured(known_log)
    did, could = known_log.did("like").sum(), len(known_log)
    assert priors["like"].rate == pytest.approx((did + 0.05 * 500) / (could + 500))
    assert priors["prompt_publish"].rate == BASE_RATES["prompt_publish"].rate  # nobody could


def test_weights_hold_the_budget_at_the_measured_rates(known_log):
    weights = training.weights_of(known_log, descent_mean=0.4)
    heads = base_probabilities(training.measured(known_log))
    assert weights.descent_mean == 0.4
    assert weights.heads[HEAD["remix"]] * heads["remix"] == pytest.approx(0.40)
    assert weights.heads[HEAD["like"]] * heads["like"] == pytest.approx(0.06)
    posts = compete(a_post())
    shares = contributions(posts, np.array([list(heads.values())], np.float32), weights)[0]
    assert dict(zip(GROUPS, shares, strict=True))["creation"] == pytest.approx(0.5, rel=1e-5)


def test_an_act_that_nobody_takes_is_not_worth_the_world(known_log):
    assert not known_log.did("comment").any()
    weights = training.weights_of(known_log)
    assert weights.heads[HEAD["comment"]] == pytest.approx(10 * STARTING_WEIGHTS.heads[HEAD["comment"]])
    lone, quiet = (a_post(impression_count=40, comment_count=count) for count in (1, 0))
    posts = compete(lone, quiet)
    heads = training.fold(training.fit(known_log)).head_probabilities(posts)
    first, second = contributions(posts, heads, weights).sum(axis=1)
    assert second < first < 3 * second


@pytest.mark.parametrize("missing", ["steps", "tables", "typical", "priors"])
def test_a_recipe_that_is_not_whole_is_refused(missing, recipe):
    with pytest.raises(BrokenModel):
        training.fold({name: part for name, part in recipe.items() if name != missing})


def test_a_recipe_for_other_features_is_refused(recipe):
    with pytest.raises(BrokenModel, match="shape"):
        training.fold({**recipe, "shape": "0"})


def test_closed_posts_say_nothing_of_remixing(known_log):
    log = Log(**{name: getattr(known_log, name).copy() for name in Log.__dataclass_fields__})
    log.features[:, COLUMN["remix_closed"]] = 1
    assert not log.could("submit").any()
    assert log.could("cast_submit").any()
