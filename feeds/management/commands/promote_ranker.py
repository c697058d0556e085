from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.learning import lifecycle
from ranking.model import BrokenModel
from sora_social.core.errors import DomainError


class Command(BaseCommand):
    help = "Let a trained model rank For You, in every process within seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version")
        parser.add_argument("--reason", default="Promoted on the command line.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            model_id = lifecycle.id_of(options["version"])
            lifecycle.verify(model_id)
            lifecycle.promote(model_id, reason=options["reason"])
        except (DomainError, BrokenModel) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['version']} ranks now.")
