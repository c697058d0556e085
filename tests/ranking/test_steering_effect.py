"""What rules do to posts: factors in range, a no with a margin, doubt said, only that gives way."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.steering.effects import DEMOTED_TO, NO_DOUBT, Facts, effect
from ranking.steering.parsing import parse
from ranking.steering.rules import STRENGTH_RANGES, Rule, Target
from ranking.topics.vocabulary import BUILT_IN

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BIT = {code: topic.bit for code, topic in BUILT_IN.by_code.items()}


def facts(*posts):
    """Each post is a dict of topics to confidences, with `tags`, `people` and `style` beside."""
    topics = np.zeros((len(posts), 64), np.float32)
    for row, post in enumerate(posts):
        for code, confidence in post.items():
            if code in BIT:
                topics[row, BIT[code]] = confidence
    return Facts(
        topics,
        [frozenset(post.get("tags", ())) for post in posts],
        [frozenset(post.get("people", ())) for post in posts],
        [post.get("style", "") for post in posts],
    )


def done(text, *posts, hours=0, **options):
    rules = parse(text, BUILT_IN, NOW).rules
    return effect(rules, facts(*posts), vocabulary=BUILT_IN, now=NOW + timedelta(hours=hours), **options)


def factors(text, *posts, **options):
    return [round(float(factor), 4) for factor in done(text, *posts, **options).factors]


def test_more_and_less_multiply_by_how_sure_the_topic_is():
    sure, half, other = {"cats": 1.0}, {"cats": 0.5}, {"dogs": 1.0}
    assert factors("more cats", sure, half, other) == [2, round(2**0.5, 4), 1]
    assert factors("much less cats", sure, half, other) == [0.2, round(0.2**0.5, 4), 1]


def test_a_factor_goes_back_to_one_in_three_days():
    assert [factors("a lot more cats", {"cats": 1.0}, hours=h)[0] for h in (0, 36, 72)] == [3, round(3**0.5, 4), 1]


def test_rules_add_up_and_stay_in_range():
    both = {"cats": 1.0, "dogs": 1.0}
    assert factors("a lot more cats, a lot more dogs", both) == [3]
    assert factors("much less cats, much less dogs", both) == [0.2]
    assert factors("more cats, less dogs", both) == [1]


def test_no_filters_with_a_margin_and_demotes_where_it_is_uncertain():
    confidences = (1.0, 0.5, 0.36, 0.34, 0.2, 0.11)
    found = done("no cats", *({"cats": confidence} for confidence in confidences))
    assert [factor == 0 for factor in found.factors] == [True, True, True, False, False, False]
    assert found.factors[3] == pytest.approx(0.2, abs=0.02)
    assert DEMOTED_TO < found.factors[4] < 1
    assert found.factors[5] == 1
    assert found.doubts.tolist() == [NO_DOUBT, NO_DOUBT, NO_DOUBT, 0, 0, NO_DOUBT]


def test_no_to_something_wide_takes_its_parts_but_not_what_was_asked_for_by_name():
    posts = {"dogs": 1.0}, {"cats": 1.0}, {"animals": 1.0}, {"trains": 1.0}
    assert factors("no animals", *posts) == [0, 0, 0, 1]
    assert factors("no animals, more cats", *posts) == [0, 2, 0, 1]


def test_a_sensitive_topic_is_in_doubt_where_nothing_is_known():
    nothing, other = {}, {"trains": 1.0}
    assert factors("no horror", nothing, other)[1] == 1
    assert 0.2 < factors("no horror", nothing)[0] < 1
    assert factors("no cats", nothing) == [1]


def test_no_to_a_mood_demotes_and_filters_nothing():
    found = done("no dark stuff", {"horror": 1.0}, {"cats": 1.0})
    assert found.factors.tolist() == pytest.approx([0.2, 1], abs=0.01)
    assert found.doubts.tolist() == [0, NO_DOUBT]


def test_only_leaves_what_was_asked_for_and_gives_way_when_nothing_is_left():
    posts = {"cats": 1.0}, {"dogs": 0.4}, {"trains": 1.0}
    assert factors("only cats and dogs", *posts) == [1, 0.5, 0]
    found = done("only robots, more trains, no cats", *posts)
    assert found.gave_way
    assert found.factors.tolist() == [0, 1, 2]
    assert not done("only cats", *posts).gave_way


def test_tags_people_and_styles_match_exactly():
    posts = {"tags": {"rain"}}, {"people": {"ada", "7"}}, {"style": "noir"}, {}
    assert factors("no #rain", *posts) == [0, 1, 1, 1]
    assert factors("no @ada", *posts) == [1, 0, 1, 1]
    assert factors("more noir style", *posts) == [1, 1, 2, 1]


def test_where_the_order_is_everybodys_rules_only_take_away():
    posts = {"cats": 1.0}, {"dogs": 1.0}, {"dogs": 0.2}
    assert factors("more cats, no dogs, only cats, less trains", *posts, only_no=True) == [1, 0, 1]
    assert (done("no dogs", *posts, only_no=True).doubts == NO_DOUBT).all()


def test_a_rule_that_is_over_does_nothing():
    assert factors("no cats for two hours", {"cats": 1.0}, hours=1.9) == [0]
    assert factors("no cats for two hours", {"cats": 1.0}, hours=2) == [1]


@st.composite
def any_rule(draw):
    polarity = draw(st.sampled_from(sorted(STRENGTH_RANGES)))
    low, high = STRENGTH_RANGES[polarity]
    kind, names = draw(
        st.sampled_from(
            [
                ("topic", sorted(BUILT_IN.by_code)),
                ("mood", sorted(BUILT_IN.mood_by_code)),
                ("tag", ["rain"]),
                ("person", ["ada"]),
                ("style", ["noir"]),
                ("topic", ["gone_since"]),
            ]
        )
    )
    hours = draw(st.sampled_from([None, 1, 72, 1_000]))
    ends = None if hours is None else NOW + timedelta(hours=hours)
    return Rule(
        polarity, Target(kind, draw(st.sampled_from(names))), draw(st.floats(low, high)), NOW, ends, hours == 72
    )


@given(st.lists(any_rule(), max_size=8), st.floats(0, 100), st.integers(0, 2**32 - 1), st.booleans())
def test_factors_are_nought_or_between_a_fifth_and_three_and_the_same_every_time(rules, hours, seed, only_no):
    chance = np.random.default_rng(seed)
    topics = (chance.random((20, 64)) * (chance.random((20, 64)) < 0.1)).astype(np.float32)
    some = facts(*({"tags": {"rain"}} if n % 3 else {"people": {"ada"}, "style": "noir"} for n in range(20)))
    known = Facts(topics, some.tags, some.people, some.styles)
    now = NOW + timedelta(hours=hours)
    first, second = (effect(rules, known, vocabulary=BUILT_IN, now=now, only_no=only_no) for _ in range(2))
    assert first.factors.dtype == np.float32
    assert ((first.factors == 0) | ((first.factors >= np.float32(0.2)) & (first.factors <= 3))).all()
    assert (first.factors == second.factors).all()
    assert (first.doubts[first.factors == 0] == NO_DOUBT).all()
    if not [rule for rule in rules if rule.polarity in {"no", "only"}]:
        assert (first.factors > 0).all()
