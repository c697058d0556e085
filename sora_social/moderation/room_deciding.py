"""What moderators decide in rooms. By the desk or by the API, it is one act, and one line in the audit log."""

from django.db import transaction

from sora_social.accounts.models import User
from sora_social.core.errors import Conflict, NotFound
from sora_social.moderation import auditing
from sora_social.moderation.deciding import checked_reason, decide, require_moderator
from sora_social.moderation.models import Action, ReportState, SubjectType
from sora_social.posts.comments import commenting, hosting, rules
from sora_social.posts.events import RoomLookedInto, RoomModerated
from sora_social.posts.models import Comment, Speakers

SILENCE_SECONDS = 86_400  # the longest timeout there is


def remove_comment(moderator: User, comment_id: int, *, reason: str) -> None:
    """Take a comment away, and uphold every open report of it.

    Raises Forbidden, Invalid, NotFound, Conflict when it is removed already.
    """
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        if not commenting.remove_comment(comment_id):
            raise Conflict("This comment is removed already.") if _comment(comment_id) else NotFound()
        decide(moderator, Action.REMOVED, SubjectType.COMMENT, comment_id, why, closes_as=ReportState.UPHELD)


def approve_comment(moderator: User, comment_id: int, *, reason: str) -> None:
    """Let a comment that was held come to everybody. Raises Forbidden, Invalid, NotFound."""
    checked_reason(moderator, reason)
    hosting.approve(moderator, comment_id, reason=reason)


def silence_author(moderator: User, comment_id: int, *, reason: str) -> None:
    """Let who said this only listen in that room, for a day. Raises Forbidden, Invalid, NotFound."""
    comment = _said(moderator, comment_id)
    hosting.silence(moderator, comment.post_id, comment.author.handle, seconds=SILENCE_SECONDS, reason=reason)


def hide_author(moderator: User, comment_id: int, *, reason: str) -> None:
    """Let nobody but themselves see what who said this says in that room. Raises Forbidden, Invalid, NotFound."""
    comment = _said(moderator, comment_id)
    hosting.hide(moderator, comment.post_id, comment.author.handle, reason=reason)


def show_author(moderator: User, comment_id: int, *, reason: str) -> None:
    """Undo `hide_author`. Raises Forbidden, Invalid, NotFound."""
    comment = _said(moderator, comment_id)
    hosting.show(moderator, comment.post_id, comment.author.handle, reason=reason)


def close_room(moderator: User, post_id: int, *, reason: str) -> None:
    """Let nobody but its host speak in the room of a post. Raises Forbidden, Invalid, NotFound."""
    checked_reason(moderator, reason)
    rules.set_room(moderator, post_id, who=Speakers.NOBODY, reason=reason)


def open_room(moderator: User, post_id: int, *, reason: str) -> None:
    """Let everybody speak there who sees the post, and nothing wait. Raises Forbidden, Invalid, NotFound."""
    checked_reason(moderator, reason)
    rules.set_room(moderator, post_id, who=Speakers.EVERYONE, hold=False, reason=reason)


def hold_room(moderator: User, post_id: int, *, reason: str) -> None:
    """Let every comment there wait for review. Raises Forbidden, Invalid, NotFound."""
    checked_reason(moderator, reason)
    rules.set_room(moderator, post_id, hold=True, reason=reason)


def note_room_act(event: RoomModerated) -> None:
    """Log what a moderator did in a room, by the desk or by the API, as the decision that it is.

    In the transaction of the act, which fails with it. Raises Forbidden, Invalid without a reason.
    """
    moderator = User.objects.get(pk=event.moderator_id)
    why = checked_reason(moderator, event.reason)
    if event.comment_id is not None:
        closes_as = ReportState.UPHELD if event.act == Action.REMOVED else None
        subject = SubjectType.COMMENT, event.comment_id
    else:
        closes_as = None
        subject = (SubjectType.PERSON, event.person_id) if event.person_id else (SubjectType.POST, event.post_id)
    decide(moderator, Action(event.act), *subject, why, closes_as=closes_as, where=f"/v1/posts/{event.post_id}/room")


def note_room_look(event: RoomLookedInto) -> None:
    """Log that a moderator was shown what waits in a room, who is restrained there, or its blocked words."""
    moderator = User.objects.get(pk=event.moderator_id)
    auditing.note_visit(
        moderator, subject_type=SubjectType.POST, subject_id=event.post_id, path=event.path, is_form=False
    )


def _comment(comment_id: int) -> Comment | None:
    return Comment.objects.select_related("author").filter(pk=comment_id).first()


def _said(moderator: User, comment_id: int) -> Comment:
    require_moderator(moderator)
    comment = _comment(comment_id)
    if comment is None:
        raise NotFound
    return comment
