"""Cards: how many there are, what becomes of them, and who is spared."""

from datetime import timedelta

import pytest
from django.utils import timezone

from feeds import logbook
from feeds.models import Nudge, OfferRate, ServedPage
from feeds.moments import new_page_id, page_id_at, served_at
from feeds.scroll import nudges
from ranking import nudging
from sora_social.core.moments import milliseconds, moment
from sora_social.posts import reactions
from sora_social.posts.models import Post
from sora_social.studio import publishing
from tests import cast
from tests.feeds.scrolling_stage import Scroller, card_of, job_now

POST, NUDGE, PAUSE = "post", "nudge", "pause"
pytestmark = pytest.mark.usefixtures("long_feed")


def to_a_card(scroller):
    scroller.page(20)
    return card_of(scroller.page(1))


def say(client, nudge_id, outcome):
    return client.put(f"/v1/nudges/{nudge_id}/outcome", {"outcome": outcome})


def sessions(scroller, clock, count, *, say_of_each=None, apart):
    """Whether each of so many sessions has a card, the first of them now."""
    seen = []
    for _ in range(count):
        scroller.page(20)
        kinds = scroller.page(1)["items"]
        cards = [item["nudge"] for item in kinds if item["type"] == NUDGE]
        seen.append(bool(cards))
        if cards and say_of_each:
            say(scroller.client, cards[0]["id"], say_of_each)
        clock.forward(**apart)
    return seen


def test_six_cards_a_day_and_no_more(ada, api, clock):
    scroller = Scroller(api(ada))
    assert sessions(scroller, clock, 8, apart={"hours": 1}) == [True] * 6 + [False] * 2
    assert Nudge.objects.filter(viewer=ada).count() == 6
    clock.forward(hours=16, minutes=59)
    scroller.page(20)
    assert scroller.kinds(1) == [POST]  # 24:59 after the first: a day may have 25 hours
    clock.forward(hours=1)
    scroller.page(20)
    assert scroller.kinds(1) == [NUDGE, POST]


def test_two_dismissals_in_a_row_are_a_day_of_rest_and_four_are_two_weeks(ada, api, clock):
    scroller = Scroller(api(ada))
    two = sessions(scroller, clock, 4, say_of_each="dismissed", apart={"hours": 1})
    assert two == [True, True, False, False]
    clock.forward(hours=20, minutes=59)  # 23:59 after the second
    assert sessions(scroller, clock, 1, apart={"minutes": 31}) == [False]
    third = sessions(scroller, clock, 2, say_of_each="dismissed", apart={"hours": 1})
    assert third == [True, False]
    clock.forward(hours=23)
    assert sessions(scroller, clock, 2, say_of_each="dismissed", apart={"hours": 1}) == [True, False]
    clock.forward(days=13, hours=21, minutes=58)
    assert sessions(scroller, clock, 1, apart={"minutes": 62}) == [False]
    assert sessions(scroller, clock, 1, apart={"hours": 1}) == [True]
    assert list(Nudge.objects.filter(viewer=ada).values_list("outcome", flat=True).order_by("pk")) == [
        *["dismissed"] * 4,
        "",
    ]


def test_the_pause_stays_when_cards_are_unwanted(ada, api, clock):
    scroller = Scroller(api(ada))
    sessions(scroller, clock, 2, say_of_each="dismissed", apart={"hours": 1})
    assert [kind for _ in range(3) for kind in scroller.kinds()] == [POST] * 40 + [PAUSE]


def test_making_something_ends_the_row_of_dismissals(ada, api, clock, settle):
    scroller = Scroller(api(ada))
    sessions(scroller, clock, 1, say_of_each="dismissed", apart={"hours": 1})
    card = to_a_card(scroller)
    say(api(ada), card["id"], "dismissed")
    clock.forward(minutes=20)
    job_now(ada)
    settle()
    assert Nudge.objects.get(pk=card["id"]).outcome == "created"  # a making outranks the word of a client
    clock.forward(hours=1)
    assert sessions(scroller, clock, 1, apart={"hours": 1}) == [True]


# outcomes


@pytest.mark.parametrize("outcome", ["dismissed", "acknowledged", "left"])
def test_the_first_word_of_a_client_stands(outcome, ada, api, clock):
    card = to_a_card(Scroller(api(ada)))
    first = say(api(ada), card["id"], outcome)
    assert (first.status_code, first.json()["outcome"]) == (200, outcome)
    clock.forward(seconds=10)
    for other in ("dismissed", "acknowledged", "left"):
        assert say(api(ada), card["id"], other).json() == first.json()


