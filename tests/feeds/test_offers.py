"""The one thing that a card offers: concrete, allowed at this moment, and the likeliest to be taken up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cameos import consent
from feeds.models import Nudge, OfferRate
from feeds.scroll import nudge_texts, nudges, offers
from feeds.scroll.nudge_texts import offer_text
from feeds.scroll.offers import Offer, on_the_wire
from sora_social.accounts import ties
from sora_social.challenges import hosting
from sora_social.credits.models import Hold, HoldState
from sora_social.posts import posting, reactions
from tests import cast


def offered(viewer, *, past=(), may_generate=True, from_friends=False):
    return offers.best_for(viewer, past, now=timezone.now(), may_generate=may_generate, from_friends=from_friends)


def friends(one, other):
    ties.follow(one, other.handle)
    ties.follow(other, one.handle)


def test_what_they_just_liked_is_offered_to_remix(ada, bo):
    posts = [cast.post(bo) for _ in range(3)]
    for post in posts:
        reactions.like(ada, post.pk)
    offer = offered(ada)
    assert offer.as_json() == {"action": "remix", "post_id": str(posts[-1].pk)}
    assert on_the_wire(offer, "en") == {"action": "remix", "post_id": str(posts[-1].pk), "handle": "bo"}
    assert offer_text("remix", offer.told, "en", step=1) == "You liked what bo made. What would it be in your hands?"
    assert not offer.is_of_friend


def gone(post, author, viewer):
    posting.delete_post(author, post.pk)


def closed(post, author, viewer):
    posting.edit_post(author, post.pk, remix_policy="nobody")


def walled(post, author, viewer):
    ties.block(author, viewer.handle)


def muted(post, author, viewer):
    ties.mute(viewer, author.handle)


def unliked(post, author, viewer):
    reactions.unlike(viewer, post.pk)


def remixed(post, author, viewer):
    cast.post(viewer, sources=[post])


@pytest.mark.parametrize("change", [gone, closed, walled, muted, unliked, remixed])
def test_what_may_not_be_remixed_any_more_is_not_offered(change, ada, bo):
    post = cast.post(bo)
    reactions.like(ada, post.pk)
    assert offered(ada).action == "remix"
    change(post, bo, ada)
    assert offered(ada).action == "prompt"


def test_ones_own_posts_are_no_offer(ada):
    reactions.like(ada, cast.post(ada).pk)
    assert offered(ada).action == "prompt"


def test_a_clip_with_a_face_is_offered_only_while_that_face_may_be_cast(ada, bo, cy):
    face = cast.cameo(cy, audience="everyone")
    posts = [cast.post(bo), cast.post(bo, cast_count=1)]
    cast.Appearance.objects.create(
        cameo=face,
        requester=bo,
        job_id=1,
        draft_id=1,
        post_id=posts[1].pk,
        terms_version=1,
        epoch=1,
        shown_at=timezone.now(),
    )
    for post in posts:
        reactions.like(ada, post.pk)
    assert offered(ada).ids["post_id"] == str(posts[1].pk)
    consent.set_terms(cy, face.pk, audience="only_me")  # what is published stays, nobody new may
    assert offered(ada).ids["post_id"] == str(posts[0].pk)


def test_a_friend_who_lets_themselves_be_cast_is_offered(ada, bo):
    friends(ada, bo)
    face = cast.cameo(bo, audience="mutuals")
    offer = offered(ada)
    assert on_the_wire(offer, "zh") == {"action": "cast", "cameo_id": str(face.pk), "handle": "bo"}
    assert offer.is_of_friend
    assert offer_text("cast", {"name": "Bo"}, "en", step=1) == "Bo lets you cast them: what would the two of you do?"
    assert offer_text("cast", {"name": "Bo"}, "en", step=2).startswith("Before you scroll on: Bo lets you")
    assert (
        offer_text("prompt", {"en": "a Moon"}, "en", step=2) == "Before you scroll on: something to begin with: a Moon."
    )


@pytest.mark.parametrize("why", ["not mutual", "taken back", "blocked", "muted", "priced", "not in the audience"])
def test_a_friend_is_not_offered_when(why, ada, bo):
    friends(ada, bo)
    face = cast.cameo(bo, audience="approved" if why == "not in the audience" else "everyone")
    if why == "not mutual":
        ties.unfollow(bo, "ada")
    elif why == "taken back":
        consent.revoke(bo, face.pk, mode=consent.Mode.FUTURE_ONLY)
    elif why == "blocked":
        ties.block(bo, "ada")
    elif why == "muted":
        ties.mute(ada, "bo")
    elif why == "priced":
        consent.set_terms(bo, face.pk, licence={"credits_per_clip": 2})
    assert offered(ada).action == "prompt"


def test_another_friend_is_offered_the_next_time(ada, bo, cy):
    for friend in (bo, cy):
        friends(ada, friend)
        cast.cameo(friend, audience="everyone")
    first = offered(ada)
    card = Nudge(offer=first.as_json())
    assert {first.told["handle"], offered(ada, past=[card]).told["handle"]} == {"bo", "cy"}


def test_a_ready_draft_is_offered_and_one_whose_cast_said_no_is_not(ada, bo):
    face = cast.cameo(bo, audience="everyone")
    draft = cast.finished_job(ada, cast=[str(face.pk)]).drafts.get()
    assert offered(ada).as_json() == {"action": "draft", "draft_id": str(draft.pk)}
    consent.revoke(bo, face.pk, mode=consent.Mode.DELETE_ALL)
    assert offered(ada).action == "prompt"


def test_an_open_challenge_that_they_have_not_entered_is_offered(ada, mod):
    now = timezone.now()
    window = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=1)}
    later = hosting.announce_challenge(mod, title="Fog", starts_at=now, ends_at=now + timedelta(days=9))
    rain = hosting.announce_challenge(mod, title="Rain", prompt="a wet street", **window)
    hosting.announce_challenge(mod, title="Snow", is_listed=False, **window)
    offer = offered(ada)
    assert on_the_wire(offer, "en") == {
        "action": "challenge",
        "challenge_id": str(rain.pk),
        "title": "Rain",
        "ends_at": rain.ends_at,
        "prompt": "a wet street",
    }
    assert offer.as_json() == {"action": "challenge", "challenge_id": str(rain.pk)}
    assert offer_text("challenge", offer.told, "en", step=1) == "“Rain” is open to everyone. What is your take on it?"
    cast.post(ada, challenge_id=rain.pk)
    assert offered(ada).told["title"] == "Fog"
    hosting.end_challenge(later.pk)
    assert offered(ada).action == "prompt"


def test_without_a_clip_left_there_is_a_draft_or_a_break(ada, bo, settings):
    settings.CLIPS_PER_DAY = 1
    reactions.like(ada, cast.post(bo).pk)
    job = cast.finished_job(ada)
    card = nudges.make_card(ada, timezone.now(), step=1)
    assert (card.quota_left, card.offer.action) == (0, "draft")
    job.drafts.update(deleted_at=timezone.now())
    card = nudges.make_card(ada, timezone.now(), step=2)
    assert (card.quota_left, card.offer, card.nudge.kind) == (0, None, "break")
    Hold.objects.update(state=HoldState.RELEASED)
    card = nudges.make_card(ada, timezone.now(), step=2)
    assert (card.quota_left, card.offer.action) == (1, "remix")


def test_what_people_take_up_is_offered_first(ada, bo):
    reactions.like(ada, cast.post(bo).pk)
    friends(ada, bo)
    cast.cameo(bo, audience="everyone")
    assert offered(ada).action == "remix"
    OfferRate.objects.create(action="cast", laid_count=1000, taken_count=90)
    assert offered(ada).action == "cast"


def test_whoever_passes_an_action_over_is_offered_another(ada, bo):
    reactions.like(ada, cast.post(bo).pk)
    friends(ada, bo)
    cast.cameo(bo, audience="everyone")
    past = []
    for _ in range(6):
        offer = offered(ada, past=past)
        past.insert(0, Nudge(offer=offer.as_json(), outcome=""))
    assert [card.offer["action"] for card in reversed(past)][:3] == ["remix", "remix", "cast"]


def test_an_offer_from_a_friend_comes_before_likelier_ones(ada, bo):
    cast.finished_job(ada)
    friends(ada, bo)
    cast.cameo(bo, audience="everyone")
    assert offered(ada).action == "draft"
    assert offered(ada, from_friends=True).action == "cast"
    ties.unfollow(ada, "bo")
    assert offered(ada, from_friends=True).action == "draft"


def test_ideas_come_in_turn_and_in_both_languages(ada):
    past = []
    for _ in offers.IDEAS:
        past.append(Nudge(offer=offered(ada, past=past).as_json()))
    assert len({card.offer["idea"] for card in past}) == len(offers.IDEAS)
    assert all(set(idea) == {"en", "zh"} for idea in offers.IDEAS)


def test_every_offer_has_words_and_a_button_in_both_languages():
    told = {"name": "Bo", "title": "Rain", "en": "an idea", "zh": "一个主意"}
    for action in ("remix", "cast", "challenge", "draft", "prompt"):
        for language in ("en", "zh"):
            for step in (1, 2):
                assert "{" not in offer_text(action, told, language, step=step)
            assert len(nudge_texts.card_actions(action, language)) == 2


def test_a_name_with_braces_is_only_a_name():
    assert "{name}" in offer_text("cast", {"name": "{name}"}, "en", step=1)


def test_a_card_costs_a_bounded_number_of_statements(ada, bo, django_assert_max_num_queries):
    for _ in range(30):
        reactions.like(ada, cast.post(bo).pk)
    friends(ada, bo)
    cast.cameo(bo, audience="everyone")
    for _ in range(3):
        cast.finished_job(ada)
    with django_assert_max_num_queries(24):
        nudges.make_card(ada, timezone.now(), step=1)


def test_what_is_stored_of_an_offer_names_nobody(ada, bo):
    friends(ada, bo)
    cast.cameo(bo, audience="everyone")
    card = nudges.make_card(ada, timezone.now(), step=1)
    assert set(card.nudge.offer) == {"action", "cameo_id"}
    assert (card.nudge.kind, Offer("cast").as_json()) == ("friend", {"action": "cast"})
