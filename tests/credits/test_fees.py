"""R04 with licences: what a cast costs goes from who casts to who is cast, once, and no credit is made or lost."""

import itertools
import time

import hypothesis
import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from hypothesis import strategies as st

from sora_social.accounts.events import InviteRedeemed
from sora_social.credits import ledger, quota
from sora_social.credits.models import Entry, Fee, Hold, HoldState
from sora_social.credits.quota import FeeOrder
from tests import cast

invite_ids = itertools.count(1)


@pytest.fixture(autouse=True)
def _plan(settings):
    settings.CLIPS_PER_DAY, settings.CLIPS_AT_ONCE = 30, 100


@pytest.fixture
def give(settings):
    """Credits come to a person as they do in life: by an invite."""

    def given(person, amount):
        settings.INVITE_BONUS_CLIPS = amount
        quota.reward_invite(InviteRedeemed(invite_id=next(invite_ids), redeemer_id=person.pk))

    return given


def credits_of(person) -> int:
    return ledger.balance_of(person).credits


def books(*people):
    """Everything that the room holds."""
    return (
        [quota.limits_of(person) for person in people],
        list(Hold.objects.order_by("id").values()),
        list(Fee.objects.order_by("id").values()),
        list(Entry.objects.order_by("id").values()),
    )


def moves_of(person) -> list[tuple[int, str]]:
    return list(Entry.objects.filter(owner=person).order_by("id").values_list("credits", "reason"))


# what is paid


def test_the_owner_is_paid_for_what_was_made_and_the_rest_goes_back(ada, bo, give):
    give(ada, 10)
    hold = quota.reserve(ada, clips=3, fees=[FeeOrder(bo.pk, cameo_id=7, credits_per_clip=2)])
    assert (credits_of(ada), credits_of(bo)) == (4, 0)
    assert quota.settle(hold.pk, captured=2)
    assert (credits_of(ada), credits_of(bo)) == (6, 4)
    assert moves_of(ada)[1:] == [(-6, "licence_paid 7"), (2, "licence_refunded 7")]
    assert moves_of(bo) == [(4, "licence_earned 7")]


def test_a_job_that_made_nothing_costs_nothing(ada, bo, give):
    give(ada, 6)
    hold = quota.reserve(ada, clips=2, fees=[FeeOrder(bo.pk, 7, 3)])
    quota.settle(hold.pk, captured=0)
    assert (credits_of(ada), moves_of(bo)) == (6, [])


def test_clips_beyond_the_plan_and_licences_come_out_of_one_balance(ada, bo, give, settings):
    settings.CLIPS_PER_DAY = 1
    give(ada, 5)
    hold = quota.reserve(ada, clips=2, fees=[FeeOrder(bo.pk, 7, 2)])
    assert credits_of(ada) == 0  # one for the second clip, four for the licence
    quota.settle(hold.pk, captured=1)
    assert (credits_of(ada), credits_of(bo)) == (3, 2)


def test_each_cameo_is_paid_even_when_two_are_of_one_owner(ada, bo, cy, give):
    give(ada, 12)
    orders = [FeeOrder(cy.pk, 9, 3), FeeOrder(bo.pk, 7, 1), FeeOrder(bo.pk, 8, 2)]
    hold = quota.reserve(ada, clips=2, fees=orders)
    quota.settle(hold.pk, captured=2)
    assert (credits_of(ada), credits_of(bo), credits_of(cy)) == (0, 6, 6)
    assert moves_of(bo) == [(2, "licence_earned 7"), (4, "licence_earned 8")]


def test_nobody_pays_for_their_own_cameo(ada, bo, give):
    give(ada, 1)
    hold = quota.reserve(ada, clips=1, fees=[FeeOrder(ada.pk, 6, 100), FeeOrder(bo.pk, 7, 1)])
    quota.settle(hold.pk, captured=1)
    assert (credits_of(ada), credits_of(bo)) == (0, 1)
    assert [fee.cameo_id for fee in Fee.objects.all()] == [7]


def test_what_was_earned_can_be_spent(ada, bo, cy, give):
    give(ada, 4)
    quota.settle(quota.reserve(ada, clips=1, fees=[FeeOrder(bo.pk, 7, 4)]).pk, captured=1)
    quota.settle(quota.reserve(bo, clips=1, fees=[FeeOrder(cy.pk, 9, 3)]).pk, captured=1)
    assert (credits_of(ada), credits_of(bo), credits_of(cy)) == (0, 1, 3)
    assert ledger.balance_of(bo).earned_from_licences == 4


