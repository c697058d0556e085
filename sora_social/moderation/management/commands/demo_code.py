from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sora_social.core.errors import NotFound
from sora_social.moderation import demo

DEMO_MODERATOR = "mod"


class Command(BaseCommand):
    help = "Print the second-factor code that signs the demo world's moderator in now."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(demo.current_code(DEMO_MODERATOR))
        except NotFound as error:
            raise CommandError(f"{error.detail} The demo world is made by `make run`.") from error
