"""L02: a socket that does not read costs at most 1 MB and slows nobody; it gets a place to resume from."""

import json
import socket
import time
from contextlib import ExitStack

import psutil
import pytest
from websockets.exceptions import ConnectionClosed

from sora_social.core import bus
from sora_social.posts.live.frames import Frame, channel_of, message_of
from tests import cast
from tests.live_processes import live, open_socket, read
from tests.processes import eventually

SLOW, FRAMES, SIZE = 12, 600, 16_000


def never_reading(process, person, post):
    """A socket with a small window whose client stops reading after `hello`."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    plain.connect(("127.0.0.1", process.port))
    return open_socket(process.url, person, post.pk, after_seq=0, sock=plain, max_queue=1, close_timeout=0.5)


@pytest.mark.timeout(60)
def test_sockets_that_never_read(committed):
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)
    with ExitStack() as stack:
        [process] = stack.enter_context(live(1))
        quick = stack.enter_context(open_socket(process.url, ada, post.pk))
        slow = [stack.enter_context(never_reading(process, bo, post)) for _ in range(SLOW)]
        for connection in (quick, *slow):
            assert read(connection)["type"] == "hello"
        for connection in slow:
            stack.callback(connection.socket.close)
        eventually(lambda: read(quick, "counts")["viewers"] == SLOW + 1)
        memory = psutil.Process(process.process.pid)
        before, began = memory.memory_info().rss, time.monotonic()
        channel = channel_of(post.pk)
        latencies = []
        for seq in range(1, FRAMES + 1):
            text = json.dumps({"type": "comment", "seq": seq, "padding": "x" * SIZE})
            said_at = time.monotonic()
            bus.publish(channel, message_of(Frame.of_text(text, seq=seq)))
            assert read(quick, "comment")["seq"] == seq
            latencies.append(time.monotonic() - said_at)
        grown = memory.memory_info().rss - before
        assert sorted(latencies)[int(FRAMES * 0.95)] < 0.1
        assert time.monotonic() - began < 20
        assert grown < SLOW * 1_000_000 + 8_000_000, f"{grown / SLOW / 1e6:.2f} MB a socket"
        seqs, resync = everything_in(slow[0])
        assert seqs == list(range(1, len(seqs) + 1)), "what it got is without a gap"
        assert resync == {"type": "resync", "after_seq": len(seqs)}
        assert slow[0].close_code == 4408


def everything_in(connection):
    seqs, last = [], None
    try:
        while True:
            frame = json.loads(connection.recv(timeout=10))
            if frame["type"] == "comment":
                seqs.append(frame["seq"])
            elif frame["type"] != "counts":
                last = frame
    except ConnectionClosed:
        return seqs, last
