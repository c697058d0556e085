from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cameos.models import CameoStatus
from sora_social.accounts.models import User
from sora_social.demo import catalogue
from sora_social.moderation.deciding import require_moderator


class Command(BaseCommand):
    help = "Fill the catalogue with six ready-made characters that everyone may cast. May be run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--moderator", metavar="HANDLE", default="", help="approve them in the name of this moderator"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for cameo in catalogue.stock(_moderator(options["moderator"])):
            if cameo.status == CameoStatus.PENDING_REVIEW:
                said = "waits at the desk; run this again after the decision"
            elif cameo.status == CameoStatus.PROCESSING:
                said = "is being checked; run this again"
            elif cameo.in_catalogue:
                said = "is in the catalogue"
            else:
                said = f"is {cameo.status} and stays out of the catalogue"
            self.stdout.write(f"@{cameo.handle} {said}")


def _moderator(handle: str) -> User | None:
    """Raises CommandError for a handle of nobody, Forbidden for who is no moderator."""
    if not handle:
        return None
    found: User | None = User.objects.filter(handle=handle.lower()).first()
    if found is None:
        raise CommandError(f"There is no @{handle}.")
    require_moderator(found)
    return found
