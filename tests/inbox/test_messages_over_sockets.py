"""Messages on open sockets of two processes: each once, in order; and over a cut bus HTTP has what was missed."""

import json
from contextlib import ExitStack

import pytest

from sora_social.accounts import people, ties
from sora_social.core import bus
from sora_social.inbox.conversations import conversing, messaging
from tests import cast
from tests.inbox.test_me_socket import listening
from tests.live_processes import live, read


@pytest.fixture
def friends(committed):
    ada, bo = cast.person("ada"), cast.person("bo")
    people.User.objects.update(messages_from="everyone")
    return ada, bo


class Phone:
    """A client as docs/messages.md tells it: shows a frame that is the next one, else asks what changed."""

    def __init__(self, client, talk_id: int) -> None:
        self.client, self.url = client, f"/v1/conversations/{talk_id}/messages"
        self.seq, self.shown = 0, []

    def hear(self, frame) -> None:
        if frame["type"] == "message" and frame["seq"] == self.seq + 1:
            self._show(frame["seq"], frame["message"]["text"])
        elif frame["type"] == "resync" or frame["seq"] > self.seq:
            self.look()

    def look(self) -> None:
        page = self.client.get(f"{self.url}?after_seq={self.seq}&limit=100").json()
        for item in page["items"]:
            self._show(item["changed_seq"], item["text"])
        self.seq = max(self.seq, page["seq"])

    def _show(self, seq: int, text: str) -> None:
        self.shown.append(text)
        self.seq = seq


def test_a_message_reaches_the_sockets_of_both_and_of_nobody_else(friends):
    ada, bo = friends
    cy = cast.person("cy")
    talk = conversing.begin(ada, handles=["bo"])
    with live(2) as (one, two), ExitStack() as stack:
        hers, his, other = (
            stack.enter_context(listening(process.url, person))
            for process, person in ((one, ada), (two, bo), (two, cy))
        )
        for socket in (hers, his, other):
            assert read(socket)["type"] == "hello"
        for number in range(20):
            messaging.send((ada, bo)[number % 2], talk.pk, text=str(number), client_id=f"c{number}")
        messaging.mark_read(bo, talk.pk, seq=20)
        for socket, person in ((hers, 0), (his, 1)):
            frames = [read(socket, "message") for _ in range(20)]
            assert [frame["seq"] for frame in frames] == list(range(1, 21))
            mine = [frame["message"]["client_id"] for frame in frames]
            assert mine == [f"c{number}" if number % 2 == person else "" for number in range(20)]
        ties.block(bo, "ada")
        other.send('{"type": "ping"}')
        assert read(other) == {"type": "pong"}  # and nothing came before it


def test_r06_over_a_wiped_and_a_cut_bus_each_message_is_shown_once_in_order(friends, api):
    ada, bo = friends
    talk = conversing.begin(ada, handles=["bo"])
    phone = Phone(api(bo), talk.pk)
    with live(1) as (process,), listening(process.url, bo) as socket:
        assert read(socket)["type"] == "hello"
        for number in range(30):
            messaging.send(ada, talk.pk, text=str(number))
            if number % 10 == 4:
                bus.client().flushdb()
            if number == 15:
                bus.client().client_kill_filter(_type="pubsub")
        kinds = []
        while phone.seq < 30:
            frame = json.loads(socket.recv(timeout=10))
            kinds.append(frame["type"])
            phone.hear(frame)
        assert phone.shown == [str(number) for number in range(30)]
        assert "message" in kinds
        assert "resync" in kinds
