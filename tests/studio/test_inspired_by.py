"""A job may say which post its composer was opened from; it takes nothing from it, and tells nobody of it."""

import pytest

from sora_social.accounts import ties
from sora_social.credits.models import Hold
from sora_social.posts import posting
from sora_social.studio import submitting
from sora_social.studio.models import Generation
from tests import cast

WORDS = {"prompt": "a lighthouse in fog", "seconds": 5}


def ask(client, post_id):
    return client.post("/v1/generations", {**WORDS, "from_post_id": str(post_id)})


def test_a_job_remembers_the_post_it_was_opened_from_and_is_no_derivation(ada, bo, api):
    post = cast.post(bo)
    answer = ask(api(ada), post.pk)
    assert answer.status_code == 202
    job = Generation.objects.get()
    assert job.inspired_by_id == post.pk
    assert not job.sources.exists()
    assert "from_post_id" not in answer.json()
    assert answer.json()["sources"] == []


HIDDEN = {
    "private": lambda bo, ada: cast.post(bo, visibility="private"),
    "for followers": lambda bo, ada: cast.post(bo, visibility="followers"),
    "deleted": lambda bo, ada: deleted(bo),
    "behind a wall": lambda bo, ada: walled(bo),
}


def deleted(bo):
    post = cast.post(bo)
    posting.delete_post(bo, post.pk)
    return post


def walled(bo):
    post = cast.post(bo)
    ties.block(bo, "ada")
    return post


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_post_that_one_may_not_see_is_as_one_that_is_not_there(hidden, ada, bo, api):
    post = HIDDEN[hidden](bo, ada)
    client = api(ada)
    answers = [ask(client, post_id) for post_id in (post.pk, post.pk + 1)]
    said = []
    for answer in answers:
        body = answer.json()
        body.pop("request_id")
        said.append((answer.status_code, body))
    assert said[0] == said[1]
    assert said[0][0] == 404
    assert not Generation.objects.exists()
    assert not Hold.objects.exists()


def test_the_same_again_remembers_it_as_long_as_it_is_to_be_seen(ada, bo):
    post = cast.post(bo)
    job = cast.finished_job(ada, from_post_id=post.pk)
    assert submitting.reroll(ada, job.pk).inspired_by_id == post.pk
    posting.delete_post(bo, post.pk)
    assert submitting.reroll(ada, job.pk).inspired_by_id is None
