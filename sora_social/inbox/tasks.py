"""Doors of workers to the mailboxes."""

from celery import shared_task

from sora_social.inbox.notifications import coalescing, forgetting
from sora_social.inbox.push import delivering


@shared_task
def fold() -> None:
    while coalescing.fold():
        pass


@shared_task
def push() -> None:
    delivering.deliver()


@shared_task
def forget() -> None:
    forgetting.forget_old()
