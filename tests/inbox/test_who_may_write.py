"""Who may begin with whom, who may write on, and who may be brought into a group."""

import pytest

from sora_social.accounts import people, ties
from sora_social.core.errors import DomainError
from sora_social.inbox.conversations import contact, conversing, messaging
from sora_social.inbox.conversations.contact import Way
from sora_social.inbox.models import Conversation, Seat
from tests import cast
from tests.access.scene import fingerprint

ADULT, TEEN = 30, 15

# (age of who begins, age of the other, what is between them, the other's `messages_from`) → in | asked | a refusal
NOT_ALLOWED, GONE = "message_not_allowed", "not_found"
MATRIX = {
    # adults: as the receiver says
    (ADULT, ADULT, "strangers", "everyone"): "in",
    (ADULT, ADULT, "strangers", "followees"): "asked",
    (ADULT, ADULT, "strangers", "mutuals"): NOT_ALLOWED,
    (ADULT, ADULT, "strangers", "nobody"): NOT_ALLOWED,
    (ADULT, ADULT, "follows", "followees"): "asked",
    (ADULT, ADULT, "follows", "mutuals"): NOT_ALLOWED,
    (ADULT, ADULT, "followed", "followees"): "in",
    (ADULT, ADULT, "followed", "mutuals"): NOT_ALLOWED,
    (ADULT, ADULT, "mutuals", "followees"): "in",
    (ADULT, ADULT, "mutuals", "mutuals"): "in",
    (ADULT, ADULT, "mutuals", "nobody"): NOT_ALLOWED,
    (ADULT, ADULT, "blocks", "everyone"): GONE,
    (ADULT, ADULT, "blocked", "everyone"): GONE,
    # an adult never begins with a teen
    **{
        (ADULT, TEEN, tie, wish): NOT_ALLOWED
        for tie in ("strangers", "follows", "followed", "mutuals")
        for wish in ("everyone", "followees", "mutuals", "nobody")
    },
    (ADULT, TEEN, "blocks", "everyone"): GONE,
    (ADULT, TEEN, "blocked", "everyone"): GONE,
    # a teen begins with mutuals alone, and asks nobody
    **{
        (TEEN, other, tie, wish): "in" if tie == "mutuals" and wish != "nobody" else NOT_ALLOWED
        for other in (ADULT, TEEN)
        for tie in ("strangers", "follows", "followed", "mutuals")
        for wish in ("everyone", "followees", "mutuals", "nobody")
    },
    (TEEN, ADULT, "blocks", "everyone"): GONE,
    (TEEN, TEEN, "blocked", "everyone"): GONE,
}


def tie(one, other, what: str) -> None:
    if what in {"follows", "mutuals"}:
        ties.follow(one, other.handle)
    if what in {"followed", "mutuals"}:
        ties.follow(other, one.handle)
    if what == "blocks":
        ties.block(one, other.handle)
    if what == "blocked":
        ties.block(other, one.handle)


def outcome(act) -> str:
    """How an act was refused; empty when it was not."""
    try:
        act()
    except DomainError as refusal:
        return refusal.code
    return ""


def pair(one_age: int, other_age: int, between: str, wish: str = "followees"):
    one, other = cast.person("one", age=one_age), cast.person("other", age=other_age)
    tie(one, other, between)
    people.update_profile(other, messages_from=wish)
    return one, other


def begun(one, other, text: str = "hello") -> str:
    """What came of beginning: where the other one is, or the code of the refusal."""
    refusal = outcome(lambda: conversing.begin(one, handles=[other.handle], text=text))
    return refusal or Seat.objects.get(person=other).state


@pytest.mark.parametrize("case", MATRIX, ids=lambda case: "-".join(map(str, case)))
def test_who_may_begin_with_whom(case, db):
    one, other = pair(*case)
    before = fingerprint()
    if MATRIX[case] == NOT_ALLOWED:
        assert begun(one, other, text="") == NOT_ALLOWED
    assert begun(one, other) == MATRIX[case]
    if MATRIX[case] in {NOT_ALLOWED, GONE}:
        assert fingerprint() == before


