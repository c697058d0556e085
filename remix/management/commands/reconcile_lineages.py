"""`manage.py reconcile_lineages`: compare the counts of all lineages with what there is, and mend them."""

from typing import Any

from django.core.management.base import BaseCommand

from remix import reconciling


class Command(BaseCommand):
    help = "Compare what came of each post with its counts, and mend them, while the service runs. May be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"mended: {reconciling.reconcile_all()}")
