"""R06 in a room: Redis emptied again and again while people speak over sockets and HTTP; nothing is lost or doubled."""

import http.client
import json
import threading
import time
import uuid
from contextlib import ExitStack, contextmanager

from django.db import connection as db_connection
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from sora_social.core import bus
from sora_social.core.errors import DomainError
from sora_social.posts.models import Comment
from tests import cast
from tests.live_processes import Watcher, live, open_socket
from tests.processes import eventually

SECONDS, WIPES = 6.0, 4


class Speaker(threading.Thread):
    """Says one thing after another until told to stop; what was not acknowledged is said again, under the same id."""

    def __init__(self, say):
        super().__init__(daemon=True)
        self.say, self.over, self.said, self.trouble = say, threading.Event(), [], []
        self.start()

    def run(self):
        while not self.over.is_set():
            client_id = uuid.uuid4().hex
            for _ in range(50):
                if self.say(client_id):
                    self.said.append(client_id)
                    break
                time.sleep(0.1)
            else:
                self.trouble.append(client_id)
            time.sleep(0.05)


def over_http(port, person, post):
    headers = {"X-Session-Token": cast.session_token(person), "Content-Type": "application/json"}

    def say(client_id):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            body = json.dumps({"text": client_id, "client_id": client_id})
            connection.request("POST", f"/v1/posts/{post.pk}/comments", body, headers)
            return connection.getresponse().status == 201
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return say


@contextmanager
def over_sockets(url, person, post):
    """Speaks through one socket, and through the next when that is gone."""
    token, rooms, closing = cast.session_token(person), [], ExitStack()

    def say(client_id):
        try:
            if not rooms:
                rooms.append(closing.enter_context(open_socket(url, person, post.pk, token=token)))
            rooms[-1].send(json.dumps({"type": "say", "text": client_id, "client_id": client_id}))
            while True:
                frame = json.loads(rooms[-1].recv(timeout=3))
                if frame.get("client_id") == client_id:
                    return frame["type"] == "said"
        except (ConnectionClosed, InvalidHandshake, DomainError, OSError, EOFError):
            rooms.clear()
            closing.close()
            return False
        finally:
            db_connection.close()

    with closing:
        yield say


def test_r06_what_is_said_while_redis_is_emptied_is_kept_and_seen_once(running):
    ada, bo, cy, dee = (cast.person(handle) for handle in ("ada", "bo", "cy", "dee"))
    post = cast.post(ada)
    _, port = running.api()
    with (
        live(2) as (one, two),
        over_sockets(one.url, cy, post) as through_one,
        over_sockets(two.url, dee, post) as through_two,
    ):
        watchers = [Watcher(ada, post.pk, [one.url]), Watcher(ada, post.pk, [two.url])]
        for watcher in watchers:
            assert watcher.ready.wait(10)
        speakers = [Speaker(say) for say in (over_http(port, bo, post), through_one, through_two)]
        for _ in range(WIPES):
            time.sleep(SECONDS / WIPES)
            bus.client().flushdb()
        for speaker in speakers:
            speaker.over.set()
        for speaker in speakers:
            speaker.join(20)
            assert not speaker.is_alive()
            assert speaker.trouble == []
            assert len(speaker.said) > 3
        said = {client_id for speaker in speakers for client_id in speaker.said}
        stored = list(Comment.objects.order_by("seq").values_list("client_id", flat=True))
        assert sorted(stored) == sorted(said)
        eventually(lambda: all(len(watcher.seqs) >= len(stored) for watcher in watchers), seconds=12)
        for watcher in watchers:
            watcher.stop()
            assert watcher.texts == stored
            assert watcher.seqs == list(range(1, len(stored) + 1))