@pytest.mark.parametrize("outcome", ["created", "remixed"])
def test_a_client_cannot_say_that_something_was_made(outcome, ada, api):
    card = to_a_card(Scroller(api(ada)))
    answer = say(api(ada), card["id"], outcome)
    assert answer.status_code == 422
    assert answer.json()["errors"]["outcome"][0]["code"] == "found_by_server"
    assert Nudge.objects.get(pk=card["id"]).outcome == ""


def test_nobody_answers_for_somebody_else_and_a_pause_is_not_dismissed(ada, bo, api):
    card = to_a_card(Scroller(api(ada)))
    pause = Scroller(api(ada)).to_the_pause()
    for nudge in (card, pause):
        assert say(api(bo), nudge["id"], "left").status_code == 404
    assert say(api(ada), "123", "left").status_code == 404
    answer = say(api(ada), pause["id"], "dismissed")
    assert (answer.status_code, answer.json()["errors"]["outcome"][0]["code"]) == (422, "not_dismissible")
    assert not Nudge.objects.exclude(outcome="").exists()


def test_who_left_a_pause_and_came_back_may_go_on(ada, api, clock):
    scroller = Scroller(api(ada))
    pause = scroller.to_the_pause()
    say(api(ada), pause["id"], "left")
    clock.forward(minutes=1)
    assert scroller.kinds() == [PAUSE]
    assert say(api(ada), pause["id"], "acknowledged").json()["outcome"] == "acknowledged"
    assert scroller.kinds() == [POST] * 20


def test_what_is_made_within_half_an_hour_counts_for_the_last_card_and_the_last_pause(ada, api, clock, settle):
    scroller = Scroller(api(ada))
    first = to_a_card(scroller)
    clock.forward(seconds=1)  # ids of one millisecond have no order
    scroller.page(9)
    second = card_of(scroller.page(10))
    pause = scroller.page()["items"][0]["pause"]
    clock.forward(minutes=29)
    job = job_now(ada)
    settle()
    outcomes = {str(nudge.pk): (nudge.outcome, nudge.job_id) for nudge in Nudge.objects.filter(viewer=ada)}
    assert outcomes == {
        first["id"]: ("", None),
        second["id"]: ("created", job.pk),
        pause["id"]: ("created", job.pk),
    }
    job_now(ada)
    settle()
    assert Nudge.objects.get(pk=second["id"]).job_id == job.pk


def test_what_is_made_later_or_refused_counts_for_no_card(ada, api, clock, settle):
    card = to_a_card(Scroller(api(ada)))
    job_now(ada, prompt="a naked child")
    clock.forward(minutes=30, seconds=1)
    job_now(ada)
    settle()
    assert Nudge.objects.get(pk=card["id"]).outcome == ""


def test_a_remix_of_what_was_shown_or_offered_is_a_remix(ada, bo, cy, api, clock, settle):
    scroller = Scroller(api(ada))
    card = to_a_card(scroller)
    logbook.flush()
    shown = int(scroller.posts[3])
    job_now(ada, sources=[cast.Source(shown, "remix")])
    settle()
    assert Nudge.objects.get(pk=card["id"]).outcome == "remixed"
    offered = cast.post(bo)
    reactions.like(cy, offered.pk)
    card = to_a_card(Scroller(api(cy)))
    assert card["offer"]["post_id"] == str(offered.pk)
    ServedPage.objects.all().delete()
    job_now(cy, sources=[cast.Source(offered.pk, "remix")])
    settle()
    assert Nudge.objects.get(pk=card["id"]).outcome == "remixed"


def test_a_remix_of_what_was_found_elsewhere_is_a_making(ada, bo, api, settle):
    card = to_a_card(Scroller(api(ada)))
    logbook.flush()
    elsewhere = cast.post(bo)
    job_now(ada, sources=[cast.Source(elsewhere.pk, "remix")])
    settle()
    assert Nudge.objects.get(pk=card["id"]).outcome == "created"


def test_a_draft_that_was_offered_and_published_counts(ada, api, clock, settle):
    job = cast.finished_job(ada)
    draft = job.drafts.get()
    card = to_a_card(Scroller(api(ada)))
    assert card["offer"] == {"action": "draft", "draft_id": str(draft.pk)}
    words = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    post = publishing.publish_draft(ada, draft.pk, caption="here", **words)
    Post.objects.filter(pk=post.pk).update(created_at=timezone.now())
    settle()
    nudge = Nudge.objects.get(pk=card["id"])
    assert (nudge.outcome, nudge.job_id) == ("created", job.pk)


