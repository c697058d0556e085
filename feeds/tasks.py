"""Doors of the `quick` queue to the feeds."""

from celery import shared_task

from feeds import exposure, most_made


@shared_task
def count_exposure() -> None:
    exposure.count()


@shared_task
def take_pulse() -> None:
    exposure.take_pulse()


@shared_task
def count_most_made() -> None:
    most_made.count()
