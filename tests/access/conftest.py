"""The scene: one of everything, all of it ada's, and one person for each column of the table.

It takes longer to set than most tests to play in it. So it is set once for each module, in a transaction that the
transactions of its tests stand in: whatever a test does there is gone for the next one.
"""

import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from sora_social.accounts import people, ties
from sora_social.accounts.models import User
from tests import cast
from tests.access.table import ROLES
from tests.moderation import films

Scene = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def _set_scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield _made()
        transaction.set_rollback(True)


@pytest.fixture
def scene(_set_scene: Scene, db: None) -> Scene:
    roles, things = _set_scene
    return {name: copy.copy(who) for name, who in roles.items()}, dict(things)


@pytest.fixture
def ada(scene: Scene) -> User:
    return scene[0]["owner"]


@pytest.fixture
def bo(scene: Scene) -> User:
    return scene[0]["other"]


@pytest.fixture
def cy(scene: Scene) -> User:
    return User.objects.get(handle="cy")


@pytest.fixture
def mallory(scene: Scene) -> User:
    return scene[0]["blocked"]


@pytest.fixture
def teen(scene: Scene) -> User:
    return scene[0]["teen"]


@pytest.fixture
def mod(scene: Scene) -> User:
    return scene[0]["moderator"]


def _made() -> Scene:
    ada, bo, mallory = cast.person("ada"), cast.person("bo"), cast.person("mallory")
    teen, mod = cast.person("teen", age=15), cast.moderator("mod")
    waiting = cast.person("waiting", admitted=False)
    suspended = cast.person("suspended")
    token = cast.session_token(suspended)
    people.set_active(suspended.pk, active=False)
    cast.person("cy")  # nobody's column: somebody to grant things to
    with tempfile.TemporaryDirectory() as folder:
        post = cast.post(ada, caption="hello #sea", clip=films.stored_clip(Path(folder), number=0))
    things = cast.things_of(ada, post)
    challenge = cast.challenge(mod)
    ties.block(ada, "mallory")
    roles = {
        "signed_out": None,
        "owner": ada,
        "other": bo,
        "blocked": mallory,
        "teen": teen,
        "suspended": token,
        "waitlisted": waiting,
        "moderator": mod,
    }
    assert tuple(roles) == ROLES
    names = {"handle": "ada", "tag": "sea", "board": "remixed"}
    return roles, {**names, "post_id": post.pk, "challenge_id": challenge.pk, **things}
