from typing import Any

from django.core.management.base import BaseCommand

from feeds.steering import vocabulary


class Command(BaseCommand):
    help = (
        "Write the built-in topics into the desk, where they can be changed. May be run again: what was changed stays."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{vocabulary.stock()} new topics")