@pytest.mark.parametrize("case", [(ADULT, ADULT, "strangers", "nobody"), (ADULT, TEEN, "strangers", "nobody")])
def test_the_mutant_without_the_rule_of_beginning_is_caught_by_the_table(case, db, monkeypatch):
    monkeypatch.setattr(contact, "may_begin", lambda *_: Way.OPEN)
    assert begun(*pair(*case), text="") == "in" != MATRIX[case]


def test_a_group_is_made_of_people_whom_one_may_reach(db):
    for case, expected in MATRIX.items():
        if case[3] not in {"followees", "nobody"}:
            continue
        one, other = pair(*case)
        friend = cast.person("friend", age=case[0])
        tie(one, friend, "mutuals")
        tie(other, friend, "mutuals") if expected == "in" else None
        before = fingerprint()
        made = outcome(lambda: conversing.begin(one, handles=["other", "friend"]))  # noqa: B023
        if expected in {NOT_ALLOWED, GONE}:
            assert (case, made) == (case, expected)
            assert fingerprint() == before
        else:
            assert (case, made, Seat.objects.get(person=other).state) == (case, "", expected)
        for person in (one, other, friend):
            person.delete()


def circle(*ages: int):
    """People who all follow each other."""
    everybody = [cast.person(f"p{number}", age=age) for number, age in enumerate(ages)]
    for number, one in enumerate(everybody):
        for other in everybody[:number]:
            tie(one, other, "mutuals")
    return everybody


def test_a_teens_group_is_of_their_mutuals_alone(db):
    teen, friend, other = circle(TEEN, TEEN, ADULT)
    stranger = cast.person("stranger")
    tie(other, stranger, "mutuals")
    group = conversing.begin(teen, handles=["p1", "p2"], text="us three")
    before = fingerprint()
    assert outcome(lambda: conversing.add(other, group.pk, "stranger")) == NOT_ALLOWED
    assert fingerprint() == before
    tie(teen, stranger, "mutuals")
    assert outcome(lambda: conversing.add(other, group.pk, "stranger")) == NOT_ALLOWED  # the other teen's not
    tie(friend, stranger, "mutuals")
    conversing.add(other, group.pk, "stranger")
    assert Seat.objects.get(person=stranger).state == "in"


def test_an_adult_brings_no_teen_into_a_group(db):
    adult, teen, _ = circle(ADULT, TEEN, ADULT)
    group = conversing.begin(adult, handles=["p2", cast.person("another").handle])
    assert outcome(lambda: conversing.add(adult, group.pk, teen.handle)) == NOT_ALLOWED
    assert outcome(lambda: conversing.begin(adult, handles=["p1", "p2"])) == NOT_ALLOWED
    assert Conversation.objects.count() == 1
    assert not Seat.objects.filter(person=teen).exists()


def test_a_teen_brings_no_other_teen_among_people_whom_that_one_does_not_know(db):
    teen, friend, adult = circle(TEEN, TEEN, ADULT)
    ties.unfollow(friend, adult.handle)
    assert outcome(lambda: conversing.begin(teen, handles=["p1", "p2"])) == NOT_ALLOWED
    assert not Conversation.objects.exists()


def test_an_adult_answers_a_teen_who_began_for_as_long_as_they_are_mutuals(db):
    teen, adult = circle(TEEN, ADULT)
    talk = conversing.begin(teen, handles=[adult.handle], text="may I ask you something?")
    assert conversing.begin(adult, handles=[teen.handle], text="of course") == talk
    ties.unfollow(teen, adult.handle)
    before = fingerprint()
    assert outcome(lambda: messaging.send(adult, talk.pk, text="are you there?")) == NOT_ALLOWED
    assert outcome(lambda: conversing.begin(adult, handles=[teen.handle], text="hello?")) == NOT_ALLOWED
    assert fingerprint() == before
    messaging.send(teen, talk.pk, text="I unfollowed you")
    ties.follow(teen, adult.handle)
    messaging.send(adult, talk.pk, text="good to see you")
    assert [message.text for message in talk.messages.order_by("seq")] == [
        "may I ask you something?",
        "of course",
        "I unfollowed you",
        "good to see you",
    ]


