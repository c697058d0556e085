from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.learning import lifecycle
from sora_social.core.errors import DomainError


class Command(BaseCommand):
    help = "Take the live model back: the one before it ranks again, or the smoothed rates."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="Taken back on the command line.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            live = lifecycle.roll_back(reason=options["reason"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{live.version} ranks now." if live else "The smoothed rates rank now.")
