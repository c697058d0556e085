"""R06, of messages: Redis emptied while people talk loses none, repeats none, and each reads them in order."""

import http.client
import json
import threading
import time
import uuid

from sora_social.accounts import ties
from sora_social.core import bus
from sora_social.inbox.conversations import conversing
from sora_social.inbox.models import Message, Seat
from tests import cast

SECONDS = 4.0
WIPES = 8


class Talker(threading.Thread):
    """Talks over HTTP, sends everything twice, and asks after each word what changed since the last number."""

    def __init__(self, port: int, token: str, talk_id: int) -> None:
        super().__init__(daemon=True)
        self.port, self.token, self.url = port, token, f"/v1/conversations/{talk_id}"
        self.sent: set[str] = set()
        self.read: list[int] = []
        self.failed: list[str] = []
        self.seq = 0
        self.over = threading.Event()

    def call(self, verb: str, path: str, body: dict | None = None) -> dict:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"X-Session-Token": self.token, "Content-Type": "application/json"}
            connection.request(verb, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            words = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            self.failed.append(f"{verb} {path} {answer.status} {words.decode()[:200]}")
            return {}
        return json.loads(words) if words else {}

    def look(self) -> None:
        page = self.call("GET", f"{self.url}/messages?after_seq={self.seq}&limit=100")
        self.read += [item["seq"] for item in page.get("items", [])]
        self.seq = page.get("seq", self.seq)
        self.call("PUT", f"{self.url}/read", {"seq": self.seq})

    def run(self) -> None:
        while not self.over.is_set():
            word = {"text": "hello", "client_id": uuid.uuid4().hex}
            twice = [self.call("POST", f"{self.url}/messages", word).get("id") for _ in range(2)]
            if twice[0] != twice[1]:
                self.failed.append(f"said twice: {twice}")
            self.sent.add(str(twice[0]))
            self.look()


def test_r06_redis_emptied_while_people_talk_loses_no_message(running):
    ada, bo = cast.person("ada"), cast.person("bo")
    ties.follow(bo, "ada")
    talk = conversing.begin(ada, handles=["bo"])
    _, port = running.api()
    talkers = [Talker(port, cast.session_token(person), talk.pk) for person in (ada, bo)]
    for talker in talkers:
        talker.start()
    for _ in range(WIPES):
        time.sleep(SECONDS / WIPES)
        bus.client().flushdb()
    for talker in talkers:
        talker.over.set()
    for talker in talkers:
        talker.join(30)
        assert not talker.is_alive()
    for talker in talkers:  # once nobody says anything any more
        talker.look()
    assert [failure for talker in talkers for failure in talker.failed] == []
    newest = Message.objects.count()
    for talker, person in zip(talkers, (ada, bo), strict=True):
        assert talker.sent == {str(pk) for pk in Message.objects.filter(author=person).values_list("pk", flat=True)}
        assert talker.read == list(range(1, newest + 1))
        assert len(talker.sent) > 2
        assert Seat.objects.get(person=person).read_seq == newest
