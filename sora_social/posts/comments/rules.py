"""The rules of a room: who sets them, what they say, and what they let somebody do."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sora_social.accounts import ties
from sora_social.accounts.models import Follow, User
from sora_social.core import outbox, wording
from sora_social.core.errors import DomainError, Forbidden, NotFound, TooMany
from sora_social.posts.comments import numbers
from sora_social.posts.events import RoomLookedInto, RoomModerated
from sora_social.posts.live.frames import Scene
from sora_social.posts.models import Comment, Post, Room, RoomEventKind, Speakers
from sora_social.posts.posting import post_for

_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")


class TimedOut(Forbidden):
    """The host of the room asked this person to listen for a while."""

    code = "timed_out"
    title = "You may read here, and not speak"


class RoomClosed(Forbidden):
    """The room is not open to what this person would say."""

    code = "room_closed"
    title = "You may not speak here"


class SlowMode(TooMany):
    """They spoke a moment ago, and the room is slow."""

    code = "slow_mode"
    title = "This room is slow"


@dataclass(frozen=True)
class RoomView:
    """A room as one person finds it. `blocked_words` are for who may set them; None for everybody else."""

    room: Room
    blocked_words: list[str] | None
    refusal: DomainError | None
    silent_until: datetime | None


def room_for(viewer: User, post_id: int) -> RoomView:
    """The rules of a room, and what they mean for `viewer`. Raises NotFound."""
    post = post_for(viewer, post_id)
    room = Room.objects.filter(pk=post_id).first() or Room(post=post)
    scene = numbers.scene_of(room, post.author_id, [viewer.pk])
    refusal = None
    try:
        require_may_speak(viewer, scene)
    except DomainError as found:
        refusal = found
    blocked_words = room.blocked_words if may_host(viewer, post) else None
    if blocked_words:
        note_if_looked_into(viewer, post, path=f"/v1/posts/{post_id}/room")
    until = scene.silent.get(viewer.pk)
    return RoomView(
        room=room,
        blocked_words=blocked_words,
        refusal=refusal,
        silent_until=until if until and until > timezone.now() else None,
    )


def room_as(person_id: int, post_id: int) -> RoomView:
    """`room_for` for a socket, which keeps an id and no person. Raises NotFound."""
    viewer = User.objects.filter(pk=person_id, is_active=True).first()
    if viewer is None:
        raise NotFound
    return room_for(viewer, post_id)


def set_room(actor: User, post_id: int, *, reason: str = "", **changes: Any) -> RoomView:
    """Change the rules of one's own room: `slow_mode_s`, `who`, `blocked_words`, `hold`. They bind whoever speaks next.

    Moderators may do it in any room, and say why. Raises NotFound, Forbidden, Invalid.
    """
    post = hosted_post(actor, post_id)
    if "blocked_words" in changes:
        changes["blocked_words"] = _each_once(changes["blocked_words"])
    with transaction.atomic():
        scene = numbers.take(post, about=actor.pk)
        room = scene.room
        if all(getattr(room, name) == value for name, value in changes.items()):
            transaction.set_rollback(True)  # the number goes back: nothing happened
        else:
            for name, value in changes.items():
                setattr(room, name, value)
            Room.objects.filter(pk=post_id).update(**changes)
            numbers.record(RoomEventKind.ROOM, scene)
            note_if_moderated(actor, post, act="changed", reason=reason)
    return RoomView(room, room.blocked_words, refusal=None, silent_until=None)


def hosted_post(actor: User, post_id: int) -> Post:
    """A post whose room `actor` may look after: their own, or any that stands where they are a moderator.

    Raises NotFound, Forbidden.
    """
    if is_moderator(actor):
        found = Post.objects.filter(pk=post_id, deleted_at=None).first()
        if found is None:
            raise NotFound
        return found
    post = post_for(actor, post_id)
    if not may_host(actor, post):
        raise Forbidden("Only the author of the post may do this.")
    return post


def may_host(actor: User, post: Post) -> bool:
    return actor.pk == post.author_id or is_moderator(actor)


def is_moderator(actor: User) -> bool:
    return actor.is_staff and actor.is_active


def note_if_moderated(
    actor: User, post: Post, *, act: str, reason: str, comment_id: int | None = None, person_id: int | None = None
) -> None:
    """What somebody does in a room that is not theirs is a moderator's decision: it is logged as one, with its reason.

    In the caller's transaction. Raises Invalid without a reason.
    """
    if actor.pk != post.author_id:
        outbox.announce(RoomModerated(actor.pk, post.pk, act, reason, comment_id=comment_id, person_id=person_id))


def note_if_looked_into(actor: User, post: Post, *, path: str) -> None:
    """Who looks behind a room that is not theirs does it as a moderator: it is logged before they are shown it."""
    if actor.pk != post.author_id:
        outbox.announce(RoomLookedInto(actor.pk, post.pk, path))


def require_may_speak(actor: User, scene: Scene) -> None:
    """Whether somebody may say something now. The host of a room is bound by none of its rules.

    Where it counts it is asked under the lock of the room, in the transaction that says it.
    Raises TimedOut, RoomClosed, SlowMode, each with what there is to wait for.
    """
    if actor.pk == scene.host_id:
        return
    require_not_silent(actor, scene)
    if not _is_among(actor, scene.room.who, scene.host_id):
        raise RoomClosed
    slow = timedelta(seconds=scene.room.slow_mode_s)
    if slow:
        said = Comment.objects.filter(post=scene.room.pk, author=actor)
        last = said.aggregate(last=Max("created_at"))["last"]
        left = last + slow - timezone.now() if last else timedelta()
        if left > timedelta():
            raise SlowMode(retry_after=math.ceil(left.total_seconds()))


def require_not_silent(actor: User, scene: Scene) -> None:
    """Raises TimedOut."""
    until, now = scene.silent.get(actor.pk), timezone.now()
    if until is not None and until > now:
        raise TimedOut(retry_after=math.ceil((until - now).total_seconds()))


def _is_among(actor: User, who: str, host_id: int) -> bool:
    match who:
        case Speakers.EVERYONE:
            return not _is_adult_unknown_to_teen(actor, host_id)
        case Speakers.FOLLOWERS:
            follows = Follow.objects.filter(follower=actor, followee=host_id).exists()
            return follows and not _is_adult_unknown_to_teen(actor, host_id)
        case Speakers.MUTUALS:
            return ties.are_mutuals(actor, host_id)
    return False


def _is_adult_unknown_to_teen(actor: User, host_id: int) -> bool:
    """Under a teen's post only those adults speak whom the teen follows: it is no way to them for others."""
    today = timezone.now().date()
    if actor.is_teen(today) or not User.objects.get(pk=host_id).is_teen(today):
        return False
    return not Follow.objects.filter(follower=host_id, followee=actor).exists()


