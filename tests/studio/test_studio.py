"""From prompt to draft to post, over HTTP."""

import time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError as BrokerDown

from sora_social.accounts import people
from sora_social.core import outbox
from sora_social.core.models import OutboxEvent
from sora_social.credits.models import Hold, HoldState
from sora_social.media import links
from sora_social.media.models import Clip
from sora_social.posts import posting
from sora_social.studio import generating, limiting
from sora_social.studio.models import Draft, Generation
from tests import cast


@pytest.fixture(autouse=True)
def _storage(tmp_path, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "base_url": None},
        },
    }


@pytest.fixture
def maker(settings):
    settings.PROVIDER = "tests.studio.makers.Quick"


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """The jobs that workers were told of; no worker runs here."""
    told = []
    monkeypatch.setattr(generating, "dispatch", told.append)
    return told


def ask(client, **fields):
    return client.post("/v1/generations", {"prompt": "a cat in the rain", **fields}, format="json")


def made(client, **fields):
    """A finished job's answer."""
    answer = ask(client, **fields)
    assert answer.status_code == 202, answer.content
    generating.render(int(answer.json()["id"]))
    return client.get(f"/v1/generations/{answer.json()['id']}").json()


def publish(client, draft_id, **fields):
    return client.post(f"/v1/drafts/{draft_id}/publish", fields, format="json")


def test_a_prompt_becomes_a_draft_and_a_post_that_plays(ada, bo, api, settle, sent):
    answer = ask(api(ada), seconds=5)
    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert (body["status"], body["drafts"], body["cost"]) == ("queued", [], {"clips": 1})
    settle()
    assert sent == [int(body["id"])]

    generating.render(int(body["id"]))
    job = api(ada).get(f"/v1/generations/{body['id']}").json()
    assert (job["status"], job["progress"], job["error"], job["refusal"]) == ("completed", 1.0, None, None)
    [draft] = job["drafts"]
    assert draft["status"] == "ready"
    assert draft["media"]["duration_ms"] == 5000
    video = api(None).get(draft["media"]["url"].removeprefix("http://127.0.0.1:8000"))
    assert video.status_code == 200
    assert video["Content-Type"] == "video/mp4"
    assert b"".join(video.streaming_content)[4:8] == b"ftyp"

    post = publish(api(ada), draft["id"], caption="wet #cat")
    assert post.status_code == 201, post.content
    assert post.json()["caption"] == "wet #cat"
    assert post.json()["ai_disclosure"]["provider"] == "preview"
    seen = api(bo).get(f"/v1/posts/{post.json()['id']}").json()
    poster = api(None).get(seen["media"]["poster_url"].removeprefix("http://127.0.0.1:8000"))
    assert (poster.status_code, poster["Content-Type"]) == (200, "image/jpeg")
    assert api(ada).get(f"/v1/drafts/{draft['id']}").json()["status"] == "posted"


def test_each_variation_is_a_draft_and_a_clip_of_the_quota(ada, api, maker):
    job = made(api(ada), variations=3)
    assert [draft["ordinal"] for draft in job["drafts"]] == [0, 1, 2]
    assert len({draft["media"]["url"] for draft in job["drafts"]}) == 3
    assert job["cost"] == {"clips": 3}
    limits = api(ada).get("/v1/me/limits").json()
    assert (limits["clips_used"], limits["clips_running"]) == (3, 0)


def test_a_refused_prompt_is_accepted_explained_and_free(ada, api, sent, settle):
    answer = ask(api(ada), prompt="a quiet street, then a beheading")
    assert answer.status_code == 202
    body = answer.json()
    assert body["status"] == "refused"
    refusal = body["refusal"]
    assert (refusal["stage"], refusal["rule"], refusal["refunded"]) == ("prompt", "graphic_gore", True)
    assert refusal["span"] == {"start": 23, "end": 32}
    assert body["drafts"][0]["status"] == "refused"
    assert body["drafts"][0]["media"] is None
    assert body["drafts"][0]["refusal"] == refusal
    assert body["cost"] == {"clips": 0}
    settle()
    assert sent == []
    assert api(ada).get("/v1/me/limits").json()["clips_used"] == 0
    assert publish(api(ada), body["drafts"][0]["id"]).status_code == 409


