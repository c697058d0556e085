"""What the desk shows of rooms: what was said, by whom, and under which rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from sora_social.core.errors import NotFound
from sora_social.moderation.models import AuditEntry, Report, SubjectType
from sora_social.moderation.viewing import SHOWN_AT_MOST, Narrow, decisions_on, is_id, reports_of
from sora_social.posts.models import Comment, Restraint, Room

COMMENT_STATES: dict[str, tuple[str, Narrow]] = {
    "held": ("Held for review", lambda rows: rows.filter(is_held=True, deleted_at=None)),
    "shown": ("Shown", lambda rows: rows.filter(is_held=False, deleted_at=None)),
    "removed": ("Removed", lambda rows: rows.exclude(deleted_at=None)),
}


@dataclass(frozen=True)
class RoomSeen:
    """The rules of a room, what was said last, and who is restrained there."""

    room: Room
    comments: Sequence[Comment]
    restraints: Sequence[Restraint]


@dataclass(frozen=True)
class CommentCase:
    comment: Comment
    restraint: Restraint | None
    reports: Sequence[Report]
    decisions: Sequence[AuditEntry]


def comments() -> QuerySet[Comment]:
    return Comment.objects.select_related("author", "post")


def search_comments(rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """By the id of a comment or of its post, by @handle of the author, or by words."""
    words = term.strip()
    if not words:
        return rows
    if is_id(words):
        return rows.filter(Q(pk=int(words)) | Q(post=int(words)))
    if words.startswith("@"):
        return rows.filter(author__handle=words[1:].lower())
    return rows.filter(text__icontains=words)


def room_of(post_id: int) -> RoomSeen:
    """The room of a post that there is."""
    in_force = Restraint.objects.in_force(timezone.now()).filter(post=post_id).select_related("person")
    return RoomSeen(
        room=Room.objects.filter(pk=post_id).first() or Room(post_id=post_id),
        comments=list(comments().filter(post=post_id).order_by("-id")[:SHOWN_AT_MOST]),
        restraints=list(in_force.order_by("-id")[:SHOWN_AT_MOST]),
    )


def comment_case(comment_id: int) -> CommentCase:
    """Raises NotFound."""
    comment = comments().filter(pk=comment_id).first()
    if comment is None:
        raise NotFound
    in_force = Restraint.objects.in_force(timezone.now())
    return CommentCase(
        comment=comment,
        restraint=in_force.filter(post=comment.post_id, person=comment.author_id).first(),
        reports=reports_of(SubjectType.COMMENT, comment_id),
        decisions=decisions_on(SubjectType.COMMENT, comment_id),
    )
