"""C11: the owner of a face sees every appearance at the next request: with the outbox stalled, across a block.

Jobs, refusals, private drafts and posts, scheduled, undone, thrown away: whatever became of it, and by whomever.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from cameos import casting, consent
from remix.lineage import Source
from sora_social.accounts import people, ties
from sora_social.core.models import OutboxEvent
from sora_social.posts import posting
from sora_social.studio import cancelling, drafts, generating, publishing, submitting
from sora_social.studio.models import Draft, Generation
from sora_social.studio.providers import ProviderError
from tests import cast

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


def queued(maker, **words):
    return submitting.submit(maker, **{"prompt": "a quiet beach", "cast": ["@ada"], **words})


def under_way(maker):
    generating.claim(queued(maker).pk)


def refused_at_once(maker):
    assert queued(maker, prompt="@ada wins the election").status == "refused"


def refused_when_made(maker):
    generating._refuse(generating.claim(queued(maker).pk), generating.SOURCE_GONE)


def failed(maker):
    job = generating.claim(queued(maker).pk)
    generating._give_back(job, ProviderError("broken", retryable=False))


def cancelled(maker):
    cancelling.cancel(maker, queued(maker).pk)


def draft(maker):
    return cast.finished_job(maker, cast=["@ada"]).drafts.get()


def several(maker):
    cast.finished_job(maker, cast=["@ada"], variations=2)


def thrown_away(maker):
    drafts.delete_draft(maker, draft(maker).pk)


def post(maker, **words):
    return publishing.publish_draft(maker, draft(maker).pk, **{**WORDS, **words})


def private(maker):
    post(maker, visibility="private")


def for_followers(maker):
    post(maker, visibility="followers")


def scheduled(maker):
    post(maker, publish_at=timezone.now() + timedelta(days=2))


def undone(maker):
    posting.undo_post(maker, post(maker, undo_s=60).pk)


def deleted(maker):
    posting.delete_post(maker, post(maker).pk)


def remixed(maker):
    root = post(maker)
    cy = cast.person("cy")
    cast.finished_job(cy, sources=[Source(root.pk, "remix")])


def suspended(maker):
    queued(maker)
    people.set_active(maker.pk, active=False)


MADE = {
    queued: [("job", "queued")],
    under_way: [("job", "in_progress")],
    refused_at_once: [("job", "refused")],
    refused_when_made: [("job", "refused")],
    failed: [("job", "failed")],
    cancelled: [("job", "cancelled")],
    draft: [("draft", "ready")],
    several: [("draft", "ready"), ("draft", "ready")],
    thrown_away: [("draft", "deleted")],
    post: [("post", "posted")],
    private: [("post", "posted")],
    for_followers: [("post", "posted")],
    scheduled: [("post", "posted")],
    undone: [("post", "deleted")],
    deleted: [("post", "deleted")],
    remixed: [("draft", "ready"), ("post", "posted")],
    suspended: [("job", "queued")],
}


@pytest.fixture
def face(ada):
    return cast.cameo(ada, audience="everyone", limits={"no_politics": True})


def shown(api, ada, face):
    answer = api(ada).get(f"/v1/cameos/{face.pk}/appearances")
    assert answer.status_code == 200
    return answer.json()["items"]


@pytest.mark.parametrize("make", MADE, ids=lambda make: make.__name__)
def test_c11_each_is_there_at_the_next_request(make, ada, bo, api, face):
    make(bo)
    items = shown(api, ada, face)
    assert [(item["kind"], item["status"]) for item in items] == MADE[make]
    assert OutboxEvent.objects.exists()  # nobody handled anything
    assert {item["by"]["handle"] for item in items} == ({"bo", "cy"} if make is remixed else {"bo"})


@pytest.mark.parametrize("who", ["the maker blocks", "the owner blocks"])
@pytest.mark.parametrize("make", [make for make in MADE if make is not suspended], ids=lambda make: make.__name__)
def test_c11_across_a_block_it_is_there_and_its_maker_nameless(make, who, ada, bo, api, face):
    make(bo)
    before = shown(api, ada, face)
    ties.block(*((bo, "ada") if who == "the maker blocks" else (ada, "bo")))
    items = shown(api, ada, face)
    assert [item["id"] for item in items] == [item["id"] for item in before]
    assert {item["by"] and item["by"]["handle"] for item in items} == ({None, "cy"} if make is remixed else {None})
    url = f"/v1/cameos/{face.pk}/appearances"
    assert all(api(ada).delete(f"{url}/{item['id']}").status_code == 204 for item in items)
    assert {item["status"] for item in shown(api, ada, face)} == {"withdrawn"}


def test_c11_what_is_thrown_away_or_undone_is_still_there_when_all_is_settled(ada, bo, api, settle, face):
    thrown_away(bo)
    undone(bo)
    settle()
    assert Draft.objects.count() == 1
    assert [(item["kind"], item["status"]) for item in shown(api, ada, face)] == [
        ("draft", "ready"),
        ("draft", "deleted"),
    ]


def test_c11_revoked_ones_stay_in_sight(ada, bo, api, settle, face):
    post(bo)
    draft(bo)
    consent.revoke(ada, face.pk, mode=consent.Mode.DELETE_ALL)
    settle()
    assert [item["status"] for item in shown(api, ada, face)] == ["withdrawn", "withdrawn"]


def test_c11_mutant_appearances_written_by_the_outbox_come_late(ada, bo, api, face, monkeypatch):
    monkeypatch.setattr(casting, "appear_in_job", lambda *_: None)
    queued(bo)
    assert Generation.objects.count() == 1
    assert shown(api, ada, face) == []
