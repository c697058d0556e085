from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sora_social.core.errors import NotFound
from sora_social.moderation import appointing


class Command(BaseCommand):
    help = "Make somebody a moderator, or with --dismiss an ordinary person again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("handle")
        parser.add_argument("--dismiss", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            appointing.set_staff(options["handle"], is_staff=not options["dismiss"])
        except NotFound as error:
            raise CommandError(f"Nobody goes by @{options['handle']}.") from error
