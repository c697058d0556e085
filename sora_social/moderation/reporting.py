"""People say that something is not right. Who said it stays with the staff."""

from django.db import transaction
from django.db.models import Model

from feeds import attributing
from sora_social.accounts import people
from sora_social.accounts.models import User
from sora_social.core.errors import Invalid, NotFound
from sora_social.inbox.conversations import messaging
from sora_social.moderation.models import Report, ReportReason, ReportState, SubjectType
from sora_social.posts.models import Comment, Post
from sora_social.posts.posting import post_for


def report(
    reporter: User,
    *,
    reason: ReportReason,
    text: str = "",
    post_id: int | None = None,
    comment_id: int | None = None,
    message_id: int | None = None,
    conversation_id: int | None = None,
    handle: str = "",
) -> Report:
    """Put a post, a comment, a message or a person before a moderator.

    A message can be reported by whom it was shown to, also after it was taken back, and across a block; until then no
    moderator reads it.
    A conversation is reported by the newest message in it that others sent.
    A repeat while the first report is open answers the first one. Raises NotFound when the subject is not for
    `reporter` to see, Invalid when one reports oneself.
    """
    if conversation_id is not None:
        message_id = messaging.newest_from_others(reporter, conversation_id).pk
    subject_type, subject = _subject(
        reporter, post_id=post_id, comment_id=comment_id, message_id=message_id, handle=handle
    )
    # two at once are one: the unique index on open reports decides, and the loser reads the winner's
    with transaction.atomic():
        found, created = Report.objects.get_or_create(
            reporter=reporter,
            state=ReportState.OPEN,
            **{subject_type: subject},
            defaults={"reason": reason, "text": text},
        )
        if created and post_id is not None:
            attributing.note_report(reporter, post_id)
    return found


def _subject(
    reporter: User, *, post_id: int | None, comment_id: int | None, message_id: int | None, handle: str
) -> tuple[SubjectType, Model]:
    if post_id is not None:
        return SubjectType.POST, post_for(reporter, post_id)
    if comment_id is not None:
        return SubjectType.COMMENT, _comment_for(reporter, comment_id)
    if message_id is not None:
        message = messaging.received(reporter, message_id)
        if message.author_id == reporter.pk:
            raise Invalid.field("message_id", "You said this.", code="yourself")
        return SubjectType.MESSAGE, message
    person = people.person_for(reporter, handle)
    if person.pk == reporter.pk:
        raise Invalid.field("handle", "This is you.", code="yourself")
    return SubjectType.PERSON, person


def _comment_for(reporter: User, comment_id: int) -> Comment:
    seen = Comment.objects.visible_to(reporter).filter(pk=comment_id, deleted_at=None)
    comment = seen.filter(post__in=Post.objects.visible_to(reporter)).first()
    if comment is None:
        raise NotFound
    return comment
