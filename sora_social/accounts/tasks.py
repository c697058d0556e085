"""Doors of the `quick` queue to the accounts room."""

from celery import shared_task
from django.utils import timezone

from sora_social.accounts import invites, people, sessions


@shared_task
def admit_waiting() -> None:
    invites.admit_waiting(timezone.now())


@shared_task
def forget_unconfirmed() -> None:
    people.forget_unconfirmed(timezone.now())


@shared_task
def forget_sessions() -> None:
    sessions.forget_ended()
