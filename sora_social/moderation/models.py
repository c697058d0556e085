"""Reports by people, decisions by moderators, and the log of what moderators did and looked at."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Now

from sora_social.core.databases import IdField
from sora_social.inbox.models import Message
from sora_social.posts.models import Comment, Post


class ReportReason(models.TextChoices):
    SEXUAL = "sexual"
    MINOR_SAFETY = "minor_safety"
    LIKENESS = "likeness"
    HARASSMENT = "harassment"
    VIOLENCE = "violence"
    HATE = "hate"
    MISINFORMATION = "misinformation"
    COPYRIGHT = "copyright"
    SPAM = "spam"
    OTHER = "other"


# what is looked at first; within one step the oldest comes first
SEVERITY = (
    (ReportReason.MINOR_SAFETY,),
    (ReportReason.SEXUAL, ReportReason.LIKENESS),
    (ReportReason.VIOLENCE, ReportReason.HATE, ReportReason.HARASSMENT),
    (ReportReason.MISINFORMATION, ReportReason.COPYRIGHT),
    (ReportReason.SPAM, ReportReason.OTHER),
)


class ReportState(models.TextChoices):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class SubjectType(models.TextChoices):
    """What a report is about, and what a line of the audit log is about."""

    POST = "post"
    COMMENT = "comment"
    MESSAGE = "message"
    PERSON = "person"
    JOB = "job"
    REPORT = "report"
    CLIP = "clip"
    CAMEO = "cameo"
    MEMORIAL = "memorial"
    TOPIC = "topic"
    EXPERIMENT = "experiment"
    CHALLENGE = "challenge"
    TEMPLATE = "template"
    MODEL = "model"
    PAGE = "page"


class Action(models.TextChoices):
    VIEWED = "viewed"
    SENT = "sent", "Sent a form"
    REMOVED = "removed"
    RESTORED = "restored"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    ADMITTED = "admitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    CLOSED = "closed", "Closed a name"
    DECLINED = "declined", "Declined a claim"
    ADDED = "added"
    CHANGED = "changed"
    UPHELD = "upheld", "Upheld reports"
    SILENCED = "silenced", "Timed out in a room"
    UNSILENCED = "unsilenced", "Let speak again in a room"
    HIDDEN = "hidden", "Hid in a room"
    SHOWN = "shown", "Showed again in a room"
    DISMISSED = "dismissed", "Dismissed reports"
    STARTED = "started", "Started an experiment"
    STOPPED = "stopped", "Stopped an experiment"
    ENDED = "ended", "Ended a challenge"
    LISTED = "listed", "Put on the list"
    UNLISTED = "unlisted", "Took off the list"
    PROMOTED = "promoted", "Promoted a model"
    ROLLED_BACK = "rolled_back", "Took a model back"


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def about(self, subject_type: SubjectType, subject_id: int) -> Self:
        return self.filter(subject_type=subject_type, subject_id=subject_id)

    def decisions(self) -> Self:
        """What was decided, without what was merely looked at."""
        return self.exclude(action__in=(Action.VIEWED, Action.SENT))


class AuditEntry(models.Model):
    """What a member of the staff did, or looked at. Append-only."""

    id = IdField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)
    subject_type = models.CharField(max_length=20, choices=SubjectType.choices)
    subject_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=2000, blank=True)
    path = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=(Action.VIEWED, Action.SENT)) | Q(~Q(reason=""), subject_id__isnull=False),
                name="decisions_have_a_reason_and_a_subject",
            ),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_of_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id or ''}".rstrip()


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> Self:
        return self.filter(state=ReportState.OPEN)

    def about(self, subject_type: str, subject_id: int) -> Self:
        """Reports of one post, comment, message or person."""
        return self.filter(**{f"{subject_type}_id": subject_id})

    def by_urgency(self) -> "QuerySet[Report]":
        """Annotate `urgency`: 0 is looked at first; what is closed comes last."""
        open_ones = [When(state=ReportState.OPEN, reason__in=step, then=Value(n)) for n, step in enumerate(SEVERITY)]
        return self.annotate(
            urgency=Case(*open_ones, default=Value(len(SEVERITY)), output_field=models.SmallIntegerField())
        ).order_by("urgency", "id")

    def with_subjects(self) -> Self:
        return self.select_related(
            "reporter",
            "person",
            "post__author",
            "post__clip",
            "comment__author",
            "message__author",
            "decision__actor",
        )


class Report(models.Model):
    """A person says that something is not right. Exactly one subject; the reporter is never shown to its author.

    A closed report names the decision that closed it.
    """

    id = IdField()
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=20, choices=ReportReason.choices)
    text = models.CharField(max_length=2000, blank=True)
    post = models.ForeignKey(Post, models.CASCADE, null=True, blank=True, related_name="+")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, blank=True, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    decision = models.ForeignKey(AuditEntry, models.PROTECT, null=True, blank=True, related_name="reports")
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False, comment=None, message=None, person=None)
                | Q(post=None, comment__isnull=False, message=None, person=None)
                | Q(post=None, comment=None, message__isnull=False, person=None)
                | Q(post=None, comment=None, message=None, person__isnull=False),
                name="report_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, decision=None)
                | Q(~Q(state="open"), closed_at__isnull=False, decision__isnull=False),
                name="closed_reports_have_a_decision",
            ),
            models.UniqueConstraint(
                fields=["reporter", "post"], condition=Q(state="open"), name="one_open_report_of_post"
            ),
            models.UniqueConstraint(
                fields=["reporter", "comment"], condition=Q(state="open"), name="one_open_report_of_comment"
            ),
            models.UniqueConstraint(
                fields=["reporter", "message"], condition=Q(state="open"), name="one_open_report_of_message"
            ),
            models.UniqueConstraint(
                fields=["reporter", "person"], condition=Q(state="open"), name="one_open_report_of_person"
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="reports_queue")]

    def __str__(self) -> str:
        return f"report {self.id} ({self.reason})"

    @property
    def subject_type(self) -> SubjectType:
        given = {
            SubjectType.POST: self.post_id,
            SubjectType.COMMENT: self.comment_id,
            SubjectType.MESSAGE: self.message_id,
        }
        return next((kind for kind, subject_id in given.items() if subject_id is not None), SubjectType.PERSON)

    @property
    def subject_id(self) -> int:
        found = self.post_id or self.comment_id or self.message_id or self.person_id
        assert found is not None  # noqa: S101 - the database's CHECK
        return int(found)
