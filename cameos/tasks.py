"""Doors of the `quick` queue to the consent ledger."""

from celery import shared_task

from cameos import anchoring


@shared_task
def publish_anchor() -> None:
    anchoring.publish()
    anchoring.mail_newest()
