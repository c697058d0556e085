"""Doors of the `quick` queue to the cameos."""

from celery import shared_task

from cameos import consent, requesting


@shared_task
def run_out() -> None:
    consent.expire()
    requesting.expire()
