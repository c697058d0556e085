"""Stand-in until the media room lands."""

from typing import Any


def deliver(request: Any, clip: Any, name: str) -> Any:
    raise NotImplementedError
