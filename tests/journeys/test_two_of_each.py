"""Two of every process on one database work as one: none of them keeps anything that another must know."""

from contextlib import ExitStack

import httpx
import pytest

from sora_social.accounts import people, ties
from sora_social.posts.models import Post
from tests import cast
from tests.live_processes import live, open_socket, read
from tests.processes import eventually


@pytest.fixture
def apis(running):
    """Two HTTP servers, and two workers for each kind of work."""
    for _ in range(2):
        running.worker(queues="quick,render")
    return [f"http://127.0.0.1:{running.api()[1]}" for _ in range(2)]


@pytest.mark.usefixtures("committed")
def test_what_one_process_does_the_others_know(apis):
    ada, bo = cast.person("ada"), cast.person("bo")
    tokens = {person: {"X-Session-Token": cast.session_token(person)} for person in (ada, bo)}
    here, there = (httpx.Client(base_url=url, timeout=60) for url in apis)

    made = here.post("/v1/generations", json={"prompt": "a quiet beach"}, headers=tokens[ada]).json()

    def job():
        return there.get(f"/v1/generations/{made['id']}", headers=tokens[ada]).json()

    eventually(lambda: job()["status"] == "completed", seconds=60, what="the job")
    draft = job()["drafts"][0]["id"]
    published = there.post(f"/v1/drafts/{draft}/publish", json={"caption": "one"}, headers=tokens[ada]).json()
    path = f"/v1/posts/{published['id']}"

    # both have rendered it; an edit at one is seen at the other at once
    assert {api.get(path, headers=tokens[bo]).json()["caption"] for api in (here, there)} == {"one"}
    here.patch(path, json={"caption": "two"}, headers=tokens[ada])
    assert there.get(path, headers=tokens[bo]).json()["caption"] == "two"
    here.patch("/v1/me", json={"display_name": "Ada L."}, headers=tokens[ada])
    assert there.get(path, headers=tokens[bo]).json()["author"]["display_name"] == "Ada L."

    # the same key at two processes is one request
    keyed = {**tokens[bo], "Idempotency-Key": "k"}
    first = here.post(f"{path}/remix", json={"prompt": "at night"}, headers=keyed)
    second = there.post(f"{path}/remix", json={"prompt": "at night"}, headers=keyed)
    assert first.status_code == second.status_code == 202
    assert first.json()["id"] == second.json()["id"]

    # a page begun at one goes on at the other
    for _ in range(3):
        cast.post(ada)
    page = here.get("/v1/feed", params={"limit": 2}, headers=tokens[bo]).json()
    following = there.get("/v1/feed", params={"limit": 2, "cursor": page["next"]}, headers=tokens[bo]).json()
    shown = [item["post"]["id"] for item in page["items"] + following["items"]]
    assert len(set(shown)) == len(shown) == 4

    # a ban and a block at one act at the other on the next request
    ties.block(ada, "bo")
    assert there.get(path, headers=tokens[bo]).status_code == 404
    people.set_active(bo.pk, active=False)
    assert {api.get("/v1/feed", headers=tokens[bo]).status_code for api in (here, there)} == {403}
    here.close()
    there.close()


@pytest.mark.usefixtures("committed")
def test_sockets_of_two_processes_share_a_room(apis):
    ada, bo = cast.person("ada"), cast.person("bo")
    post: Post = cast.post(ada)
    with ExitStack() as stack:
        one, two = stack.enter_context(live(2))
        sockets = [stack.enter_context(open_socket(p.url, who, post.pk)) for p, who in ((one, ada), (two, bo))]
        for socket in sockets:
            assert read(socket)["type"] == "hello"
        said = httpx.post(
            f"{apis[1]}/v1/posts/{post.pk}/comments",
            json={"text": "hello both"},
            headers={"X-Session-Token": cast.session_token(ada)},
        )
        assert said.status_code == 201
        for socket in sockets:
            assert read(socket, "comment")["comment"]["id"] == said.json()["id"]
