"""The mailbox: who hears of what, how it coalesces, and what of it may still be seen when it is read."""

import pytest
from django.utils import timezone

from cameos import consent, requesting
from cameos.models import CastRequest
from sora_social.accounts import invites, people, ties
from sora_social.accounts.models import Follow
from sora_social.inbox import tasks
from sora_social.inbox.models import Jotting, Notification, Occurrence
from sora_social.inbox.notifications import coalescing, mailbox
from sora_social.moderation import deciding
from sora_social.posts import posting, reactions
from sora_social.posts.comments import commenting
from sora_social.studio import cancelling, drafts, generating, publishing, submitting
from tests import cast

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


@pytest.fixture
def heard(api, settle):
    """What somebody finds in their mailbox, after all that follows has followed: type and text, the newest first."""

    def of(person, language="en", **query):
        settle()
        tasks.fold()
        page = api(person).get("/v1/notifications", query, headers={"Accept-Language": language}).json()
        return [(item["type"], item["text"]) for item in page["items"]]

    return of


@pytest.fixture
def page_of(api, settle):
    def of(person, **query):
        settle()
        tasks.fold()
        return api(person).get("/v1/notifications", query).json()

    return of


# who hears of what


def test_what_others_do_with_mine_is_told(ada, bo, heard):
    post = cast.post(ada)
    ties.follow(bo, "ada")
    reactions.like(bo, post.pk)
    cast.post(bo, sources=[post])
    comment = commenting.say(ada, post.pk, text="look")
    commenting.say(bo, post.pk, text="nice")
    commenting.say(bo, post.pk, text="and a reply", parent_id=comment.pk)
    assert sorted(heard(ada)) == [
        ("comment", "bo commented on your post."),
        ("follow", "bo started following you."),
        ("like", "bo liked your post."),
        ("remix", "bo remixed your post."),
        ("reply", "bo replied to your comment."),
    ]
    assert heard(bo) == []


def test_an_adult_whom_a_teen_does_not_follow_does_not_wake_them_with_a_reply(ada, bo, teen, heard):
    post = cast.post(ada)
    said = commenting.say(teen, post.pk, text="first!")
    commenting.say(bo, post.pk, text="where do you live?", parent_id=said.pk)
    assert heard(teen) == []
    ties.follow(teen, "bo")
    commenting.say(bo, post.pk, text="nice", parent_id=said.pk)
    commenting.say(cast.person("another.teen", age=16), post.pk, text="second!", parent_id=said.pk)
    assert heard(teen) == [("reply", "another.teen and bo replied to your comment.")]


def test_it_is_told_in_chinese_to_who_wants_that(ada, bo, cy, heard):
    post = cast.post(ada)
    reactions.like(bo, post.pk)
    assert heard(ada, "zh-CN,zh;q=0.9") == [("like", "bo赞了你的作品。")]
    reactions.like(cy, post.pk)
    assert heard(ada, "zh") == [("like", "cy和bo赞了你的作品。")]
    for number in range(10):
        reactions.like(cast.person(f"fan{number}"), post.pk)
    assert heard(ada, "zh") == [("like", "fan9、fan8等12人赞了你的作品。")]


def test_what_i_do_myself_is_no_news(ada, heard):
    post = cast.post(ada)
    reactions.like(ada, post.pk)
    commenting.say(ada, post.pk, text="me again")
    cast.post(ada, sources=[post])
    assert heard(ada) == []


def test_the_end_of_a_job_is_told_but_not_one_that_i_cancelled(ada, heard, page_of):
    done = cast.finished_job(ada)
    failed = submitting.submit(ada, prompt="a quiet beach")
    trouble = generating.ProviderError("broken", code="broken", retryable=False)
    generating._give_back(generating.claim(failed.pk), trouble)
    cancelled = submitting.submit(ada, prompt="a quiet beach")
    cancelling.cancel(ada, cancelled.pk)
    assert heard(ada) == [
        ("generation", "Your clip could not be made; it cost you nothing."),
        ("generation", "Your clip is ready."),
    ]
    assert [item["about"] for item in page_of(ada)["items"]] == [
        {"generation_id": str(failed.pk)},
        {"generation_id": str(done.pk)},
    ]


def test_the_owner_of_a_face_hears_of_each_casting(ada, bo, heard, page_of):
    cameo = cast.cameo(ada, audience="everyone")
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    assert heard(ada) == [("cast_in_draft", "bo cast ada in a draft.")]
    assert page_of(ada)["items"][0]["about"]["cameo_id"] == str(cameo.pk)
    publishing.publish_draft(bo, draft.pk, **WORDS)
    assert heard(ada)[0] == ("cast_in_post", "bo posted a clip with ada.")
    ties.block(ada, "bo")
    assert heard(ada)[0] == ("cast_in_post", "Somebody posted a clip with ada.")
    assert page_of(ada)["items"][0]["actors"] == [None]
    consent.revoke(ada, cameo.pk, mode=consent.Mode.DELETE_ALL)
    assert heard(ada) == []


