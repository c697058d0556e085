"""Doors of the queues to the cameos: `examine` in the `render` queue, the others in `quick`."""

from celery import shared_task

from cameos import anchoring, consent, enrolling, erasing, requesting


@shared_task
def examine(cameo_id: int) -> None:
    enrolling.examine(cameo_id)


@shared_task
def sweep() -> None:
    enrolling.sweep()


@shared_task
def remove_orphans() -> None:
    erasing.remove_orphans()


@shared_task
def run_out() -> None:
    consent.expire()
    requesting.expire()


@shared_task
def publish_anchor() -> None:
    anchoring.publish()
    anchoring.mail_newest()
