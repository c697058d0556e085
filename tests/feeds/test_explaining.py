"""What an operator is told of the making of somebody's page."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cameos import consent
from cameos.models import Appearance
from feeds import logbook
from feeds.models import ServedPage
from feeds.order import explaining, following
from sora_social.accounts import ties
from sora_social.core import bus
from sora_social.posts import posting
from tests import cast


def told(*words, **options):
    out = StringIO()
    call_command("explain_feed", *words, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def world(ada, bo, cy, settle):
    ties.follow(ada, "bo"), ties.follow(bo, "ada")
    posts = [cast.post(author) for _ in range(3) for author in (bo, cy)]
    settle()
    return posts


def test_it_shows_stages_sources_and_scores_by_their_parts(world, ada):
    text = told("ada", limit=3)
    for name in ("sources", "policy", "features", "ranking", "places", "connections", "fresh", "creation", "negatives"):
        assert name in text, name
    assert "@bo" in text
    assert "from connections" in text
    assert all(len(line) <= 130 for line in text.splitlines())


def test_its_figures_add_up(world, ada):
    explained = explaining.explain_order(ada, feed="for_you", mood="", limit=6, is_personal=None)
    assert explained.is_personal
    assert [place.post_id for place in explained.places]
    assert len(explained.places) == explained.length == 6
    for place in explained.places:
        assert place.score == pytest.approx(sum(place.values) * place.fading * place.steer, rel=1e-4)
        assert 0 < place.fading <= 1.0001
        assert {"fresh"} <= set(place.came_from)
        assert place.author in {"bo", "cy"}
    of_bo = next(place for place in explained.places if place.author == "bo")
    assert "connections" in of_bo.came_from


def test_it_says_which_rule_hides_each_post(ada, bo, cy, mallory, settle):
    dee = cast.person("dee")
    face = cast.cameo(dee, audience="everyone")
    hidden = {
        "its author is muted": cast.post(cy),
        "a block": cast.post(mallory),
        "private or by link alone": cast.post(bo, visibility="unlisted"),
        "its time has not come": cast.post(bo, shown_at=timezone.now() + timezone.timedelta(hours=1)),
        "not for them to see": cast.post(bo, visibility="followers"),
        "their own": cast.post(ada),
        "deleted or taken down": cast.post(bo),
        "consent of its cast": cast.post(bo, cast_count=1),
    }
    post = hidden["consent of its cast"]
    Appearance.objects.create(
        cameo=face, requester=bo, job_id=post.pk, draft_id=post.pk, post_id=post.pk, terms_version=1, epoch=1,
        shown_at=post.shown_at,
    )  # fmt: skip
    shown = cast.post(bo)
    ties.mute(ada, "cy")
    ties.block(mallory, "ada")
    posting.delete_post(bo, hidden["deleted or taken down"].pk)
    consent.revoke(dee, face.pk, mode=consent.Mode.UNPUBLISH_ALL)
    ids = [*(post.pk for post in hidden.values()), shown.pk]
    assert explaining.why_hidden(ada, ids) == [(post.pk, rule) for rule, post in hidden.items()]
    of_all = dict(explaining.why_hidden(None, ids))
    assert of_all.keys() == {
        hidden[rule].pk for rule in hidden if rule not in {"its author is muted", "a block", "their own"}
    }


def test_it_leaves_no_trace(world, ada):
    told("ada")
    told("ada", feed="following")
    told("ada", for_all=True)
    logbook.flush()
    assert not ServedPage.objects.exists()
    assert not [key for pattern in ("feed:*", "timeline:*") for key in bus.client().scan_iter(pattern)]


def test_the_order_of_all_is_told_too(world, ada, teen):
    assert "For everybody where @ada lives: 6 places" in told("ada", for_all=True)
    assert "For everybody where @teen lives" in told("teen")
    assert "region" in told("teen")


def test_following_is_told_by_its_list(world, ada):
    assert "@ada has no list to rely on" in told("ada", feed="following")
    following.newest(ada, count=5)
    text = told("ada", feed="following", limit=2)
    assert "@ada has a list of 3 posts, complete; 0 beside it" in text
    assert text.split()[-2:] == [str(world[4].pk), str(world[2].pk)]


def test_who_and_what_is_not_there_is_refused(ada):
    for words, options in (
        (["nobody"], {}),
        (["ada"], {"feed": "mood"}),
        (["ada"], {"feed": "mood", "mood": "grumpy"}),
    ):
        with pytest.raises(CommandError):
            told(*words, **options)
