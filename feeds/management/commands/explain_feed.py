from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from feeds.order import explaining
from sora_social.core.errors import DomainError


class Command(BaseCommand):
    help = "Show how a page of somebody's feed is made: stages, sources, what is hidden and why, scores by their parts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("handle")
        parser.add_argument("--feed", choices=explaining.FEEDS, default="for_you")
        parser.add_argument("--mood", default="", help="what the feed `mood` is of")
        parser.add_argument("--limit", type=int, default=10, help="how many places")
        parser.add_argument("--for-all", action="store_true", help="as everybody in the person's country gets it")

    def handle(self, *, handle: str, feed: str, mood: str, limit: int, for_all: bool, **options: object) -> None:
        try:
            person = explaining.person_called(handle)
            if feed == "following":
                lines = explaining.list_lines(explaining.explain_following(person, limit=limit))
            else:
                is_personal = False if for_all else None
                order = explaining.explain_order(person, feed=feed, mood=mood, limit=limit, is_personal=is_personal)
                lines = explaining.order_lines(order)
        except DomainError as error:
            raise CommandError(str(error) or error.title) from error
        for line in lines:
            self.stdout.write(line)
