from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.learning import lifecycle
from ranking.training import TooLittle


class Command(BaseCommand):
    help = "Train the ranker on the impression log, and judge it against the model that is live."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--promote-if-better", action="store_true", help="let it rank if it beats the live one")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = lifecycle.train(promote_if_better=options["promote_if_better"])
        except TooLittle as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made.version} ({made.state}), from {made.impression_count} impressions. {made.verdict}")
