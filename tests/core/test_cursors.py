"""Cursors go through anybody's hands: they cannot be made up, moved to another list, or read."""

import base64
import struct

import pytest

from sora_social.core import cursors
from sora_social.core.errors import Invalid
from tests import cast


def raw(cursor):
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


@pytest.mark.parametrize("values", [(1,), (-1, 2**63 - 1), (0, -(2**63), 7, 8)])
def test_a_cursor_gives_its_place_back_and_is_the_same_for_the_same_place(values):
    cursor = cursors.seal("a list", *values)
    assert cursors.unseal("a list", cursor, len(values)) == values
    assert cursors.seal("a list", *values) == cursor
    assert len(raw(cursor)) == 16 + 8 * len(values)


def test_a_cursor_is_no_good_elsewhere(settings):
    cursor = cursors.seal("a list", 5, 6)
    flipped = bytearray(raw(cursor))
    flipped[-1] ^= 1
    others = [cursor[:-3], cursor + "AAAA", base64.urlsafe_b64encode(flipped).decode(), "", "é", "!", "A" * 5_000]
    for other in others:
        with pytest.raises(Invalid):
            cursors.unseal("a list", other, 2)
    for purpose, count in (("another list", 2), ("a list", 1), ("a list", 3)):
        with pytest.raises(Invalid):
            cursors.unseal(purpose, cursor, count)
    settings.SECRET_KEY = "another one, of another service"
    with pytest.raises(Invalid):
        cursors.unseal("a list", cursor, 2)


@pytest.mark.parametrize("path", ["tree", "tree?order=newest", "leaves", "remixes"])
def test_a_cursor_that_stands_on_a_hidden_post_does_not_tell_its_id(path, ada, bo, cy, api, settle, monkeypatch):
    monkeypatch.setattr("remix.tree._VISITED_AT_MOST", 2)
    root = cast.post(ada)
    cast.post(bo, sources=[root])
    hidden = [cast.post(bo, sources=[root], visibility="unlisted") for _ in range(5)]
    cast.post(bo, sources=[root])
    settle()
    separator = "&" if "?" in path else "?"
    cursor = api(cy).get(f"/v1/posts/{root.pk}/{path}{separator}limit=1").json()["next"]
    told = raw(cursor)
    for post in [*hidden, root]:
        assert struct.pack(">q", post.pk) not in told
