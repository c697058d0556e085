"""The whole way with real processes: a prompt over HTTP, a worker that renders, a post that somebody else plays."""

import http.client
import io
import json
import time
from urllib.parse import urlsplit

from sora_social.media import manifests
from tests import cast
from tests.processes import eventually


class Client:
    def __init__(self, port, person=None):
        self.port = port
        self.headers = {"X-Session-Token": cast.session_token(person)} if person else {}

    def call(self, verb, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        sent = {**self.headers, **headers, **({"Content-Type": "application/json"} if body is not None else {})}
        connection.request(verb, path, json.dumps(body) if body is not None else None, sent)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, answer.headers, json.loads(data) if is_json and data else data


def test_a_prompt_becomes_a_post_that_a_stranger_plays_and_remixes(running, owner, folder):
    bo = cast.person("bo")
    _, port = running.api(PROVIDER="preview")
    worker = running.worker(children=2)
    ada_client, bo_client, nobody = Client(port, owner), Client(port, bo), Client(port)

    def make(client, path, body):
        status, _, job = client.call("POST", path, body, **{"Idempotency-Key": f"{path}{time.monotonic_ns()}"})
        assert status == 202, job
        job_path = f"/v1/generations/{job['id']}"
        eventually(
            lambda: client.call("GET", job_path)[2]["status"] == "completed", seconds=30, what=worker.last_words(20)
        )
        return client.call("GET", job_path)[2]["drafts"][0]

    draft = make(ada_client, "/v1/generations", {"prompt": 'a fox in the snow says "hello"', "seconds": 5})
    status, _, post = ada_client.call("POST", f"/v1/drafts/{draft['id']}/publish", {"caption": "first #snow"})
    assert status == 201, post

    status, _, seen = bo_client.call("GET", f"/v1/posts/{post['id']}")
    assert (status, seen["caption"]) == (200, "first #snow")
    video = urlsplit(seen["media"]["url"]).path
    status, headers, data = nobody.call("GET", video)
    assert (status, headers["Content-Type"], data[4:8]) == (200, "video/mp4", b"ftyp")
    # what is played is signed: by the worker, as this process sees it, and as the API reads it
    assert manifests.read(io.BytesIO(data)).statement.handle == "ada"
    status, _, said = bo_client.call("GET", urlsplit(seen["ai_disclosure"]["manifest_url"]).path)
    assert (status, said["state"], said["credit"]["author"]["handle"]) == (200, "valid", "ada")
    status, headers, part = nobody.call("GET", video, Range="bytes=100-199")
    assert (status, part) == (206, data[100:200])
    status, headers, captions = nobody.call("GET", urlsplit(seen["media"]["captions_url"]).path)
    assert (status, captions[:6]) == (200, b"WEBVTT")

    remix = make(bo_client, f"/v1/posts/{post['id']}/remix", {"prompt": "the same at night", "seconds": 5})
    status, _, child = bo_client.call("POST", f"/v1/drafts/{remix['id']}/publish", {})
    assert (status, child["lineage"]["root_id"], child["lineage"]["depth"]) == (201, post["id"], 1)
    status, _, said = ada_client.call("GET", f"/v1/posts/{child['id']}/manifest")
    (source,) = said["ingredients"]
    assert (source["manifest"], source["post"]["id"]) == ("valid", post["id"])
    eventually(
        lambda: ada_client.call("GET", f"/v1/posts/{post['id']}/remixes")[2]["items"][0]["id"] == child["id"], seconds=5
    )
    status, _, _ = ada_client.call("PUT", "/v1/people/bo/block")
    assert status == 204
    assert nobody.call("GET", video)[0] == 404  # the link that bo was given a moment ago