def test_who_asks_to_cast_me_is_told_and_so_is_the_answer_without_a_name(ada, bo, heard, page_of):
    cast.cameo(ada, audience="everyone", ask_first=True)
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    asked = CastRequest.objects.get()
    assert heard(ada) == [("cast_request", "bo asks to cast ada.")]
    assert page_of(ada)["items"][0]["about"]["request_id"] == str(asked.pk)
    requesting.decline(ada, asked.pk)
    assert heard(bo)[0] == ("cast_answer", "Not everybody in your draft wants it shown.")
    item = page_of(bo)["items"][0]
    assert (item["actors"], item["actor_count"], item["about"]) == ([], 0, {"draft_id": str(draft.pk)})
    other = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    requesting.approve(ada, CastRequest.objects.get(draft_id=other.pk).pk)
    assert heard(bo)[0] == ("cast_answer", "Everybody you asked agreed: your draft is ready.")
    drafts.delete_draft(bo, other.pk)
    assert ("cast_answer", "Everybody you asked agreed: your draft is ready.") not in heard(bo)


def test_an_invite_is_news_for_both(ada, heard):
    newcomer = cast.person("newcomer", admitted=False)
    assert invites.redeem(newcomer, invites.of(ada)[0].code)
    newcomer.refresh_from_db()
    assert heard(ada) == [("invite", "newcomer joined by your invite.")]
    assert heard(newcomer) == [("credits", "10 extra clips are yours.")]


def test_what_moderators_decide_is_told_even_of_what_cannot_be_seen_any_more(ada, bo, mod, heard, page_of):
    post = cast.post(ada)
    comment = commenting.say(ada, cast.post(bo).pk, text="rude")
    deciding.remove_post(mod, post.pk, reason="against the rules")
    assert heard(ada) == [("moderation", "A moderator removed a post of yours.")]
    assert page_of(ada)["items"][0]["actors"] == []
    deciding.restore_post(mod, post.pk, reason="it was not")
    assert heard(ada)[0] == ("moderation", "A post of yours is back.")
    assert comment.pk


# coalesced


def test_many_who_do_the_same_are_one_row_until_it_is_read(ada, page_of, api):
    post = cast.post(ada)
    fans = [cast.person(f"fan{number:02}") for number in range(13)]
    for fan in fans[:12]:
        reactions.like(fan, post.pk)
    [item] = page_of(ada)["items"]
    assert item["text"] == "fan11, fan10 and 10 others liked your post."
    assert item["actor_count"] == 12
    assert [actor["handle"] for actor in item["actors"]] == ["fan11", "fan10", "fan09"]
    left = api(ada).post("/v1/notifications/read", {"up_to": item["seq"]}).json()
    assert left == {"total": 0, "by_type": {}}
    reactions.like(fans[12], post.pk)
    after = page_of(ada)
    assert [(each["text"], each["read"]) for each in after["items"]] == [
        ("fan12 liked your post.", False),
        ("fan11, fan10 and 10 others liked your post.", True),
    ]
    assert after["unread"] == {"total": 1, "by_type": {"like": 1}}


def test_a_row_that_stands_open_for_a_day_gathers_no_more(ada, bo, cy, page_of, settings):
    post = cast.post(ada)
    reactions.like(bo, post.pk)
    page_of(ada)
    Notification.objects.update(opened_at=timezone.now() - settings.NOTIFICATION_OPEN_FOR)
    reactions.like(cy, post.pk)
    assert [item["text"] for item in page_of(ada)["items"]] == ["cy liked your post.", "bo liked your post."]


def test_the_same_again_is_no_news(ada, bo, heard, page_of, api):
    post = cast.post(ada)
    reactions.like(bo, post.pk)
    ties.follow(bo, "ada")
    assert len(heard(ada)) == 2
    api(ada).post("/v1/notifications/read", {"up_to": 99})
    before = page_of(ada)
    reactions.unlike(bo, post.pk)
    reactions.like(bo, post.pk)
    ties.unfollow(bo, "ada")
    ties.follow(bo, "ada")
    assert page_of(ada) == before


def test_one_who_comments_five_times_counts_once(ada, bo, cy, page_of):
    post = cast.post(ada)
    for number in range(5):
        commenting.say(bo, post.pk, text=str(number))
    last = commenting.say(cy, post.pk, text="hello")
    [item] = page_of(ada)["items"]
    assert (item["text"], item["actor_count"]) == ("cy and bo commented on your post.", 2)
    assert item["about"] == {"post_id": str(post.pk), "comment_id": str(last.pk)}


