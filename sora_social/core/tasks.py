"""Doors of the `quick` queue to core's own upkeep."""

from datetime import timedelta

from celery import shared_task
from django.db.models.functions import Now

from sora_social.core import outbox, tallies
from sora_social.core.models import KeyedAnswer


@shared_task
def relay() -> None:
    outbox.relay()


@shared_task
def fold() -> None:
    while tallies.fold():
        pass


@shared_task
def forget_answers() -> None:
    KeyedAnswer.objects.filter(created_at__lt=Now() - timedelta(days=7)).delete()
