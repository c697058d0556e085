"""How an order is made: sources that may fail alone, and what each stage drops."""

from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from cameos import consent
from cameos.models import Appearance
from feeds import exposure
from feeds.models import Exposure, MostMade
from feeds.order import most_made, pipeline, sources
from feeds.order.trace import Outcome
from feeds.steering import preferences
from sora_social.accounts import ties
from sora_social.core.prepared import prepared_rows
from sora_social.posts import posting, reactions
from tests import cast


def query_of(viewer, **changes):
    return replace(pipeline.ask(viewer, order_id=1, began=1), **changes)


def of(name):
    (source,) = (source for source in sources.FOR_ONE if source.name == name)
    return source


def proposed_by(name, viewer, **changes):
    return list(sources.propose(query_of(viewer, **changes), [of(name)]).ids)


def outcomes(proposed):
    return {note.name: note.outcome for note in proposed.notes}


def without(*signals):
    return preferences.Preferences(personalised=True, signals=preferences.SIGNALS - set(signals))


@pytest.fixture
def world(ada, bo, cy, settle):
    """Something in every source of ada's."""
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    mine, of_bo = cast.post(ada), cast.post(bo, caption="#boats")
    reactions.like(ada, of_bo.pk)
    cast.post(cy, sources=[mine])
    cast.post(cy, sources=[of_bo], caption="#boats")
    face = cast.cameo(bo, audience="mutuals")
    clip = cast.finished_job(ada, prompt="@bo walks", cast=[str(face.pk)]).drafts.get()
    settle()
    assert clip.status == "ready"
    exposure.count()
    most_made.count()


@pytest.mark.parametrize("broken", [source.name for source in sources.FOR_ONE])
@pytest.mark.parametrize("error", ["SELECT 1/0", "SELECT nothing FROM nowhere", None])
def test_a_source_that_fails_proposes_nothing_and_the_others_go_on(broken, error, world, ada, monkeypatch):
    whole = sources.propose(query_of(ada))
    assert set(outcomes(whole).values()) == {Outcome.ASKED}
    counted = _failures(broken)

    def ask(query):
        return prepared_rows(error, ()) if error else [()]

    among = [replace(source, ask=ask) if source.name == broken else source for source in sources.FOR_ONE]
    proposed = sources.propose(query_of(ada), among)
    assert outcomes(proposed) == {**outcomes(whole), broken: Outcome.FAILED}
    found = dict(whole.by_source)
    assert dict(proposed.by_source) == {**found, broken: ()}
    assert _failures(broken) == counted + 1
    assert set(proposed.ids) == {post_id for name, ids in found.items() if name != broken for post_id in ids}


def _failures(name):
    return REGISTRY.get_sample_value("sora_feed_source_outcomes_total", {"source": name, "outcome": "failed"}) or 0


def test_a_source_that_takes_too_long_is_cut_off_alone(committed, settings):
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(bo)
    settings.FEED_SOURCE_SECONDS = 0.2
    slow = sources.Source("slow", lambda query: prepared_rows("SELECT 1 FROM pg_sleep(5)", ()))
    proposed = sources.propose(query_of(ada), [slow, sources.FRESH])
    assert outcomes(proposed) == {"slow": Outcome.FAILED, "fresh": Outcome.ASKED}
    assert list(proposed.ids) == [post.pk]
    assert proposed.notes[0].seconds < 3
    assert prepared_rows("SHOW statement_timeout", ()) == [("0",)]  # nobody after it is hurried


def test_when_time_is_up_only_what_is_fresh_is_asked_for(world, ada, settings):
    settings.FEED_SOURCES_SECONDS = -1.0
    proposed = sources.propose(query_of(ada))
    assert {note.name for note in proposed.notes if note.outcome is Outcome.ASKED} == {"fresh"}
    assert {note.outcome for note in proposed.notes} == {Outcome.ASKED, Outcome.LATE}
    assert proposed.ids


@pytest.mark.parametrize(
    ("signal", "resting"),
    [
        ("follows", {"connections"}),
        ("creations", {"my_lineage"}),
        ("likes", {"liked_lineage", "tags"}),
        ("cast", {"cast"}),
        ("topics", {"tags", "topics"}),
    ],
)
def test_a_signal_that_is_switched_off_rests_its_sources(signal, resting, world, ada):
    proposed = sources.propose(query_of(ada, preferences=without(signal)))
    assert {note.name for note in proposed.notes if note.outcome is Outcome.OFF} == resting
    assert not any(ids for name, ids in proposed.by_source if name in resting)