def test_a_remix_is_judged_with_the_words_it_is_made_from(ada, bo, api):
    source = cast.post(bo, prompt="my little girl on a swing")
    answer = api(ada).post(f"/v1/posts/{source.pk}/remix", {"prompt": "make it sexy"}, format="json")
    assert answer.status_code == 202
    assert answer.json()["refusal"]["rule"] == "minors_sexual"
    assert answer.json()["refusal"]["span"] is None
    child = cast.post(bo, sources=[source], prompt="at night")
    answer = api(ada).post(f"/v1/posts/{child.pk}/remix", {"prompt": "make it sexy"}, format="json")
    assert answer.json()["status"] == "refused"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"seconds": 7}, "seconds", "invalid_choice"),
        ({"variations": 5}, "variations", "max_value"),
        ({"seed": -1}, "seed", "min_value"),
        ({"seed": 2**32}, "seed", "max_value"),
        ({"style": "cubist"}, "style", "invalid_choice"),
        ({"prompt": " "}, "prompt", "blank"),
        ({"prompt": "x" * 2001}, "prompt", "max_length"),
        ({"owner": "2"}, "owner", "unknown_field"),
        ({"shots": [{"text": "a", "seconds": 3, "x": 1}]}, "shots[0].x", "unknown_field"),
        ({"shots": [{"text": "a", "seconds": 9}]}, "shots", "too_long"),
        ({"shots": "a"}, "shots", "not_a_list"),
        ({"sources": [{"post_id": "x", "kind": "remix"}]}, "sources[0].post_id", "invalid"),
        ({"sources": [{"post_id": "1", "kind": "stitch"}]}, "sources", "bad_stitch"),
        ({"sources": [{"post_id": "1", "kind": "remix"}] * 2}, "sources", "repeated"),
    ],
)
def test_what_cannot_be_made_is_refused_by_field(fields, field, code, ada, api):
    answer = ask(api(ada), **fields)
    assert answer.status_code == 422, answer.content
    assert code in {entry["code"] for entry in answer.json()["errors"][field]}
    assert not Generation.objects.exists()
    assert not Hold.objects.exists()


def test_nobody_can_be_cast_yet(ada, api):
    answer = ask(api(ada), cast=["@bo"])
    assert (answer.status_code, answer.json()["code"]) == (422, "cast_not_allowed")
    assert not Generation.objects.exists()


def test_the_same_key_gives_the_same_job_and_another_body_is_refused(ada, api):
    client = api(ada)
    client.credentials(HTTP_X_SESSION_TOKEN=cast.session_token(ada), HTTP_IDEMPOTENCY_KEY="k1")
    first, again = ask(client), ask(client)
    assert first.json()["id"] == again.json()["id"]
    assert again["Idempotent-Replay"] == "true"
    assert ask(client, seconds=10).status_code == 422
    assert Generation.objects.count() == Hold.objects.count() == 1


def test_too_many_at_once_is_429_and_leaves_nothing(ada, api):
    assert ask(api(ada), variations=4).status_code == 202
    answer = ask(api(ada))
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_running")
    assert int(answer["Retry-After"]) > 0
    assert Generation.objects.count() == 1


def test_cancelling_gives_the_clips_back_and_may_be_repeated(ada, api, maker):
    job = ask(api(ada), variations=2).json()
    for _ in range(2):
        answer = api(ada).post(f"/v1/generations/{job['id']}/cancel")
        assert (answer.status_code, answer.json()["status"], answer.json()["cost"]) == (200, "cancelled", {"clips": 0})
    assert Hold.objects.get().state == HoldState.RELEASED
    generating.render(int(job["id"]))
    assert not Draft.objects.exists()
    done = made(api(ada))
    assert api(ada).post(f"/v1/generations/{done['id']}/cancel").status_code == 409


def test_a_reroll_is_the_same_with_another_seed(ada, api, maker):
    job = made(api(ada), seconds=10, style="noir", orientation="square", seed=7)
    answer = api(ada).post(f"/v1/generations/{job['id']}/reroll")
    assert answer.status_code == 202
    again = answer.json()
    same = ("prompt", "seconds", "style", "orientation", "variations")
    assert [again[name] for name in same] == [job[name] for name in same]
    assert again["seed"] != 7


