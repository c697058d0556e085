"""The scene: one of everything, all of it ada's, and one person for each column of the table."""

import pytest

from sora_social.accounts import people, ties
from tests import cast
from tests.access.table import ROLES


@pytest.fixture
def scene(ada, bo, mallory, teen, mod):
    waiting = cast.person("waiting", admitted=False)
    suspended = cast.person("suspended")
    token = cast.session_token(suspended)
    people.set_active(suspended.pk, active=False)
    cast.person("cy")  # nobody's column: somebody to grant things to
    post = cast.post(ada, caption="hello #sea")
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
