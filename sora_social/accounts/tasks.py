"""Doors of the `quick` queue to the accounts room."""

from celery import shared_task
from django.utils import timezone

from sora_social.accounts import invites


@shared_task
def admit_waiting() -> None:
    invites.admit_waiting(timezone.now())
