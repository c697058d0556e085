"""Doors of the `quick` queue to the feeds."""

from celery import shared_task

from feeds import exposure


@shared_task
def count_exposure() -> None:
    exposure.count()


@shared_task
def take_pulse() -> None:
    exposure.take_pulse()
