"""L01 on a deploy: a process that is told to stop, or killed, with fifty sockets; all come back elsewhere."""

import json
import random
import signal
import threading
import time
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sora_social.posts.comments import commenting
from tests import cast
from tests.live_processes import LiveProcess, open_socket
from tests.processes import eventually

SOCKETS, COMMENTS = 50, 60


class Client(threading.Thread):
    """A client as it should be: it keeps its last number, and comes back when it was asked to, to whoever is there."""

    def __init__(self, person, token, post_id, urls):
        super().__init__(daemon=True)
        self.person, self.token, self.post_id, self.urls = person, token, post_id, urls
        self.seqs, self.asked_to_wait, self.entries = [], [], 0
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.is_set():
            with suppress(ConnectionClosed, InvalidStatus, OSError, EOFError, TimeoutError):
                self.watch(self.urls[-1 if self.entries else 0])
            if not self.over.is_set():
                time.sleep(self.asked_to_wait[-1] / 1000 if self.asked_to_wait else random.uniform(0, 1))

    def watch(self, url):
        after = self.seqs[-1] if self.seqs else 0
        with open_socket(url, self.person, self.post_id, after_seq=after, token=self.token) as room:
            self.entries += 1
            while not self.over.is_set():
                try:
                    frame = json.loads(room.recv(timeout=0.2))
                except TimeoutError:
                    continue
                if frame["type"] == "comment":
                    self.seqs.append(frame["seq"])
                elif frame["type"] == "closed":
                    self.asked_to_wait.append(frame["reconnect_in_ms"])


@pytest.mark.timeout(120)
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["told to stop", "killed"])
def test_all_come_back_elsewhere_with_nothing_lost_or_doubled(end, committed):
    people = [cast.person(f"{end.name.lower()}{number}") for number in range(10)]
    post = cast.post(people[0])
    tokens = [cast.session_token(person) for person in people]
    old, new = LiveProcess(), LiveProcess()
    crowd = []
    try:
        for process in (old, new):
            process.wait_until_it_listens()
        urls = [old.url, new.url]
        crowd = [Client(people[n % 10], tokens[n % 10], post.pk, urls) for n in range(SOCKETS)]
        eventually(lambda: all(client.entries for client in crowd), seconds=30)
        for number in range(COMMENTS):
            commenting.say(people[number % 10], post.pk, text=f"{number}")
            if number == COMMENTS // 3:
                old.process.send_signal(end)
            time.sleep(0.02)
        everything = list(range(1, COMMENTS + 1))
        eventually(lambda: all(client.seqs == everything for client in crowd), seconds=40, what="not all of it")
        assert all(client.entries == 2 for client in crowd)
        if end == signal.SIGTERM:
            waits = [client.asked_to_wait for client in crowd]
            assert {len(wait) for wait in waits} == {1}
            flat = sorted(wait for [wait] in waits)
            assert 0 <= flat[0] < 1_500
            assert 3_500 < flat[-1] <= 5_000
            assert len(set(flat)) > SOCKETS // 2, "each at its own moment"
    finally:
        for client in crowd:
            client.over.set()
        for client in crowd:
            client.join(10)
        for process in (old, new):
            process.kill()