def test_silence_is_told_apart_who_left_and_who_scrolled_on(ada, bo, cy, api, clock):
    left, went_on, waited = Scroller(api(ada)), Scroller(api(bo)), Scroller(api(cy))
    cards = {"left": to_a_card(left), "went on": to_a_card(went_on)}
    pause = waited.to_the_pause()
    clock.forward(minutes=6)
    went_on.page(5)
    waited.page(5)
    clock.forward(minutes=23)
    logbook.flush()
    assert nudges.settle_silent(timezone.now()) == 0
    clock.forward(minutes=2)
    nudges.settle_silent(timezone.now())
    assert Nudge.objects.get(pk=cards["left"]["id"]).outcome == "left"
    ignored = Nudge.objects.get(pk=cards["went on"]["id"])
    assert (ignored.outcome, ignored.outcome_at, ignored.is_settled) == ("", None, True)
    clock.forward(minutes=5)
    nudges.settle_silent(timezone.now())
    assert Nudge.objects.get(pk=pause["id"]).outcome == "acknowledged"
    assert nudges.settle_silent(timezone.now()) == 0


def test_a_pause_that_nobody_came_back_from_was_left(ada, api, clock):
    pause = Scroller(api(ada)).to_the_pause()
    logbook.flush()
    clock.forward(minutes=36)
    assert nudges.settle_silent(timezone.now()) == 2  # the card before it, too
    left = Nudge.objects.get(pk=pause["id"])
    assert (left.outcome, left.outcome_at) == ("left", left.until)


def test_a_making_counts_after_the_silence_was_settled(ada, api, clock, settle):
    card = to_a_card(Scroller(api(ada)))
    logbook.flush()
    clock.forward(minutes=29)
    job_now(ada)
    clock.forward(minutes=5)
    nudges.settle_silent(timezone.now())
    settle()
    assert Nudge.objects.get(pk=card["id"]).outcome == "created"


# what a card looks like


def test_a_card_says_what_to_make_what_is_left_and_how_to_be_done(ada, api):
    card = to_a_card(Scroller(api(ada)))
    assert set(card) == {"id", "kind", "step", "text", "offer", "quota_left", "dismissible", "actions"}
    assert (card["kind"], card["step"], card["quota_left"], card["dismissible"]) == ("create", 1, 30, True)
    assert card["offer"]["action"] == "prompt"
    assert card["text"] == f"Something to begin with: {card['offer']['prompt']}."
    assert card["actions"] == [
        {"code": "make", "text": "Try it"},
        {"code": "done", "text": "I'm done for now", "outcome": "left"},
    ]


@pytest.mark.parametrize(
    ("accepted", "is_chinese"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", True),
        ("fr, zh-Hans;q=0.5, en;q=0.4", True),
        ("en-GB,zh;q=0.1", False),
        ("zh;q=0, en", False),
        ("de", False),
        ("", False),
        ("*", False),
        (";;;q=x,\u00e9", False),
    ],
)
def test_cards_and_pauses_speak_the_language_that_is_asked_for(accepted, is_chinese, ada, api):
    scroller = Scroller(api(ada))
    headers = {"HTTP_ACCEPT_LANGUAGE": accepted}
    scroller.page(20)
    card = card_of(scroller.page(20, **headers))
    pause = scroller.page(20, **headers)["items"][0]["pause"]
    assert (card["actions"][0]["text"] == "试试看") == is_chinese
    assert (pause["actions"][0]["text"] == "继续看") == is_chinese
    assert any("\u4e00" <= letter <= "\u9fff" for letter in card["text"]) == is_chinese


# the figures behind the offers


def test_offers_are_counted_by_what_came_of_them(ada, bo, api, clock, settle):
    for person in (ada, bo):
        to_a_card(Scroller(api(person)))
    job_now(ada)
    settle()
    nudges.count_offers(timezone.now())
    nudges.count_offers(timezone.now())
    assert list(OfferRate.objects.values_list("action", "laid_count", "taken_count")) == [("prompt", 2, 1)]


@pytest.mark.parametrize("mutant", ["cap", "back-off"])
def test_mutants_without_the_cap_or_the_back_off_are_seen(mutant, ada, api, clock, monkeypatch):
    if mutant == "cap":
        monkeypatch.setattr(nudging, "CARDS_AT_MOST", 1000)
        seen = sessions(Scroller(api(ada)), clock, 7, apart={"hours": 1})
    else:
        monkeypatch.setattr(nudging, "BACK_OFF", ())
        seen = sessions(Scroller(api(ada)), clock, 3, say_of_each="dismissed", apart={"hours": 1})
    assert all(seen)


def test_ids_of_nudges_tell_when_they_were_made(clock):
    now = timezone.now()
    assert page_id_at(now) <= new_page_id() < page_id_at(now + timedelta(milliseconds=1))
    assert served_at(new_page_id()) == moment(milliseconds(now))
