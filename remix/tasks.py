"""Doors of the queues to the graph's upkeep."""

from celery import shared_task

from remix import reconciling


@shared_task
def reconcile() -> None:
    reconciling.reconcile_some()
