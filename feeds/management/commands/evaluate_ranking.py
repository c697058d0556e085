from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from feeds.evaluation import page, registry


class Command(BaseCommand):
    help = "Judge the ranker on real data and in a simulated world; fills docs/ranking-evaluation.md and its pictures."
    requires_system_checks: list[str] = []  # it needs no database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", default="", help="codes, such as E1,E3")
        parser.add_argument("--smoke", action="store_true", help="tiny, to see that all of it runs; writes nothing")
        parser.add_argument("--declared", action="store_true", help="open the last 25 %% of the data: for once")

    def handle(self, *args: Any, **options: Any) -> None:
        only = [code for code in options["only"].split(",") if code]
        if unknown := sorted(set(only) - set(registry.codes())):
            raise CommandError(f"no evaluation is called {', '.join(unknown)}")
        asked = registry.Asked(
            data=Path(settings.EVALUATION_DATA), smoke=options["smoke"], declared=options["declared"]
        )
        found = []
        for report in registry.reports(only, asked):
            self.stdout.write(page.as_text(report) + "\n")
            found.append(report)
        wanted = [code for code in registry.codes() if not only or code in only]
        if missing := [code for code in wanted if code not in {report.code for report in found}]:
            self.stderr.write(
                f"{', '.join(missing)}: no data set in {asked.data}; docs/ranking-evaluation.md says where to get one"
            )
        if not asked.smoke:
            page.write(found, docs=settings.BASE_DIR / "docs")