def is_to_be_held(author: User, scene: Scene, text: str) -> bool:
    """Whether these words wait until the host has looked at them."""
    if author.pk == scene.host_id:
        return False
    return scene.room.hold or has_blocked_word(text, tuple(scene.room.blocked_words))


def has_blocked_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words stands in the text: as a whole word, or anywhere where a script has no spaces.

    Case, accents, width and letters that only look alike make no difference, nor does s p e l l i n g it out.
    """
    expression = _expression(words)
    if expression is None:
        return False
    read = wording.Text(text)
    if expression.search(read.plainly.plain):
        return True
    bare = read.unmasked
    return bare is not None and any(
        any(bare.masked[hit.start() : hit.end()]) for hit in expression.finditer(bare.plain)
    )


@lru_cache(maxsize=256)
def _expression(words: tuple[str, ...]) -> "re.Pattern[str] | None":
    parts = []
    for word in words:
        folded = wording.folded(word)[0].strip()
        if not folded:
            continue
        escaped = r"\s+".join(map(re.escape, folded.split()))
        parts.append(escaped if _UNSPACED.search(folded) else rf"(?<!\w){escaped}(?!\w)")
    return re.compile("|".join(parts)) if parts else None


def _each_once(words: Iterable[str]) -> list[str]:
    """The words as they were written, those that read the same once."""
    kept = {" ".join(wording.folded(word)[0].split()): " ".join(word.split()) for word in words}
    return [word for folded, word in kept.items() if folded]
