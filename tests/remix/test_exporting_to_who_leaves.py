"""Exports by a real server, to readers who read slowly, leave, or lose the database."""

import http.client
import json
import time

import pytest
from django.db import connection

from tests import cast
from tests.processes import eventually, processes
from tests.remix import growing


@pytest.fixture
def hit(committed, tmp_path):
    """A lineage that does not fit into the buffers on the way, a server, and somebody who may ask it."""
    ada = cast.person("ada")
    ids = growing.grow([ada], growing.star(60_000))
    with processes(tmp_path) as running:
        _, port = running.api()
        yield ids, port, {"X-Session-Token": cast.session_token(ada)}


def begin(hit, post_id=None):
    """Ask, and read no more than the beginning."""
    ids, port, headers = hit
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request("GET", f"/v1/posts/{post_id or ids[0]}/lineage.json", headers=headers)
    answer = client.getresponse()
    return client, answer


def status(hit, post_id):
    client, answer = begin(hit, post_id)
    answer.read()
    client.close()
    return answer.status


def busy() -> list[str]:
    """What sessions of the database are at: those that work, or hold a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state || ': ' || query FROM pg_stat_activity WHERE datname = current_database()"
            " AND state <> 'idle' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return [row[0] for row in cursor.fetchall()]


def wait_until_quiet(*, seconds: float) -> None:
    """Until the database had nothing to do for a while."""
    end = quiet_since = time.monotonic()
    while time.monotonic() < end + seconds:
        if found := busy():
            quiet_since = time.monotonic()
        if time.monotonic() > quiet_since + 2.0:
            return
        time.sleep(0.02)
    raise AssertionError(f"the server does not wait for its readers: {found}")


def test_readers_who_do_not_read_hold_nothing_and_who_leaves_ends_the_work(hit):
    ids, *_ = hit
    readers = [begin(hit), begin(hit)]
    for _, answer in readers:
        assert answer.status == 200
        assert answer.read(1_000).startswith(b'{"post_id":')
    wait_until_quiet(seconds=60)
    assert status(hit, ids[5]) == 503  # both places are taken: neither export went on without its reader
    for client, answer in readers:
        answer.close()
        client.close()
    eventually(lambda: status(hit, ids[5]) == 200, seconds=30, what="places are free again")
    assert busy() == []


def test_a_database_that_fails_in_the_middle_leaves_a_file_that_says_so(hit):
    client, answer = begin(hit)
    read = answer.read(1_000)
    time.sleep(1.0)
    with growing.owner() as owner:
        owner.execute("ALTER TABLE remix_edge RENAME TO remix_edge_away")
        try:
            with pytest.raises((http.client.HTTPException, ConnectionError, json.JSONDecodeError)):
                json.loads(read + answer.read())
        finally:
            owner.execute("ALTER TABLE remix_edge_away RENAME TO remix_edge")
    client.close()
    ids, *_ = hit
    assert status(hit, ids[5]) == 200
