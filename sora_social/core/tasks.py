"""Doors of the `quick` queue to core's own upkeep."""

from celery import shared_task

from sora_social.core import idempotency, outbox, tallies


@shared_task
def relay() -> None:
    outbox.relay()


@shared_task
def fold() -> None:
    while tallies.fold():
        pass


@shared_task
def forget_answers() -> None:
    idempotency.forget_old_answers()
