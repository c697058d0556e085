import io
import pickle
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from ranking.features import COLUMN
from ranking.model import EXPANDED, EXPANDED_COLUMN, KNOTS_AT_MOST, BrokenModel, HeadModel, expand
from ranking.rates import ASSUMED, HEAD, STEPS, head_probabilities
from tests.ranking.world import a_new_post, a_post, a_world, compete, ranked


def of_rates(**weights):
    """A model that says what the smoothed rates say, and adds these weights to every step."""
    matrix = np.zeros((len(EXPANDED), len(STEPS)), np.float32)
    for column, step in enumerate(STEPS):
        matrix[EXPANDED_COLUMN[f"{step}_odds"], column] = 1
    for name, weight in weights.items():
        matrix[EXPANDED_COLUMN[name.replace("_x_", " × ").replace("topic_", "topic ")]] += weight
    knots = np.linspace(-14, 6, KNOTS_AT_MOST, dtype=np.float32)
    return HeadModel(
        weights=matrix,
        bias=np.zeros(len(STEPS), np.float32),
        position_weights=np.full(len(STEPS), -0.5, np.float32),
        position_mean=1.0,
        tables=((knots, 1 / (1 + np.exp(-knots))),) * len(STEPS),
        baseline=ASSUMED,
    )


def test_with_the_weights_of_the_rates_a_model_says_what_the_rates_say():
    world = a_world(300, seed=3)
    world.features[:, COLUMN["topic_affinity"]] = 0
    assert of_rates().head_probabilities(world) == pytest.approx(head_probabilities(world), rel=0.04, abs=1e-5)


def test_a_topic_is_a_bit_of_its_own():
    plain, third, fourth, both = (a_post(topics=bits) for bits in (0, 8, 16, 24))
    model = of_rates(topic_3=0.5)
    opens = model.head_probabilities(compete(plain, third, fourth, both))[:, HEAD["remix"]]
    assert opens[1] == opens[3] > opens[0] == opens[2]


def test_a_cross_speaks_only_where_both_are_there():
    posts = compete(a_post(), a_post(mutual=1), a_post(viewer_making_count=3), a_post(mutual=1, viewer_making_count=3))
    likes = of_rates(viewer_making_count_x_mutual=0.5).head_probabilities(posts)[:, HEAD["like"]]
    assert likes[0] == likes[1] == likes[2] < likes[3]


def test_what_may_not_be_remixed_is_not_and_where_nobody_may_be_cast_nobody_is():
    heads = of_rates().head_probabilities(compete(a_post(), a_post(remix_closed=1), a_post(cast_open=0)))
    assert heads[1, HEAD["remix"]] == 0 < heads[0, HEAD["remix"]]
    assert heads[2, HEAD["cast"]] == 0 < heads[0, HEAD["cast"]]
    assert heads[1, HEAD["cast"]] == heads[0, HEAD["cast"]]


def test_position_counts_where_it_is_known_and_never_at_serving():
    model, posts = of_rates(), compete(a_post(), a_post())
    served = model.steps(posts.features, posts.topics)
    assert served[0].tolist() == served[1].tolist()
    top, deep = model.steps(posts.features, posts.topics, np.array([0, 19], np.float32))
    assert (top > deep).all()


def test_expanded_numbers_stay_finite_for_any_counts():
    extreme = [a_new_post(**{name: number}) for name in ("impression_count", "like_count") for number in (0, 1e30)]
    posts = compete(*extreme, a_new_post(submit_count=5, open_count=0))
    assert np.isfinite(expand(posts.features, posts.topics)).all()


def test_a_model_comes_back_from_its_bytes_as_it_was(trained):
    again = HeadModel.from_bytes(trained.to_bytes())
    world = a_world(100, seed=8)
    assert again.version == trained.version
    assert again.head_probabilities(world).tolist() == trained.head_probabilities(world).tolist()
    assert again.baseline.priors == trained.baseline.priors


def test_another_model_has_another_version(trained):
    assert replace(trained, bias=trained.bias + 1).version != trained.version
    assert ranked(a_world(5, seed=1)).version.startswith("rates-")
    assert ranked(a_world(5, seed=1), model=trained).version.startswith(f"{trained.version}-")


def resaved(model, **changed):
    arrays = dict(np.load(io.BytesIO(model.to_bytes())))
    target = io.BytesIO()
    np.savez(target, **{name: array for name, array in {**arrays, **changed}.items() if array is not None})
    return target.getvalue()


BREAKS = {
    "nothing": lambda model: b"",
    "cut": lambda model: model.to_bytes()[:-300],
    "no archive": lambda model: b"weights",
    "a pickle": lambda model: pickle.dumps({"weights": 1}),
    "a pickle inside": lambda model: resaved(model, bias=np.array([print], object)),
    "other features": lambda model: resaved(model, header=np.frombuffer(b'{"shape": "0"}', np.uint8)),
    "no header": lambda model: resaved(model, header=None),
    "a missing array": lambda model: resaved(model, typical=None),
    "no numbers": lambda model: resaved(model, bias=np.full(len(STEPS), np.nan, np.float32)),
    "other sizes": lambda model: resaved(model, weights=np.zeros((3, 3), np.float32)),
    "a header that is too deep": lambda model: resaved(model, header=np.frombuffer(b"[" * 100_000, np.uint8)),
    "a table that falls": lambda model: resaved(model, knots=-model._arrays()["knots"]),
    "no probabilities": lambda model: resaved(model, calibrated=model._arrays()["calibrated"] * 9),
}


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.filterwarnings("ignore:.*")
def test_what_is_no_model_is_refused(broken, trained):
    with pytest.raises(BrokenModel):
        HeadModel.from_bytes(BREAKS[broken](trained))


def test_flipped_bytes_are_refused_or_say_nothing(trained):
    whole = trained.to_bytes()
    directory = range(len(whole) - 1_200, len(whole))  # where the archive says how it is packed
    for at in (*range(0, len(whole), 997), *directory):
        flipped = bytearray(whole)
        flipped[at] ^= 0x41
        with suppress(BrokenModel):
            assert HeadModel.from_bytes(bytes(flipped)).version == trained.version  # a byte that says nothing