def test_what_awaits_the_cast_is_set_aside_until_each_clip_is_concluded_once(ada, bo, give):
    give(ada, 6)
    hold = quota.reserve(ada, clips=3, fees=[FeeOrder(bo.pk, 7, 2)])
    quota.settle(hold.pk, captured=2, awaits=True)
    assert (credits_of(ada), credits_of(bo)) == (2, 0)
    for _ in range(2):
        quota.conclude_clip(hold.pk, {7: 70}, is_agreed=True)
        quota.conclude_clip(hold.pk, {7: 71}, is_agreed=False)
    quota.conclude_clip(hold.pk, {7: 70}, is_agreed=False)
    assert (credits_of(ada), credits_of(bo)) == (4, 2)
    assert moves_of(bo) == [(2, "licence_earned 70")]


def test_what_was_paid_when_the_job_ended_is_not_paid_or_given_back_again(ada, bo, give):
    give(ada, 2)
    hold = quota.reserve(ada, clips=1, fees=[FeeOrder(bo.pk, 7, 2)])
    quota.settle(hold.pk, captured=1)
    before = books(ada, bo)
    for is_agreed in (True, False):
        quota.conclude_clip(hold.pk, {7: 70}, is_agreed=is_agreed)
    assert books(ada, bo) == before


# what is refused


def test_a_cast_that_costs_more_than_there_is_is_refused_and_nothing_is_kept(ada, bo, give):
    give(ada, 3)
    before = books(ada, bo)
    with pytest.raises(quota.CreditsExceeded) as refused:
        quota.reserve(ada, clips=4, fees=[FeeOrder(bo.pk, 7, 2)])
    assert (refused.value.status, refused.value.code) == (403, "credits_exceeded")
    assert refused.value.detail == "This costs 8 credits and you have 3: 5 are missing."
    assert books(ada, bo) == before


def test_the_last_credit_is_not_promised_to_a_clip_and_a_licence_at_once(ada, bo, give, settings):
    settings.CLIPS_PER_DAY = 0
    give(ada, 1)
    before = books(ada, bo)
    with pytest.raises(quota.CreditsExceeded) as refused:
        quota.reserve(ada, clips=1, fees=[FeeOrder(bo.pk, 7, 1)])
    assert refused.value.detail == "This costs 2 credits and you have 1: 1 are missing."
    assert books(ada, bo) == before


def test_what_is_set_aside_is_nobodys_to_spend(ada, bo, give):
    give(ada, 2)
    quota.reserve(ada, clips=1, fees=[FeeOrder(bo.pk, 7, 2)])
    before = books(ada, bo)
    for spender, payee in ((ada, bo), (bo, ada)):
        with pytest.raises(quota.CreditsExceeded):
            quota.reserve(spender, clips=1, fees=[FeeOrder(payee.pk, 8, 1)])
    assert books(ada, bo) == before


def test_a_settled_hold_pays_nobody_again(ada, bo, give):
    give(ada, 4)
    hold = quota.reserve(ada, clips=2, fees=[FeeOrder(bo.pk, 7, 2)])
    assert quota.settle(hold.pk, captured=1)
    before = books(ada, bo)
    assert [quota.settle(hold.pk, captured=captured) for captured in (0, 1, 2)] == [False] * 3
    assert books(ada, bo) == before


@pytest.mark.parametrize(
    ("amount", "reason", "broken"),
    [
        (2, "licence_earned 7", "entry_once"),
        (-2, "licence_earned 8", "reason_gives_or_takes"),
        (2, "licence_paid 8", "reason_gives_or_takes"),
        (2, "found", "reason_is_known"),
        (2, "invite 1; gift", "reason_is_known"),
    ],
)
def test_the_database_itself_refuses_a_false_entry(ada, bo, give, amount, reason, broken):
    give(ada, 2)
    hold = quota.reserve(ada, clips=1, fees=[FeeOrder(bo.pk, 7, 2)])
    quota.settle(hold.pk, captured=1)
    before = books(ada, bo)
    with pytest.raises(IntegrityError, match=broken), transaction.atomic():
        Entry.objects.create(owner=bo, credits=amount, reason=reason, hold=hold)
    assert books(ada, bo) == before


