"""The lists of all that came of each post, for edges that were written without them. Needs no Django set up."""

from importlib import import_module
from typing import Any

_FILL = import_module("remix.migrations.0006_listings").FILL


def list_below(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"{_FILL} ON CONFLICT DO NOTHING")
