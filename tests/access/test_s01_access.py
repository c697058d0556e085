"""S01: route × verb × role, from the OpenAPI document; and that a refused request changes nothing."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from sora_social.accounts import people, ties
from tests import cast
from tests.access.table import ROLES, TABLE

SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
OPERATIONS = sorted((verb.upper(), path) for path, verbs in SCHEMA["paths"].items() for verb in verbs)
# what a request may leave behind without changing anything for anybody
NOISE = {"django_session", "feeds_servedpage", "moderation_auditentry"}


def test_the_document_is_valid():
    validate_schema(SCHEMA)


def test_every_operation_has_a_row_and_every_row_an_operation():
    assert set(OPERATIONS) == set(TABLE)


def test_a_route_without_a_row_is_noticed(monkeypatch):
    monkeypatch.delitem(TABLE, ("GET", "/v1/me"))
    assert set(OPERATIONS) != set(TABLE)


@pytest.fixture
def scene(ada, bo, mallory, teen, mod):
    waiting = cast.person("waiting", admitted=False)
    suspended = cast.person("suspended")
    token = cast.session_token(suspended)
    people.set_active(suspended.pk, active=False)
    post = cast.post(ada, caption="hello #sea")
    things = cast.things_of(ada, post)
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
    return roles, {"handle": "ada", "post_id": post.pk, "tag": "sea", **things}


def fingerprint() -> dict[str, tuple[int, str]]:
    """Every row of every table, in a few bytes."""
    found = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM "{table}" t')  # noqa: S608
            found[table] = cursor.fetchone()
    return found


def _tables() -> Iterator[str]:
    return (model._meta.db_table for model in apps.get_models() if model._meta.db_table not in NOISE)


def client_for(api, who):
    client = api(who if not isinstance(who, str) else None)
    if isinstance(who, str):
        client.credentials(HTTP_X_SESSION_TOKEN=who)
    return client


@pytest.mark.parametrize(("verb", "path"), OPERATIONS, ids=lambda part: part)
def test_s01_each_role_gets_what_the_table_says_and_a_refusal_changes_nothing(verb, path, scene, api):
    roles, things = scene
    row = TABLE[verb, path]
    # who is refused goes first, so that the thing is still there to be refused
    for role in sorted(ROLES, key=lambda role: row.answers[role] < 400):
        url = path.format(**{**things, **{name: value.format(**things) for name, value in row.path.items()}})
        body = _filled(row.body, things)
        before = fingerprint() if row.answers[role] >= 400 else None
        answer = client_for(api, roles[role]).generic(
            verb, url + _query(row.query), cast.as_json(body), "application/json"
        )
        assert answer.status_code == row.answers[role], (role, verb, url, answer.content[:500])
        if before is not None:
            assert fingerprint() == before, f"{role} was refused and still changed something"
            assert answer["Content-Type"] == "application/problem+json"
        if role == "owner" and verb == "DELETE" and answer.status_code < 300:
            break


def _query(query):
    return "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else ""


def _filled(value, things):
    if isinstance(value, str):
        return value.format(**things)
    if isinstance(value, dict):
        return {name: _filled(inner, things) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, things) for inner in value]
    return value


@pytest.mark.parametrize("mutant", ["walls", "admission"])
def test_s01_mutants_of_the_access_rules_are_seen(mutant, scene, api, monkeypatch):
    """With a rule switched off the table no longer holds: the test above would fail."""
    roles, things = scene
    if mutant == "walls":
        ties.Block.objects.all().delete()
        who, path = "blocked", f"/v1/people/{things['handle']}"
    else:
        monkeypatch.setattr("sora_social.accounts.admission.Admitted.has_permission", lambda *_: True)
        who, path = "waitlisted", "/v1/feed"
    row = TABLE["GET", path.replace(things["handle"], "{handle}")]
    assert client_for(api, roles[who]).get(path).status_code != row.answers[who]
