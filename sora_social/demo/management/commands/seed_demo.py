import json
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sora_social.demo import seeding, world


class Command(BaseCommand):
    help = "Fill the service with the demo world: 30 people, 5 cameos, 6 characters, 160 posts. The last line is JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", action="store_true", help="only the people, which takes a moment")
        parser.add_argument("--share", metavar="I/N", help="only this share of the posts (used by the command itself)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["share"]:
            index, _, of = options["share"].partition("/")
            seeding.make_share(list(world.pieces()), index=int(index), of=int(of))
            return
        seeding.seed_people()
        facts = seeding.facts()
        if not options["people"]:
            facts["posts"] = seeding.seed_posts(processes=min(2, os.cpu_count() or 1))
        self.stdout.write(json.dumps(facts))