def test_the_database_itself_refuses_earnings_without_a_job(bo):
    with pytest.raises(IntegrityError, match="what_a_job_moves_has_its_hold"), transaction.atomic():
        Entry.objects.create(owner=bo, credits=2, reason="licence_earned 7")
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("orders", "broken"), [([(7, 0)], "fee_costs_something"), ([(7, 1), (7, 2)], "fee_once")], ids=["free", "twice"]
)
def test_the_database_itself_refuses_a_false_fee(ada, bo, give, orders, broken):
    give(ada, 9)
    before = books(ada, bo)
    with pytest.raises(IntegrityError, match=broken), transaction.atomic():
        quota.reserve(ada, clips=1, fees=[FeeOrder(bo.pk, cameo_id, price) for cameo_id, price in orders])
    assert books(ada, bo) == before


# any order of things

WHO = st.integers(0, 2)
RESERVE = st.tuples(WHO, st.integers(1, 3), st.lists(st.tuples(WHO, st.integers(1, 4)), max_size=3))
SETTLE = st.tuples(st.integers(0, 9), st.integers(0, 3))


@hypothesis.settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(steps=st.lists(RESERVE | SETTLE, min_size=6, max_size=16))
def test_r04_the_books_balance_whatever_happens_in_whatever_order(steps, ada, bo, cy, give, settings):
    settings.CLIPS_PER_DAY = 2
    people, holds = [ada, bo, cy], []
    with transaction.atomic():
        for person in people:
            give(person, 10)
        expected = [10, 10, 10]
        for step in steps:
            if len(step) == 3:
                _reserve(people, holds, expected, *step)
            elif holds:
                _settle(holds, expected, *step)
            assert [credits_of(person) for person in people] == expected
            assert min(expected) >= 0
            assert sum(expected) + set_aside() + clips_paid() == 30
        transaction.set_rollback(True)


def _reserve(people, holds, expected, who, clips, asked):
    orders = [FeeOrder(people[payee].pk, number, price) for number, (payee, price) in enumerate(asked)]
    owed = [(payee, price) for payee, price in asked if payee != who]
    before = books(*people)
    try:
        hold = quota.reserve(people[who], clips=clips, fees=orders)
    except (quota.QuotaExceeded, quota.CreditsExceeded):
        after = books(*people)
        assert after == before
        beyond_the_plan = max(0, clips - after[0][who].clips_left)
        assert beyond_the_plan + clips * sum(price for _, price in owed) > expected[who]
        return
    expected[who] -= hold.extra_clips + clips * sum(price for _, price in owed)
    holds.append((hold, who, owed))


def _settle(holds, expected, number, captured):
    hold, who, owed = holds[number % len(holds)]
    captured = min(captured, hold.clips)
    was_open = Hold.objects.filter(pk=hold.pk, state=HoldState.RESERVED).exists()
    assert quota.settle(hold.pk, captured=captured) is was_open
    if not was_open:
        return
    expected[who] += min(hold.extra_clips, hold.clips - captured)
    for payee, price in owed:
        expected[who] += (hold.clips - captured) * price
        expected[payee] += captured * price


def set_aside() -> int:
    """Credits that are on their way: promised to owners, or to clips under way."""
    open_holds = Hold.objects.filter(state=HoldState.RESERVED)
    fees = sum(fee.credits_per_clip * fee.hold.clips for fee in Fee.objects.filter(hold__in=open_holds))
    return fees + sum(hold.extra_clips for hold in open_holds)


def clips_paid() -> int:
    """Credits that became clips: what was made beyond what the plan gave."""
    made = Hold.objects.filter(state=HoldState.CAPTURED)
    return sum(max(0, hold.captured_clips - (hold.clips - hold.extra_clips)) for hold in made)


# races, where transactions really commit


@pytest.fixture
def two(committed):
    return cast.person("ada"), cast.person("bo")


@pytest.fixture
def slow_limits(monkeypatch):
    """Room for the others between reading and writing."""
    limits_of = quota.limits_of

    def slowly(person):
        found = limits_of(person)
        time.sleep(0.1)
        return found

    monkeypatch.setattr(quota, "limits_of", slowly)


def reserve(person, payee):
    with transaction.atomic():
        return quota.reserve(person, clips=1, fees=[FeeOrder(payee.pk, payee.pk, 2)])


def settle(hold, captured=1):
    with transaction.atomic():
        return quota.settle(hold.pk, captured=captured)


