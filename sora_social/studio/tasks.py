"""Doors of the queues to the studio."""

from celery import shared_task

from sora_social.studio import generating


@shared_task
def render(job_id: int) -> None:
    generating.render(job_id)


@shared_task
def sweep() -> None:
    generating.sweep()