# what may be seen when it is read


def test_who_is_behind_a_block_is_neither_named_nor_counted(ada, bo, cy, page_of, api):
    post = cast.post(ada)
    for fan in (bo, cy):
        reactions.like(fan, post.pk)
        ties.follow(fan, "ada")
    assert page_of(ada)["unread"] == {"total": 2, "by_type": {"follow": 1, "like": 1}}
    ties.block(bo, "ada")
    texts = {(item["text"], item["actor_count"]) for item in page_of(ada)["items"]}
    assert texts == {("cy liked your post.", 1), ("cy started following you.", 1)}
    people.set_active(cy.pk, active=False)
    after = page_of(ada)
    assert (after["items"], after["unread"]) == ([], {"total": 0, "by_type": {}})
    people.set_active(cy.pk, active=True)
    ties.unblock(bo, "ada")
    assert {item["type"]: item["actor_count"] for item in page_of(ada)["items"]} == {"like": 2, "follow": 1}


@pytest.mark.parametrize("when", ["before it is told", "before it is read", "after it is read"])
def test_what_somebody_took_back_is_not_told_of(when, ada, bo, cy, page_of):
    post, other = cast.post(ada), cast.post(ada)
    for fan in (bo, cy):
        reactions.like(fan, post.pk)
    reactions.like(bo, other.pk)
    ties.follow(bo, "ada")
    if when != "before it is told":
        found = page_of(ada)
        assert {(item["type"], item["actor_count"]) for item in found["items"]} == {
            ("like", 2),
            ("like", 1),
            ("follow", 1),
        }
        if when == "after it is read":
            mailbox.mark_read(ada, up_to=found["seq"], ids=None)
    reactions.unlike(bo, post.pk)
    reactions.unlike(bo, other.pk)
    ties.unfollow(bo, "ada")
    page = page_of(ada)
    assert [(item["text"], item["actor_count"]) for item in page["items"]] == [("cy liked your post.", 1)]
    assert page["unread"]["total"] == (0 if when == "after it is read" else 1)


def test_what_is_gone_is_not_told_of(ada, bo, cy, page_of):
    post, other = cast.post(ada), cast.post(ada)
    remix = cast.post(bo, sources=[post])
    cast.post(cy, sources=[post])
    first = commenting.say(bo, post.pk, text="one")
    reactions.like(bo, other.pk)
    found = {item["type"]: item for item in page_of(ada)["items"]}
    assert (len(found), found["remix"]["actor_count"]) == (3, 2)
    posting.delete_post(bo, remix.pk)
    commenting.remove(bo, first.pk)
    posting.delete_post(ada, other.pk)
    [left] = page_of(ada)["items"]
    assert (left["type"], left["text"]) == ("remix", "cy remixed your post.")
    assert page_of(ada)["unread"] == {"total": 1, "by_type": {"remix": 1}}


def test_a_remix_that_i_may_not_see_is_not_told_of_until_i_may(ada, bo, heard):
    post = cast.post(ada)
    remix = cast.post(bo, sources=[post], visibility="private")
    assert heard(ada) == []
    posting.edit_post(bo, remix.pk, visibility="public")
    assert heard(ada) == [("remix", "bo remixed your post.")]
    posting.edit_post(bo, remix.pk, visibility="private")
    assert heard(ada) == []


def test_who_is_muted_is_not_heard_of_but_for_what_they_do_with_my_face(ada, bo, heard):
    ties.mute(ada, "bo")
    cast.cameo(ada, audience="everyone")
    reactions.like(bo, cast.post(ada).pk)
    cast.finished_job(bo, cast=["@ada"])
    assert heard(ada) == [("cast_in_draft", "bo cast ada in a draft.")]


# pages and read marks


def test_pages_are_of_one_type_if_asked_and_do_not_repeat(ada, bo, page_of):
    posts = [cast.post(ada) for _ in range(5)]
    for post in posts:
        reactions.like(bo, post.pk)
        page_of(ada)
    commenting.say(bo, posts[0].pk, text="hi")
    first = page_of(ada, type="like", limit=3)
    second = page_of(ada, type="like", limit=3, cursor=first["next"])
    shown = [item["about"]["post_id"] for item in first["items"] + second["items"]]
    assert shown == [str(post.pk) for post in reversed(posts)]
    assert second["next"] is None
    assert page_of(ada)["items"][0]["type"] == "comment"


