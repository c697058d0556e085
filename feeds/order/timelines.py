"""Lists of what people follow, pushed to as posts appear: in Redis, for those who looked within the last week.

A cached list is not a timeline. Each carries a mark: from that id on nothing is missing that authors who are not loud
published; below it the database is read (`following`). The list of a person is one string, so that it is there whole or
not at all:

    token 8 bytes | server 8 | mark 8 | ids, 8 each, rising

It is begun with a token and the mark BUILDING, so that what is pushed meanwhile lands; then the database is read; then
the ids are filled in, if the token is still the same. Who follows somebody new loses their list: a filling that was
under way is refused. A list that another run of Redis began is nobody's list: after a restart from an old copy, or on a
replica that took over, pushes may be missing.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from struct import pack, unpack_from
from typing import Any

import redis
import structlog
from django.conf import settings
from redis.commands.core import Script

from feeds.models import LoudAuthor
from feeds.moments import PAGE_BITS, new_page_id
from sora_social.accounts.events import PersonFollowed, PersonUnfollowed
from sora_social.accounts.models import Follow
from sora_social.core import bus
from sora_social.posts.events import PostPublished
from sora_social.posts.models import Post

log = structlog.get_logger(__name__)

BUILDING = 2**63 - 1  # as a mark: complete for nothing yet
HEAD = 24
FILLED_WITH = 200  # posts that a list begins with; it grows by pushes up to TIMELINE_POSTS
BUILT_WITHIN_MS = 30_000  # a list whose builder is silent for so long may be begun by somebody else
PUSHED_AT_ONCE = 500

# Ids are compared by halves: a number of Redis' Lua holds 53 bits, and its strings compare by locale.
_LUA = """
local BUILDING = '\\127\\255\\255\\255\\255\\255\\255\\255'
local function less(a, b)
    local a1, a2 = struct.unpack('>I4I4', a)
    local b1, b2 = struct.unpack('>I4I4', b)
    return a1 < b1 or (a1 == b1 and a2 < b2)
end
local function with(ids, id)
    local low, high = 0, #ids / 8
    while low < high do
        local middle = math.floor((low + high) / 2)
        if less(string.sub(ids, 8 * middle + 1, 8 * middle + 8), id) then low = middle + 1 else high = middle end
    end
    if string.sub(ids, 8 * low + 1, 8 * low + 8) == id then return ids end
    return string.sub(ids, 1, 8 * low) .. id .. string.sub(ids, 8 * low + 1)
end
"""

_BEGIN = (
    _LUA
    + """
local head = redis.call('GETRANGE', KEYS[1], 0, 23)
if #head == 24 and string.sub(head, 9, 16) == string.sub(ARGV[1], 9, 16)
   and (string.sub(head, 17, 24) ~= BUILDING or not less(string.sub(head, 1, 8), ARGV[2])) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
return 1
"""
)

_FILL = (
    _LUA
    + """
local list = redis.call('GET', KEYS[1])
if not list or string.sub(list, 1, 16) ~= string.sub(ARGV[1], 1, 16) then return 0 end
local mark, ids = string.sub(ARGV[1], 17, 24), ARGV[2]
for place = 25, #list, 8 do
    local pushed = string.sub(list, place, place + 7)
    if not less(pushed, mark) then ids = with(ids, pushed) end
end
redis.call('SET', KEYS[1], ARGV[1] .. ids, 'EX', ARGV[3])
return 1
"""
)

# Trimming raises the mark to the oldest id that is left; a quarter more than asked for is let in before it is done.
_PUSH = (
    _LUA
    + """
local key, id, most = KEYS[1], ARGV[1], tonumber(ARGV[2])
local size = redis.call('STRLEN', key)
if size == 0 then return 0 end
if size == 24 or less(redis.call('GETRANGE', key, size - 8, size - 1), id) then
    size = redis.call('APPEND', key, id)
else
    local list = redis.call('GET', key)
    local mark = string.sub(list, 17, 24)
    if mark ~= BUILDING and less(id, mark) then return 1 end
    list = string.sub(list, 1, 24) .. with(string.sub(list, 25), id)
    size = #list
    redis.call('SET', key, list, 'KEEPTTL')
end
if (size - 24) / 8 > most * 1.25 then
    local list = redis.call('GET', key)
    if string.sub(list, 17, 24) ~= BUILDING then
        local ids = string.sub(list, size - 8 * most + 1)
        redis.call('SET', key, string.sub(list, 1, 16) .. string.sub(ids, 1, 8) .. ids, 'KEEPTTL')
    end
