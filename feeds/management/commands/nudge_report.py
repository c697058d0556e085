from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from feeds.scroll import nudge_report


class Command(BaseCommand):
    help = "What the arms of an experiment with cards did: rates, intervals clustered by person, and whether one won."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("experiment", nargs="?", default="", help="its name; else the running or the last one")
        parser.add_argument("--since", type=_day, help="cards from this day on (UTC), as 2026-11-01")
        parser.add_argument("--out", type=Path, metavar="DIR", help="where an SVG of the rates is put")

    def handle(self, *, experiment: str, since: datetime | None, out: Path | None, **options: object) -> None:
        told = nudge_report.report(experiment, since=since, now=timezone.now())
        self.stdout.write(nudge_report.as_text(told))
        if out is not None:
            self.stdout.write(f"\n{nudge_report.plot(told, out)}")


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
