import os
import sys

from django.core.management.base import BaseCommand

from sora_social.core import running


class Command(BaseCommand):
    help = "Run everything on this machine: engines, HTTP, sockets, workers. `make run` is this."
    requires_system_checks = ()
    requires_migrations_checks = False

    def handle(self, *args: object, **options: object) -> None:
        sys.exit(running.run(dict(os.environ)))