end
return 1
"""
)


@dataclass(frozen=True, slots=True)
class Window:
    """Ids of a list, falling, with none missing down to `floor`. Fewer than were asked for: the list has no more."""

    ids: Sequence[int]
    floor: int

    @classmethod
    def cut(cls, rising: Sequence[int], mark: int, *, before: int, count: int) -> "Window":
        end = bisect_left(rising, before)
        ids = rising[max(0, end - count) : end][::-1]
        return cls(ids, ids[-1] if len(ids) == count else mark)


def _key(viewer_id: int) -> str:
    return f"timeline:{viewer_id}"


@cache
def _script(text: str) -> Script:
    return bus.client().register_script(text)


class Absence(Enum):
    """Why there is no list to rely on."""

    NO_LIST = "it may be begun"
    NOT_NOW = "somebody is at it, or Redis is away"


def window(viewer_id: int, *, before: int, count: int) -> Window | Absence:
    """The newest `count` ids below `before`. Keeps the list for another week."""
    try:
        found: Any = bus.client().getex(_key(viewer_id), ex=settings.TIMELINE_SECONDS)
    except redis.RedisError as error:
        log.warning("timeline_not_read", error=str(error))
        return Absence.NOT_NOW
    if found is None or found[8:16] != bus.server_run():
        return Absence.NO_LIST
    begun_at, _, mark = unpack_from(">qqq", found)
    if mark == BUILDING:
        return Absence.NOT_NOW if begun_at > _patience() else Absence.NO_LIST
    return Window.cut(unpack_from(f">{(len(found) - HEAD) // 8}q", found, HEAD), mark, before=before, count=count)


def begin(viewer_id: int) -> bytes | None:
    """Begin a list, so that pushes land in it; a token to fill it with. None when others were quicker.

    What is filled in must be read from the database after this.
    """
    token = pack(">q", new_page_id()) + bus.server_run()
    try:
        begun = _script(_BEGIN)(
            keys=[_key(viewer_id)],
            args=[token + pack(">q", BUILDING), pack(">q", _patience()), settings.TIMELINE_SECONDS],
        )
    except redis.RedisError as error:
        log.warning("timeline_not_begun", error=str(error))
        return None
    return token if begun else None


def _patience() -> int:
    """Who began a list with a token before this is not waited for any longer."""
    return new_page_id() - (BUILT_WITHIN_MS << PAGE_BITS)


def fill(viewer_id: int, token: bytes, rising: Sequence[int], *, mark: int) -> bool:
    """Fill in what the database had since `begin`, complete from `mark` on. Refused when the list is not that one."""
    try:
        done = _script(_FILL)(
            keys=[_key(viewer_id)],
            args=[token + pack(">q", mark), pack(f">{len(rising)}q", *rising), settings.TIMELINE_SECONDS],
        )
    except redis.RedisError as error:
        log.warning("timeline_not_filled", error=str(error))
        return False
    return bool(done)


def push(event: PostPublished) -> None:
    """Bring a post to its author's followers who have a list; of an author who has too many it is pulled from now on.

    Until this is done the post waits in the outbox, and is read from there (`following`). Raises RedisError: the event
    is tried again.
    """
    author_id = Post.objects.filter(pk=event.post_id).values_list("author_id", flat=True).first()
    if author_id is None or LoudAuthor.objects.filter(pk=author_id).exists():
        return
    follows = Follow.objects.filter(followee=author_id)
    follower_ids = list(follows.values_list("follower_id", flat=True)[: settings.FANOUT_AT_MOST + 1])
    if len(follower_ids) > settings.FANOUT_AT_MOST:
        LoudAuthor.objects.get_or_create(author_id=author_id)
        return
    reached = [follower_id for chunk in _chunks(follower_ids) for follower_id in _pushed(event.post_id, chunk)]
    if reached:  # who went away meanwhile may have got it in a list that was made since
        gone = set(reached) - set(follows.filter(follower__in=reached).values_list("follower_id", flat=True))
        _delete(gone)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + PUSHED_AT_ONCE] for start in range(0, len(ids), PUSHED_AT_ONCE))


def _pushed(post_id: int, viewer_ids: Sequence[int]) -> list[int]:
    """Push to these people's lists, in one round trip; who of them has one."""
    script = _script(_PUSH)
    args: list[bytes | int] = [pack(">q", post_id), settings.TIMELINE_POSTS]
    with bus.client().pipeline(transaction=False) as pipe:
        for viewer_id in viewer_ids:
            script(keys=[_key(viewer_id)], args=args, client=pipe)
        return [viewer_id for viewer_id, has_list in zip(viewer_ids, pipe.execute(), strict=True) if has_list]


def forget(event: PersonFollowed | PersonUnfollowed) -> None:
    """Take away the list of who follows others than before; it is made again at their next look. Raises RedisError."""
    _delete([event.follower_id])


def _delete(viewer_ids: "Sequence[int] | set[int]") -> None:
    if viewer_ids:
        bus.client().unlink(*map(_key, viewer_ids))