def test_lineage_is_what_came_of_mine_and_of_what_i_liked(ada, bo, cy):
    mine, liked, other = cast.post(ada), cast.post(bo), cast.post(bo)
    reactions.like(ada, liked.pk)
    of_mine, of_liked = cast.post(cy, sources=[mine]), cast.post(cy, sources=[liked])
    cast.post(cy, sources=[other])
    assert proposed_by("my_lineage", ada) == [of_mine.pk]
    assert proposed_by("liked_lineage", ada) == [of_liked.pk]


def test_the_cast_source_knows_faces_from_four_sides(ada, bo, cy, settle):
    dee, teen = cast.person("dee"), cast.person("eve")
    mine = cast.cameo(ada, audience="everyone")
    friend, granted, known = cast.cameo(bo), cast.cameo(cy), cast.cameo(dee)
    stranger = cast.cameo(teen)
    ties.follow(ada, "bo"), ties.follow(bo, "ada")
    consent.grant(cy, granted.pk, "ada")
    posts = {}
    for who, face, maker in (
        ("casts me", mine, cy),
        ("casts a friend", friend, cy),
        ("casts who let me", granted, dee),
        ("casts whom I cast", known, bo),
        ("casts a stranger", stranger, cy),
        ("mine, casting whom I cast", known, ada),
        ("mine, casting me", mine, ada),
    ):
        posts[who] = _casting(face, maker).pk
    found = set(proposed_by("cast", ada))
    assert found == {
        posts[who]
        for who in ("casts me", "casts a friend", "casts who let me", "casts whom I cast", "mine, casting whom I cast",
                    "mine, casting me")
    }  # fmt: skip
    assert not found & set(pipeline.make(query_of(ada)).allowed.new) & {
        posts["mine, casting me"], posts["mine, casting whom I cast"]
    }  # fmt: skip


def _casting(face, maker):
    post = cast.post(maker, cast_count=1)
    Appearance.objects.create(
        cameo=face, requester=maker, job_id=post.pk, draft_id=post.pk, post_id=post.pk, terms_version=1, epoch=1,
        shown_at=post.shown_at,
    )  # fmt: skip
    return post


def test_creation_rate_proposes_what_leads_people_to_make_something(ada, bo, cy, settle):
    often, seldom, never = (cast.post(bo) for _ in range(3))
    settle()
    Exposure.objects.filter(pk=often.pk).update(impression_count=100, publish_count=20)
    Exposure.objects.filter(pk=seldom.pk).update(impression_count=100, publish_count=1)
    Exposure.objects.filter(pk=never.pk).update(impression_count=100)
    most_made.count()
    assert proposed_by("creation_rate", ada) == [often.pk, seldom.pk]
    Exposure.objects.filter(pk=often.pk).update(impression_count=10_000)
    posting.delete_post(bo, seldom.pk)
    settle()
    most_made.count()
    assert proposed_by("creation_rate", ada) == [often.pk]
    assert MostMade.objects.get(pk=often.pk).creation_rate == pytest.approx(20 / 10_000, rel=0.02)


def test_sources_take_turns_and_what_is_merely_fresh_comes_last(ada):
    def source(name, *ids):
        return sources.Source(name, lambda query: [(post_id,) for post_id in ids])

    fresh = replace(sources.FRESH, ask=lambda query: [(9,), (1,), (10,)])
    first, second = source("first", 1, 2, 3, 4), source("second", 5, 2)
    among = [first, second, fresh]
    proposed = sources.propose(query_of(ada), among)
    assert [note.added for note in proposed.notes] == [4, 1, 2]
    assert proposed.count == 9
    assert list(proposed.ids) == [1, 5, 2, 3, 4, 9, 10]


def test_each_stage_says_what_it_took_and_dropped(world, ada, bo, cy):
    ties.mute(ada, "cy")
    order = pipeline.make(query_of(ada))
    stages = {stage.name: stage for stage in order.trace.stages}
    assert list(stages) == ["sources", "policy", "features", "steering", "ranking", "places"]
    for before, after in zip(list(stages.values()), list(stages.values())[1:], strict=False):
        assert before.left == after.entered
    for stage in stages.values():
        assert stage.entered - sum(stage.dropped.values()) == stage.left
    assert stages["policy"].dropped == {"hidden": 3}  # cy's two, and ada's own
    assert stages["places"].left == len(order.places) == 1
    assert order.trace.seconds > 0