def test_the_mutant_without_the_question_at_each_message_lets_a_stranger_write_to_a_teen(db, monkeypatch):
    teen, adult = circle(TEEN, ADULT)
    talk = conversing.begin(teen, handles=[adult.handle])
    ties.unfollow(teen, adult.handle)
    monkeypatch.setattr(contact, "may_message", lambda *_: True)
    assert outcome(lambda: messaging.send(adult, talk.pk, text="still me")) != NOT_ALLOWED


def test_in_a_group_nothing_reaches_a_teen_from_who_is_no_mutual_any_more(db):
    teen, friend, adult = circle(TEEN, TEEN, ADULT)
    group = conversing.begin(teen, handles=["p1", "p2"])
    ties.unfollow(friend, adult.handle)
    assert outcome(lambda: messaging.send(adult, group.pk, text="hello everyone")) == NOT_ALLOWED
    messaging.send(teen, group.pk, text="still here")
    ties.block(friend, adult.handle)  # now neither sees anything of the other, and the rest may go on
    messaging.send(adult, group.pk, text="hello")
    assert group.messages.filter(author=adult).count() == 1


def test_the_name_of_a_group_is_no_way_to_a_teen(db):
    teen, friend, adult = circle(TEEN, TEEN, ADULT)
    group = conversing.begin(teen, handles=["p1", "p2"], title="us three")
    ties.unfollow(friend, adult.handle)
    before = fingerprint()
    assert outcome(lambda: conversing.change(adult, group.pk, title="write to me elsewhere")) == NOT_ALLOWED
    assert fingerprint() == before
    ties.block(friend, adult.handle)
    assert outcome(lambda: conversing.change(adult, group.pk, title="I see you")) == NOT_ALLOWED
    conversing.change(adult, group.pk, muted=True)  # that is for themselves
    conversing.change(teen, group.pk, title="we three")
    group.refresh_from_db()
    assert group.title == "we three"


def test_who_blocks_a_teen_for_a_moment_leaves_no_word_for_them_in_a_group(db):
    teen, friend, adult = circle(TEEN, TEEN, ADULT)
    group = conversing.begin(teen, handles=["p1", "p2"])
    ties.block(adult, friend.handle)
    assert outcome(lambda: messaging.send(adult, group.pk, text="for later")) == NOT_ALLOWED
    ties.unblock(adult, friend.handle)
    assert not group.messages.filter(author=adult).exists()


def test_the_wish_is_about_who_begins(db):
    one, other = pair(ADULT, ADULT, "mutuals")
    talk = conversing.begin(one, handles=["other"], text="hello")
    people.update_profile(other, messages_from="nobody")
    messaging.send(one, talk.pk, text="as before")
    assert talk.messages.count() == 2


def test_a_wish_is_shown_and_changed_with_the_profile(ada, api):
    client = api(ada)
    assert client.get("/v1/me").json()["messages_from"] == "followees"
    assert client.patch("/v1/me", {"messages_from": "nobody"}).json()["messages_from"] == "nobody"
    refused = client.patch("/v1/me", {"messages_from": "robots"})
    assert refused.status_code == 422
    assert client.get("/v1/me").json()["messages_from"] == "nobody"


def test_the_suspended_and_the_waiting_are_not_there_to_be_written_to(ada, bo, db):
    waiting = cast.person("waiting", admitted=False)
    people.set_active(bo.pk, active=False)
    for handle in ("bo", waiting.handle, "nobody.at.all"):
        assert outcome(lambda: conversing.begin(ada, handles=[handle])) == GONE  # noqa: B023
    assert not Conversation.objects.exists()


def test_nobody_writes_to_themselves(ada, bo, db):
    assert outcome(lambda: conversing.begin(ada, handles=["ada"])) == "invalid"
    assert outcome(lambda: conversing.begin(ada, handles=["bo", "ada"])) == "invalid"
    assert not Conversation.objects.exists()