def test_a_remix_and_a_stitch_carry_their_lineage_to_the_post(ada, bo, cy, api, maker, settle):
    first = publish(api(bo), made(api(bo))["drafts"][0]["id"]).json()
    second = publish(api(cy), made(api(cy))["drafts"][0]["id"]).json()
    remix = api(ada).post(f"/v1/posts/{first['id']}/remix", {"prompt": "in snow"}, format="json")
    assert remix.status_code == 202, remix.content
    assert remix.json()["sources"] == [{"post_id": first["id"], "kind": "remix"}]
    generating.render(int(remix.json()["id"]))
    [draft] = api(ada).get(f"/v1/generations/{remix.json()['id']}").json()["drafts"]
    assert draft["sources"] == [{"post_id": first["id"], "kind": "remix"}]
    post = publish(api(ada), draft["id"]).json()
    assert post["lineage"]["root_id"] == first["id"]
    assert post["lineage"]["depth"] == 1

    sources = [{"post_id": second["id"], "kind": "stitch"}, {"post_id": first["id"], "kind": "stitch"}]
    stitch = made(api(ada), sources=sources)
    assert stitch["status"] == "completed", stitch
    post = publish(api(ada), stitch["drafts"][0]["id"]).json()
    assert post["lineage"]["sources"] == sources
    settle()
    assert api(bo).get(f"/v1/posts/{first['id']}").json()["counts"]["remixes"] == 2


