#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    if sys.argv[1:2] == ["run"]:  # the supervisor prepares what settings read, and stays small without Django
        from sora_social.core.running import run

        sys.exit(run(dict(os.environ)))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sora_social.settings")
    if "DATABASE_URL" not in os.environ:  # a command in a second terminal meets the engines of `make run`
        from pathlib import Path

        from sora_social.core.embedded import environ_of_running

        os.environ.update(environ_of_running(Path(os.environ.get("DATA_DIR", Path(__file__).parent / ".data"))))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
