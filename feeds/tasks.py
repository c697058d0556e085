"""Doors of the `quick` queue to the feeds."""

from celery import shared_task
from django.utils import timezone

from feeds import exposure, most_made, nudges, search_index


@shared_task
def count_exposure() -> None:
    exposure.count()


@shared_task
def take_pulse() -> None:
    exposure.take_pulse()


@shared_task
def count_most_made() -> None:
    most_made.count()


@shared_task
def weigh_names() -> None:
    search_index.weigh()


@shared_task
def settle_nudges() -> None:
    nudges.settle_silent(timezone.now())


@shared_task
def count_offers() -> None:
    nudges.count_offers(timezone.now())