@pytest.mark.parametrize("lock", [True, pytest.param(False, id="mutant-without-the-lock")])
def test_r04_many_casts_at_once_cost_no_more_than_there_is(lock, two, give, at_once, slow_limits, monkeypatch):
    for person in two:
        give(person, 6)
    if not lock:
        monkeypatch.setattr(quota, "_lock", lambda person: None)
    answers = at_once(lambda number: reserve(two[number % 2], two[1 - number % 2]), 12)
    made = sum(isinstance(answer, Hold) for answer in answers)
    refused = sum(isinstance(answer, quota.CreditsExceeded) for answer in answers)
    assert made + refused == 12, answers
    assert (made == Fee.objects.count() == 6 and [credits_of(person) for person in two] == [0, 0]) is lock


def test_r04_a_hold_that_many_settle_at_once_pays_once(two, give, at_once):
    ada, bo = two
    give(ada, 2)
    hold = reserve(ada, bo)
    answers = at_once(lambda number: settle(hold, captured=number % 2), 10)
    assert sorted(answers) == [False] * 9 + [True]
    was_made = Hold.objects.get().captured_clips == 1
    assert (credits_of(ada), credits_of(bo)) == ((0, 2) if was_made else (2, 0))
    assert Entry.objects.aggregate(total=Sum("credits"))["total"] == 2


@pytest.mark.parametrize("locking", [False, pytest.param(True, id="mutant-that-locks-who-is-paid")])
def test_r04_people_who_cast_each_other_never_wait_in_a_ring(locking, two, give, at_once, monkeypatch):
    ada, bo = two
    for person in two:
        give(person, 8)
    holds = [reserve(*pair) for _ in range(4) for pair in ((ada, bo), (bo, ada))]
    pay = quota._pay

    def pay_slowly(hold, paid, *, back):
        time.sleep(0.1)
        if locking:
            quota._lock(bo if hold.owner == ada else ada)
        pay(hold, paid, back=back)

    monkeypatch.setattr(quota, "_pay", pay_slowly)
    answers = at_once(lambda number: settle(holds[number]), len(holds))
    assert (answers == [True] * 8) is not locking, answers
    if not locking:
        assert [credits_of(person) for person in two] == [8, 8]


# over HTTP


def test_my_credits_say_what_i_have_and_what_my_cameos_earned(ada, bo, api, give):
    give(ada, 5)
    give(bo, 1)
    quota.settle(quota.reserve(ada, clips=2, fees=[FeeOrder(bo.pk, 7, 2)]).pk, captured=2)
    assert api(ada).get("/v1/credits").json() == {"credits": 1, "earned_from_licences": 0}
    assert api(bo).get("/v1/credits").json() == {"credits": 5, "earned_from_licences": 4}
    quota.reserve(bo, clips=1, fees=[FeeOrder(ada.pk, 6, 5)])
    assert api(bo).get("/v1/credits").json() == {"credits": 0, "earned_from_licences": 4}
    assert api(bo).get("/v1/me/limits").json()["clips_extra"] == 0


def test_my_entries_come_newest_first_in_pages_and_name_no_job_and_nobody(ada, bo, api, give):
    give(ada, 5)
    quota.settle(quota.reserve(ada, clips=2, fees=[FeeOrder(bo.pk, 7, 2)]).pk, captured=1)
    first = api(ada).get("/v1/credits/entries", {"limit": 2}).json()
    rest = api(ada).get("/v1/credits/entries", {"limit": 2, "cursor": first["next"]}).json()
    entries = first["items"] + rest["items"]
    assert [(entry["credits"], entry["reason"]) for entry in entries] == [
        (2, "licence_refunded"),
        (-4, "licence_paid"),
        (5, "invite"),
    ]
    assert rest["next"] is None
    assert {name for entry in entries for name in entry} == {"id", "credits", "reason", "created_at"}


def test_mallory_sees_nothing_of_what_others_have(ada, bo, mallory, api, give):
    give(ada, 5)
    quota.settle(quota.reserve(ada, clips=2, fees=[FeeOrder(bo.pk, 7, 1)]).pk, captured=1)
    cursor = api(ada).get("/v1/credits/entries", {"limit": 1}).json()["next"]
    assert api(mallory).get("/v1/credits").json() == {"credits": 0, "earned_from_licences": 0}
    assert api(mallory).get("/v1/credits/entries").json() == {"items": [], "next": None}
    assert api(mallory).get("/v1/credits/entries", {"cursor": cursor}).status_code == 422
