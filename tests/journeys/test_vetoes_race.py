"""A veto, a block or a farewell at the moment of publication comes before the post, or finds it there."""

import random
import time
from collections import Counter

import pytest

from sora_social.accounts import ties
from sora_social.core.errors import DomainError
from sora_social.posts.models import Post
from sora_social.studio import cocreating, publishing
from sora_social.studio.models import CoCreator
from tests import cast
from tests.journeys.leads import JITTER, Lead

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
ROUNDS = 60


@pytest.fixture
def pair(committed, settings):
    settings.CLIPS_PER_DAY = 1_000_000
    ada, bo = cast.person("ada"), cast.person("bo")
    cast.mutuals(ada, bo)
    return ada, bo


def both(at_once, ada, draft, act, delays):
    """A publication beside another act: what each gave or raised."""

    def one(number):
        time.sleep(delays[number])
        return act() if number else publishing.publish_draft(ada, draft.pk, **WORDS)

    published, acted = at_once(one, 2)
    for answer in (published, acted):
        assert not isinstance(answer, Exception) or isinstance(answer, DomainError), answer
    return published, acted


def rounds(pair, at_once, act, *, was_first, times=ROUNDS, seed=1):
    """`was_first`: whether the publication came before the act, by what they gave; the next ones meet more closely."""
    ada, bo = pair
    chance, lead = random.Random(seed), Lead()
    for _ in range(times):
        draft = cast.invited_into(cast.finished_job(ada).drafts.get(), bo, accepting=True)
        published, acted = both(at_once, ada, draft, lambda draft=draft: act(bo, draft), lead.delays(chance))
        lead.learn(won=was_first(published, acted))
        yield draft, published, acted


def veto(bo, draft):
    cocreating.veto(bo, draft.pk)


def block(bo, _):
    ties.block(bo, "ada")


def is_post(published, _):
    return isinstance(published, Post)


def was_too_late(_, acted):
    return acted is not None


def was_credited(published, _):
    return published.credit_count > 0


def test_a_veto_beside_a_publication_stops_it_or_comes_too_late(pair, at_once):
    seen = Counter()
    for draft, published, vetoed in rounds(pair, at_once, veto, was_first=is_post):
        state = CoCreator.objects.get(draft=draft).state
        if isinstance(published, Post):
            assert (vetoed.code, state) == ("already_posted", "accepted")
            assert published.credits.standing().count() == published.credit_count == 1
        else:
            assert (published.code, vetoed, state) == ("vetoed", None, "vetoed")
        seen[type(published).__name__] += 1
    assert min(seen["Post"], seen["Vetoed"]) >= 5, seen  # both win now and then: else nothing was raced


def test_who_leaves_beside_a_publication_is_not_credited_or_was_too_late(pair, at_once):
    seen = Counter()
    leave = lambda bo, draft: cocreating.end(bo, draft.pk, "bo")  # noqa: E731
    for _, published, left in rounds(pair, at_once, leave, was_first=was_too_late, seed=2):
        assert published.credit_count == (0 if left is None else 1)
        assert left is None or left.code == "already_posted"
        seen[left is None] += 1
    assert min(seen[True], seen[False]) >= 3, seen


def test_no_credit_outlives_a_block_that_returned(pair, at_once):
    seen = Counter()
    for _, published, blocked in rounds(pair, at_once, block, was_first=was_credited, seed=3):
        assert blocked is None
        assert not published.credits.standing().exists()
        seen[published.credit_count] += 1
        ties.unblock(pair[1], "ada")
    assert min(seen[0], seen[1]) >= 3, seen


def test_eight_at_most_are_invited_however_many_at_once(pair, at_once):
    ada, _ = pair
    crowd = [cast.person(f"guest{number}") for number in range(12)]
    cast.mutuals(ada, *crowd)
    draft = cast.finished_job(ada).drafts.get()
    answers = at_once(lambda number: cocreating.invite(ada, draft.pk, crowd[number].handle), 12)
    assert Counter(getattr(answer, "code", "invited") for answer in answers) == {"invited": 8, "co_creators_full": 4}
    assert CoCreator.objects.count() == 8


@pytest.mark.mutant("who answers does not hold the draft")
def test_a_veto_that_does_not_wait_for_the_draft_comes_between(pair, at_once, monkeypatch):
    def unheld(actor, draft_id):
        time.sleep(0)
        row = CoCreator.objects.select_related("draft").get(draft=draft_id, person=actor)
        cocreating.require_unpublished(row.draft)
        time.sleep(JITTER)
        return row

    monkeypatch.setattr(cocreating, "_held_own_invitation", unheld)
    bad = 0
    for _, published, vetoed in rounds(pair, at_once, veto, was_first=is_post, times=100, seed=4):
        bad += isinstance(published, Post) and vetoed is None
        if bad:
            break
    assert bad


@pytest.mark.mutant("who publishes does not hold the ties to those who are invited")
def test_a_block_that_nobody_waits_for_leaves_a_credit(pair, at_once, monkeypatch):
    monkeypatch.setattr(ties, "hold_tie", lambda *_, **__: None)
    left = 0
    for _, published, _ in rounds(pair, at_once, block, was_first=was_credited, times=200, seed=5):
        left += isinstance(published, Post) and published.credits.standing().exists()
        if left:
            break
        ties.unblock(pair[1], "ada")
    assert left
