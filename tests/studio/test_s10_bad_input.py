"""S10: whatever is sent to the studio, no answer is a 5xx."""

import json

import pytest

from sora_social.studio import generating
from tests import cast

NUMBERS = [0, -1, 1.5, 5.0, 2**31, 2**63, 2**64 - 1, 1e308]
TEXTS = [
    "",
    " ",
    "5",
    "nan",
    "inf",
    "-0",
    "\x00",
    "a\x00b",
    "🦊",
    "\u202e\u200b",
    "ﷺ" * 500,
    "x" * 2001,
    "'; DROP TABLE x",
    "٣",
]
TIMES = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-13-45", "2026-01-01T00:00:00+99:99"]
SHOTS = [[{"text": "a", "seconds": "nan"}], [{"text": "a", "seconds": True}], [{"text": None, "seconds": []}]]
SOURCES = [[{"post_id": "9" * 19, "kind": "remix"}], [{"post_id": 1, "kind": []}], [{"post_id": "0", "kind": "extend"}]]
THINGS = [None, True, False, [], [[]], [None], ["a"] * 200, {}, {"a": 1}, [{}]]
NASTY = [*NUMBERS, *TEXTS, *TIMES, *SHOTS, *SOURCES, *THINGS]
WORDS = ("prompt", "seconds", "orientation", "style", "camera", "negative_prompt", "shots", "seed", "variations")
PUBLISH = ["caption", "visibility", "remix_policy", "prompt_visibility", "publish_at", "undo_s"]
BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b'{"prompt": "\\ud800"}',
    b'{"a":' * 5000,
    b"{}" + b" " * 300_000,
]
QUERIES = ["limit=0", "limit=101", "limit=x", "limit=1e9", "cursor=%00", f"cursor={'a' * 300}", "cursor=é", "x=1"]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch, settings):
    monkeypatch.setattr(generating, "dispatch", lambda job_id: None)
    settings.CLIPS_AT_ONCE = settings.CLIPS_PER_DAY = 10_000


def sweep(client, path, fields, base):
    """Every nasty value in every field; the statuses that came back."""
    client.raise_request_exception = False
    found = set()
    for name in fields:
        for value in NASTY:
            answer = client.post(path, json.dumps({**base, name: value}), content_type="application/json")
            assert answer.status_code < 500, (path, name, value, answer.content)
            found.add(answer.status_code)
    return found


def test_s10_generations(ada, api):
    assert sweep(api(ada), "/v1/generations", (*WORDS, "cast", "sources"), {"prompt": "x"}) <= {202, 404, 422}


def test_s10_remix(ada, bo, api):
    post = cast.post(bo)
    assert sweep(api(ada), f"/v1/posts/{post.pk}/remix", (*WORDS, "cast", "kind"), {"prompt": "x"}) <= {202, 422}


def test_s10_publish(ada, api):
    draft = cast.finished_job(ada).drafts.get()
    assert sweep(api(ada), f"/v1/drafts/{draft.pk}/publish", PUBLISH, {"visibility": "nonsense"}) <= {201, 409, 422}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"a": "\\ud800"}', b'{"a":' * 5000, b" " * 300_000],
)
@pytest.mark.parametrize("path", ["/v1/generations", "/v1/posts/1/remix", "/v1/drafts/1/publish"])
def test_s10_bodies_that_are_none(body, path, ada, api):
    answer = api(ada).post(path, body, content_type="application/json")
    assert 400 <= answer.status_code < 500
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", ["/v1/generations", "/v1/drafts"])
def test_s10_queries(query, path, ada, api):
    assert api(ada).get(f"{path}?{query}").status_code in {200, 422}


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_s10_keys(key, ada, api):
    answer = api(ada).post("/v1/generations", {"prompt": "x"}, format="json", headers={"Idempotency-Key": key})
    assert answer.status_code == 422
