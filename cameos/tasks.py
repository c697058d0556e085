"""Doors of the queues to the cameos: `examine` in the `render` queue, the others in `quick`."""

from celery import shared_task

from cameos import enrolling, erasing


@shared_task
def examine(cameo_id: int) -> None:
    enrolling.examine(cameo_id)


@shared_task
def sweep() -> None:
    enrolling.sweep()


@shared_task
def remove_orphans() -> None:
    erasing.remove_orphans()
