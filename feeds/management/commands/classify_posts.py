from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from feeds.steering import topics


class Command(BaseCommand):
    help = "Find what posts are about of which nothing is known yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="all posts, as after a change of the vocabulary")

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        for done in topics.classify_all(again=options["again"]):
            self.stdout.write(f"{done} posts", ending="\r")
        self.stdout.write(f"{done} posts looked at")
