"""Doors of the `quick` queue to the media room."""

from celery import shared_task

from sora_social.media import upkeep


@shared_task
def remove_orphans() -> None:
    upkeep.remove_orphans()