def test_reading_costs_the_same_for_10_and_50(ada, page_of, api, django_assert_max_num_queries):
    people_ = [cast.person(f"fan{number}") for number in range(5)]
    client = api(ada)
    for number in range(50):
        post = cast.post(ada)
        for fan in people_:
            reactions.like(fan, post.pk)
        commenting.say(people_[number % 5], post.pk, text="hi")
    page_of(ada)
    client.get("/v1/me")
    costs = []
    for limit in (10, 50):
        with django_assert_max_num_queries(20) as queries:
            assert len(client.get("/v1/notifications", {"limit": limit}).json()["items"]) == limit
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_what_changed_after_i_looked_stays_unread(ada, bo, cy, page_of, api):
    post = cast.post(ada)
    reactions.like(bo, post.pk)
    seen = page_of(ada)
    reactions.like(cy, post.pk)  # the same row, and news
    page_of(ada)
    left = api(ada).post("/v1/notifications/read", {"up_to": seen["seq"]}).json()
    assert left == {"total": 1, "by_type": {"like": 1}}
    same = {"ids": [seen["items"][0]["id"]], "up_to": seen["seq"]}
    assert api(ada).post("/v1/notifications/read", same).json()["total"] == 1
    assert api(ada).post("/v1/notifications/read", {"ids": same["ids"]}).json()["total"] == 0


def test_nobody_marks_the_notifications_of_others(ada, bo, page_of, api):
    reactions.like(bo, cast.post(ada).pk)
    [item] = page_of(ada)["items"]
    answer = api(bo).post("/v1/notifications/read", {"ids": [item["id"]]})
    assert (answer.status_code, answer.json()["total"]) == (200, 0)
    assert page_of(ada)["unread"]["total"] == 1
    assert api(ada).post("/v1/notifications/read", {}).status_code == 422


def test_old_notifications_go(ada, bo, cy, page_of, settings):
    post = cast.post(ada)
    reactions.like(bo, post.pk)
    page_of(ada)
    Notification.objects.update(moved_at=timezone.now() - settings.NOTIFICATIONS_KEPT)
    reactions.like(cy, cast.post(ada).pk)
    page_of(ada)
    tasks.forget()
    assert [item["text"] for item in page_of(ada)["items"]] == ["cy liked your post."]
    assert Occurrence.objects.count() == 1


# at once


def test_fifty_who_like_at_once_are_one_row_of_fifty(committed, at_once):
    ada = cast.person("ada")
    post = cast.post(ada)
    fans = [cast.person(f"fan{number}") for number in range(50)]

    def act(number):
        reactions.like(fans[number], post.pk)
        return coalescing.fold()

    at_once(act, 50)
    while coalescing.fold():
        pass
    assert not Jotting.objects.exists()
    page = mailbox.notifications_of(ada, kind="", cursor="", limit=20)
    assert [(seen.row.kind, seen.actor_count) for seen in page.items] == [("like", 50)]


def test_fifty_whose_events_are_handled_at_once_are_one_row_of_fifty(committed, at_once):
    ada = cast.person("ada")
    fans = [cast.person(f"fan{number}") for number in range(50)]
    Follow.objects.bulk_create(Follow(follower=fan, followee=ada) for fan in fans)
    happened = [coalescing.Happening(ada.pk, "follow", actor_id=fan.pk) for fan in fans]
    answers = at_once(lambda number: coalescing.record([happened[number]]), 50)
    assert answers == [None] * 50
    [seen] = mailbox.notifications_of(ada, kind="", cursor="", limit=20).items
    assert (seen.actor_count, seen.row.seq) == (50, 51)


def test_marking_as_read_while_others_act_hides_nothing_that_was_not_seen(committed, at_once):
    """Each reader marks what it saw; whatever came after is unread, or in a row of its own."""
    ada = cast.person("ada")
    post = cast.post(ada)
    fans = [cast.person(f"fan{number}") for number in range(24)]
    told: dict[int, set[int]] = {}

    def act(number):
        if number % 2:
            coalescing.record([coalescing.Happening(ada.pk, "like", post.pk, fans[number].pk)])
            return
        page = mailbox.notifications_of(ada, kind="", cursor="", limit=50)
        ids = [seen.row.pk for seen in page.items]
        told[page.seq] = set(Occurrence.objects.filter(notification__in=ids).values_list("actor_id", flat=True))
        mailbox.mark_read(ada, up_to=page.seq, ids=None)

    at_once(act, 24)
    read = Notification.objects.filter(read_at__isnull=False)
    marked = set(Occurrence.objects.filter(notification__in=read).values_list("actor_id", flat=True))
    assert marked <= set().union(*told.values()), "somebody was marked as read whom no page had shown"
    liked = {fans[number].pk for number in range(1, 24, 2)}
    assert set(Occurrence.objects.values_list("actor_id", flat=True)) == liked
