"""Reports by people, decisions by moderators, and the log of what moderators did."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sora_social.core.databases import IdField
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


class ReportState(models.TextChoices):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Report(models.Model):
    """A person says that something is not right. Exactly one subject; the reporter is never shown to its author."""

    id = IdField()
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=20, choices=ReportReason.choices)
    text = models.CharField(max_length=2000, blank=True)
    post = models.ForeignKey(Post, models.CASCADE, null=True, blank=True, related_name="+")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.OPEN)
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False, comment=None, person=None)
                | Q(post=None, comment__isnull=False, person=None)
                | Q(post=None, comment=None, person__isnull=False),
                name="report_has_one_subject",
            ),
            models.UniqueConstraint(
                fields=["reporter", "post"], condition=Q(state="open"), name="one_open_report_of_post"
            ),
            models.UniqueConstraint(
                fields=["reporter", "comment"], condition=Q(state="open"), name="one_open_report_of_comment"
            ),
            models.UniqueConstraint(
                fields=["reporter", "person"], condition=Q(state="open"), name="one_open_report_of_person"
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="reports_queue")]

    def __str__(self) -> str:
        return f"report {self.id} ({self.reason})"


class AuditEntry(models.Model):
    """What a member of the staff did, or looked at. Append-only."""

    id = IdField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    reason = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "audit log"
        indexes = [models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_of_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"
