from typing import Any

from django.core.management.base import BaseCommand

from cameos.models import CameoStatus
from sora_social.demo import catalogue


class Command(BaseCommand):
    help = "Fill the catalogue with six ready-made characters that everyone may cast. May be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        for cameo in catalogue.stock():
            if cameo.status == CameoStatus.PENDING_REVIEW:
                said = "waits at the desk; run this again after the decision"
            elif cameo.status == CameoStatus.PROCESSING:
                said = "is being checked; run this again"
            elif cameo.in_catalogue:
                said = "is in the catalogue"
            else:
                said = f"is {cameo.status} and stays out of the catalogue"
            self.stdout.write(f"@{cameo.handle} {said}")
