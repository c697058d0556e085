"""People who may write to each other, and what sockets would hear."""

import json

import pytest

from sora_social.accounts import ties
from sora_social.core import bus, telling


@pytest.fixture
def friends(ada, bo):
    """Ada and Bo follow each other."""
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    return ada, bo


@pytest.fixture
def heard(monkeypatch, django_capture_on_commit_callbacks):
    """What the `/me` sockets of people are told by an act, in order: (whom, frame)."""

    def during(act):
        said: list = []

        def publish(channel: str, message: bytes) -> None:
            if channel == telling.CHANNEL:
                _, person_ids, text = telling.opened(message)
                said.append((set(person_ids), json.loads(text)))

        monkeypatch.setattr(bus, "publish", publish)
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return said

    return during
