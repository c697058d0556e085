from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from cameos import ledger


class Command(BaseCommand):
    help = "Write the consent ledger to a file, for verify_ledger --offline. It holds no names and no details."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file")

    def handle(self, *, file: str, **options: object) -> None:
        with Path(file).open("w", encoding="utf-8") as lines:
            count = ledger.export(lines)
        self.stdout.write(f"{count} records")
