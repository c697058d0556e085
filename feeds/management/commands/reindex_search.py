"""`manage.py reindex_search`: write anew what posts, people, cameos and tags can be found by."""

from typing import Any

from django.core.management.base import BaseCommand

from feeds.discovery import search_index


class Command(BaseCommand):
    help = "Write the search index anew, some hundred at a time, while the service runs. May be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in search_index.reindex():
            self.stdout.write(f"{name}: {count}")