def test_a_policy_and_a_wall_are_asked_at_submit_at_work_and_at_publish(ada, bo, api, maker, settle):
    closed = cast.post(bo, remix_policy="nobody")
    answer = api(ada).post(f"/v1/posts/{closed.pk}/remix", {"prompt": "x"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "remix_not_allowed")
    hidden = cast.post(bo, visibility="private")
    assert api(ada).post(f"/v1/posts/{hidden.pk}/remix", {"prompt": "x"}, format="json").status_code == 404

    source = publish(api(bo), made(api(bo))["drafts"][0]["id"]).json()
    one = api(ada).post(f"/v1/posts/{source['id']}/remix", {"prompt": "x"}, format="json").json()
    two = api(ada).post(f"/v1/posts/{source['id']}/remix", {"prompt": "y"}, format="json").json()
    generating.render(int(one["id"]))
    api(bo).patch(f"/v1/posts/{source['id']}", {"remix_policy": "nobody"}, format="json")
    [draft] = api(ada).get(f"/v1/generations/{one['id']}").json()["drafts"]
    assert publish(api(ada), draft["id"]).status_code == 403
    generating.render(int(two["id"]))
    late = api(ada).get(f"/v1/generations/{two['id']}").json()
    assert (late["status"], late["refusal"]["stage"], late["cost"]) == ("refused", "reference", {"clips": 0})


@pytest.mark.parametrize("builder", ["ada", "bo"])
def test_a_block_cancels_what_is_being_made_of_the_others_posts(builder, ada, bo, cy, api, settle):
    jobs = {}
    for actor, author in ((ada, bo), (bo, ada), (ada, cy)):
        source = cast.post(author)
        answer = api(actor).post(f"/v1/posts/{source.pk}/remix", {"prompt": "x"}, format="json")
        jobs[actor.handle, author.handle] = int(answer.json()["id"])
    other = "bo" if builder == "ada" else "ada"
    assert api({"ada": ada, "bo": bo}[builder]).put(f"/v1/people/{other}/block").status_code == 204
    settle()
    status = dict(Generation.objects.values_list("pk", "status"))
    assert {pair: status[job] for pair, job in jobs.items()} == {
        ("ada", "bo"): "cancelled",
        ("bo", "ada"): "cancelled",
        ("ada", "cy"): "queued",
    }
    assert Hold.objects.filter(state=HoldState.RELEASED).count() == 2


def test_a_draft_is_posted_once_and_the_key_repeats_the_answer(ada, api, maker):
    draft = made(api(ada))["drafts"][0]
    client = api(ada)
    client.credentials(HTTP_X_SESSION_TOKEN=cast.session_token(ada), HTTP_IDEMPOTENCY_KEY="p1")
    first, again = publish(client, draft["id"]), publish(client, draft["id"])
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    other = publish(api(ada), draft["id"])
    assert (other.status_code, other.json()["code"]) == (409, "already_posted")


def test_nobody_sees_a_post_before_its_time_and_undo_brings_the_draft_back(ada, bo, api, maker, settle):
    draft = made(api(ada))["drafts"][0]
    post = publish(api(ada), draft["id"], undo_s=30).json()
    assert api(bo).get(f"/v1/posts/{post['id']}").status_code == 404
    assert api(ada).post(f"/v1/posts/{post['id']}/undo").status_code == 204
    settle()
    assert api(ada).get(f"/v1/drafts/{draft['id']}").json()["status"] == "ready"
    again = publish(api(ada), draft["id"])
    assert again.status_code == 201
    assert api(bo).get(f"/v1/posts/{again.json()['id']}").status_code == 200


@pytest.mark.parametrize("when", ["2020-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "soon"])
def test_a_post_is_not_scheduled_for_nonsense(when, ada, api, maker):
    draft = made(api(ada))["drafts"][0]
    answer = publish(api(ada), draft["id"], publish_at=when)
    assert answer.status_code == 422
    assert "publish_at" in answer.json()["errors"]
    assert api(ada).get(f"/v1/drafts/{draft['id']}").json()["status"] == "ready"


def test_a_deleted_draft_is_gone_with_its_files(ada, api, maker, settle, tmp_path, django_capture_on_commit_callbacks):
    draft = made(api(ada))["drafts"][0]
    link = draft["media"]["url"].removeprefix("http://127.0.0.1:8000")
    assert len([path for path in (tmp_path / "media").rglob("*") if path.is_file()]) == 2
    assert api(ada).delete(f"/v1/drafts/{draft['id']}").status_code == 204
    assert api(None).get(link).status_code == 404
    assert api(ada).get(f"/v1/drafts/{draft['id']}").status_code == 404
    assert api(ada).delete(f"/v1/drafts/{draft['id']}").status_code == 404
    with django_capture_on_commit_callbacks() as afterwards:
        settle()
    # while the transaction may still fail, the files are there
    assert len([path for path in (tmp_path / "media").rglob("*") if path.is_file()]) == 2
    for act in afterwards:
        act()
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert not Clip.objects.exists()


def test_deleting_a_posted_draft_leaves_the_post(ada, bo, api, maker, settle):
    draft = made(api(ada))["drafts"][0]
    post = publish(api(ada), draft["id"]).json()
    api(ada).delete(f"/v1/drafts/{draft['id']}")
    settle()
    seen = api(bo).get(f"/v1/posts/{post['id']}").json()
    assert api(None).get(seen["media"]["url"].removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_mallory_meets_404_everywhere_and_nothing_changes(ada, mallory, api, maker):
    job = made(api(ada))
    draft = job["drafts"][0]
    client = api(mallory)
    for verb, path in (
        ("get", f"generations/{job['id']}"),
        ("post", f"generations/{job['id']}/cancel"),
        ("post", f"generations/{job['id']}/reroll"),
        ("get", f"drafts/{draft['id']}"),
        ("delete", f"drafts/{draft['id']}"),
        ("post", f"drafts/{draft['id']}/publish"),
    ):
        answer = getattr(client, verb)(f"/v1/{path}", {} if verb == "post" else None, format="json")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        assert getattr(api(None), verb)(f"/v1/{path}").status_code == 401
    assert client.get("/v1/generations").json() == {"items": [], "next": None}
    assert client.get("/v1/drafts").json() == {"items": [], "next": None}
    assert api(ada).get(f"/v1/drafts/{draft['id']}").json()["status"] == "ready"
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("path", ["generations", "drafts"])
def test_a_page_costs_the_same_for_5_and_10_rows(path, ada, api, maker):
    client = api(ada)
    costs = []
    for _ in range(2):
        for _ in range(5):
            made(client)
        client.get(f"/v1/{path}")

        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get(f"/v1/{path}", {"limit": 100}).json()
        costs.append((len(page["items"]), len(queries)))
    assert [rows for rows, _ in costs] == [5, 10]
    assert costs[0][1] == costs[1][1] <= 8


def test_pages_neither_repeat_nor_skip(ada, api, maker):
    ids = [made(api(ada))["id"] for _ in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = api(ada).get("/v1/generations", {"limit": 2, "cursor": cursor}).json()
        seen += [job["id"] for job in page["items"]]
        cursor = page["next"]
    assert seen == ids[::-1]
    assert api(ada).get("/v1/drafts", {"cursor": "zzz"}).status_code == 422


def test_a_broker_that_is_down_delays_a_job_and_loses_none(ada, api, maker, monkeypatch, sent):
    def down(job_id):
        raise BrokerDown("no broker")

    job = ask(api(ada)).json()
    with monkeypatch.context() as patch:
        patch.setattr(generating, "dispatch", down)
        outbox.relay()
    assert OutboxEvent.objects.get().pending == ["sora_social.studio.generating.enqueue"]
    OutboxEvent.objects.update(due_at="2026-01-01T00:00:00Z")
    outbox.relay()
    assert sent == [int(job["id"])]
    assert not OutboxEvent.objects.exists()


def test_a_draft_link_is_for_its_owner_for_a_minute_while_there_is_something_to_see(ada, bo, api, maker):
    draft = made(api(ada))["drafts"][0]
    path = draft["media"]["url"].removeprefix("http://127.0.0.1:8000")
    assert api(None).get(path).status_code == 200
    assert api(None).head(path).status_code == 200
    assert api(None).get(path, headers={"range": "bytes=0-3"}).status_code == 206
    assert api(None).get(path, headers={"accept": "video/*"}).status_code == 200
    assert api(None).post(path).status_code == 405
    now = int(time.time())
    foreign = links.media_prefix("d", int(draft["id"]), bo.pk, now)[0].decode()
    as_post = links.media_prefix("p", int(draft["id"]), ada.pk, now)[0].decode()
    over = links.media_prefix("d", int(draft["id"]), ada.pk, now - 61)[0].decode()
    for wrong in (
        f"{foreign}video.mp4".removeprefix("http://127.0.0.1:8000"),
        f"{as_post}video.mp4".removeprefix("http://127.0.0.1:8000").replace("/p/", "/d/"),
        f"{over}video.mp4".removeprefix("http://127.0.0.1:8000"),
        path.replace("video.mp4", "captions.vtt"),
        path.replace("video.mp4", "other"),
        path.replace(draft["id"], "1"),
        path.replace(draft["id"], "9" * 19),
        f"/media/d/{draft['id']}/x/video.mp4",
        f"/media/d/{draft['id']}/%00/video.mp4",
    ):
        answer = api(None).get(wrong)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), wrong
    people.set_active(ada.pk, active=False)
    assert api(None).get(path).status_code == 404


def test_a_removed_post_does_not_play_through_its_draft(ada, api, maker):
    draft = made(api(ada))["drafts"][0]
    path = draft["media"]["url"].removeprefix("http://127.0.0.1:8000")
    post = publish(api(ada), draft["id"]).json()
    assert api(None).get(path).status_code == 200
    with transaction.atomic():
        assert posting.remove_post(int(post["id"]))
    assert api(None).get(path).status_code == 404
    with transaction.atomic():
        assert posting.restore_post(int(post["id"]))
    assert api(None).get(path).status_code == 200


@pytest.mark.parametrize("hiding", [{"prompt_visibility": "private"}, {"visibility": "unlisted"}])
def test_a_refusal_does_not_tell_of_a_prompt_behind_that_is_hidden(hiding, ada, bo, cy, api):
    root = cast.post(bo, prompt="my little girl on a swing", **hiding)
    child = cast.post(cy, sources=[root], prompt="at night")

    def refusal(person):
        return api(person).post(f"/v1/posts/{child.pk}/remix", {"prompt": "make it sexy"}, format="json").json()

    hidden = refusal(ada)
    assert (hidden["status"], hidden["refusal"]["rule"], hidden["refusal"]["span"]) == ("refused", "lineage", None)
    assert refusal(bo)["refusal"]["rule"] == "minors_sexual"  # who wrote it may know


def test_only_the_nearest_posts_behind_are_read(ada, bo, api, monkeypatch):
    monkeypatch.setattr(limiting, "ANCESTORS_READ", 2)
    top = cast.post(bo, prompt="my little girl on a swing")
    for place in range(4):
        top = cast.post(bo, sources=[top], prompt="at night")
        refused = api(ada).post(f"/v1/posts/{top.pk}/remix", {"prompt": "make it sexy"}, format="json").json()
        assert (refused["status"] == "refused") == (place < 2)
