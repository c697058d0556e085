"""What the host of a room does there: approve what was held, pin, ask somebody to listen, hide somebody.

The host is the author of the post. Moderators may do it in any room, but pin; they say why, and it is logged.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sora_social.accounts import people
from sora_social.accounts.models import User, walls_between
from sora_social.core.cursors import Page, keyset_page
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.posts.comments import numbers, rules
from sora_social.posts.comments.commenting import bring
from sora_social.posts.comments.reading import comment_for
from sora_social.posts.live.frames import Scene
from sora_social.posts.models import COMMENTS, REPLIES, Comment, Post, Restraint, RoomEventKind


def approve(actor: User, comment_id: int, *, reason: str = "") -> Comment:
    """Let a comment that was held come to the room, as if it was said now. May be repeated.

    Raises NotFound, Forbidden, Invalid.
    """
    found = _in_hosted_room(actor, comment_id)
    with transaction.atomic():
        scene = numbers.take(found.post, about=found.author_id)
        comment = _in_hosted_room(actor, comment_id)
        if not comment.is_held:
            transaction.set_rollback(True)  # the number goes back: nothing happened
            return comment
        comment.is_held, comment.seq = False, scene.room.seq
        comment.save(update_fields=["is_held", "seq"])
        bring(comment, scene)
        rules.note_if_moderated(actor, comment.post, act="approved", reason=reason, comment_id=comment_id)
    return comment


def _in_hosted_room(actor: User, comment_id: int) -> Comment:
    """A comment that was not removed, in a room that `actor` looks after. Raises NotFound, Forbidden."""
    if not rules.is_moderator(actor):
        comment = comment_for(actor, comment_id)
        rules.hosted_post(actor, comment.post_id)
        return comment
    mine, theirs = walls_between("author", actor)
    comments = Comment.objects.select_related("author", "post").exclude(mine).exclude(theirs)
    found = comments.filter(pk=comment_id, deleted_at=None).first()
    if found is None:
        raise NotFound
    return found


def pin(actor: User, comment_id: int) -> None:
    """Put a thread before all others under one's own post, in place of the one that was there. May be repeated.

    Raises NotFound, Forbidden, Conflict for a reply or for what waits for review.
    """
    post = _pinnable(actor, comment_id).post
    with transaction.atomic():
        scene = numbers.take(post, about=actor.pk)
        comment = _pinnable(actor, comment_id)
        if comment.is_pinned:
            transaction.set_rollback(True)  # the number goes back: nothing happened
            return
        before = Comment.objects.select_related("author").filter(post=post, is_pinned=True).first()
        if before is not None:
            _set_pin(before, scene, is_pinned=False)
            scene = numbers.take(post, about=actor.pk)
        _set_pin(comment, scene, is_pinned=True)


def unpin(actor: User, comment_id: int) -> None:
    """May be repeated. Raises NotFound, Forbidden."""
    found = _own_thread(actor, comment_id)
    with transaction.atomic():
        scene = numbers.take(found.post, about=found.author_id)
        comment = _own_thread(actor, comment_id)
        if comment.is_pinned:
            _set_pin(comment, scene, is_pinned=False)
        else:
            transaction.set_rollback(True)  # the number goes back: nothing happened


def _pinnable(actor: User, comment_id: int) -> Comment:
    comment = _own_thread(actor, comment_id)
    if comment.is_held:
        raise Conflict("It waits for review.", code="held_for_review")
    if comment.parent_id is not None:
        raise Conflict("Only a thread can be pinned, not a reply.", code="not_a_thread")
    return comment


def _own_thread(actor: User, comment_id: int) -> Comment:
    comment = comment_for(actor, comment_id)
    if comment.post.author_id != actor.pk:
        raise Forbidden("Only the author of the post pins.")
    return comment


def _set_pin(comment: Comment, scene: Scene, *, is_pinned: bool) -> None:
    comment.is_pinned = is_pinned
    comment.save(update_fields=["is_pinned"])
    kind = RoomEventKind.COMMENT_PINNED if is_pinned else RoomEventKind.COMMENT_UNPINNED
    about_author = numbers.scene_of(scene.room, scene.host_id, [comment.author_id])
    numbers.record(kind, about_author, comment=comment)


def restraints_of(actor: User, post_id: int, *, cursor: str, limit: int) -> Page[Restraint]:
    """Who may only listen in one's own room, and who is hidden there, the newest first.

    Raises NotFound, Forbidden, Invalid for the cursor.
    """
    post = rules.hosted_post(actor, post_id)
    rules.note_if_looked_into(actor, post, path=f"/v1/posts/{post_id}/restraints")
    known = Restraint.objects.in_force(timezone.now()).filter(post=post)
    known = known.filter(person__in=User.objects.visible_to(actor).values("pk")).select_related("person")
    return keyset_page(known, purpose=f"restraints {post_id}", cursor=cursor, limit=limit)


def silence(actor: User, post_id: int, handle: str, *, seconds: int, reason: str = "") -> Restraint:
    """Ask somebody to listen for a while: they read, and do not speak. Told to them. Begins anew when repeated.

    Raises NotFound, Forbidden, Invalid.
    """

    def change(restraint: Restraint, scene: Scene) -> Scene:
        restraint.silent_until = timezone.now() + timedelta(seconds=seconds)
        return replace(scene, silent={restraint.person_id: restraint.silent_until})

    return _restrain(actor, post_id, handle, change, RoomEventKind.TIMEOUT, act="silenced", reason=reason)


def end_silence(actor: User, post_id: int, handle: str, *, reason: str = "") -> None:
    """Let them speak again. May be repeated. Raises NotFound, Forbidden, Invalid."""

    def change(restraint: Restraint, scene: Scene) -> Scene | None:
        if restraint.silent_until is None:
            return None
        restraint.silent_until = None
        return replace(scene, silent={})

    _restrain(actor, post_id, handle, change, RoomEventKind.TIMEOUT, act="unsilenced", reason=reason)


def hide(actor: User, post_id: int, handle: str, *, reason: str = "") -> None:
    """Let nobody but themselves see what somebody says here, before and from now on. They are not told.

    May be repeated. Raises NotFound, Forbidden, Invalid.
    """

    def change(restraint: Restraint, scene: Scene) -> Scene | None:
        if restraint.is_hidden:
            return None
        _count_all_of(restraint, -1)
        restraint.is_hidden = True
        return scene

    _restrain(actor, post_id, handle, change, RoomEventKind.PERSON_HIDDEN, act="hidden", reason=reason)


def show(actor: User, post_id: int, handle: str, *, reason: str = "") -> None:
    """Undo `hide`: all that they said is there. May be repeated. Raises NotFound, Forbidden, Invalid."""

    def change(restraint: Restraint, scene: Scene) -> Scene | None:
        if not restraint.is_hidden:
            return None
        restraint.is_hidden = False
        _count_all_of(restraint, 1)
        return scene

    _restrain(actor, post_id, handle, change, RoomEventKind.PERSON_SHOWN, act="shown", reason=reason)


def _restrain(
    actor: User,
    post_id: int,
    handle: str,
    change: Callable[[Restraint, Scene], Scene | None],
    kind: RoomEventKind,
    *,
    act: str,
    reason: str,
) -> Restraint:
    """Change what lies on somebody, under the lock of the room; `change` gives None when it is so already."""
    post = rules.hosted_post(actor, post_id)
    person = _guest(actor, post, handle)
    with transaction.atomic():
        scene = numbers.take(post, about=person.pk)
        restraint, _ = Restraint.objects.get_or_create(post=post, person=person)
        changed = change(restraint, scene)
        if changed is None:
            transaction.set_rollback(True)  # the number goes back: nothing happened
            return restraint
        restraint.save(update_fields=["silent_until", "is_hidden"])
        numbers.record(kind, changed, person_id=person.pk)
        rules.note_if_moderated(actor, post, act=act, reason=reason, person_id=person.pk)
    return restraint


def _guest(actor: User, post: Post, handle: str) -> User:
    person = people.person_for(actor, handle)
    if person.pk == post.author_id:
        raise Invalid.field("handle", "The author of the post is at home here.", code="host")
    return person


def _count_all_of(restraint: Restraint, delta: int) -> None:
    """All that somebody said in a room leaves the counts or comes back, while they are not hidden there."""
    said = Comment.objects.filter(
        post=restraint.post_id, author=restraint.person_id, deleted_at=None, is_held=False
    ).values_list("parent_id", flat=True)
    parents = list(said)
    if parents:
        COMMENTS.add(restraint.post_id, delta * len(parents))
        REPLIES.add_all((parent_id for parent_id in parents if parent_id is not None), delta)
