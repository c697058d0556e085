"""Infrastructure tables alone: answers to keyed requests, events on their way, counts on their way."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from sora_social.core.databases import IdField


class KeyedAnswer(models.Model):
    """The first answer to a request that carried an Idempotency-Key; given again to its repeats."""

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField()
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "route", "key"], name="keyed_answer_once")]
        indexes = [models.Index(fields=["created_at"], name="keyed_answer_age")]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"


class OutboxEvent(models.Model):
    """An event written in the transaction that caused it, until all that follows from it is done.

    A row for what goes first, and one for the rest; null is of a process that knew nothing of such parts.
    """

    id = IdField()
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    goes_first = models.BooleanField(null=True)
    pending = ArrayField(models.CharField(max_length=120), null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    announced_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="outbox_due"),
            models.Index(fields=["-goes_first", "id"], name="outbox_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Tally(models.Model):
    """A change of a counter, appended where it happened and folded into its column later."""

    id = models.BigAutoField(primary_key=True)
    counter = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    delta = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.counter} {self.subject_id} {self.delta:+d}"
