"""S01: route × verb × role, from the OpenAPI document; and that a refused request changes nothing."""

import pytest
from drf_spectacular.validation import validate_schema

from sora_social.accounts import ties
from tests.access.scene import OPERATIONS, SCHEMA, client_for, fingerprint, send
from tests.access.table import ROLES, TABLE


def test_the_document_is_valid():
    validate_schema(SCHEMA)


def test_every_operation_has_a_row_and_every_row_an_operation():
    assert set(OPERATIONS) == set(TABLE)


def test_a_route_without_a_row_is_noticed(monkeypatch):
    monkeypatch.delitem(TABLE, ("GET", "/v1/me"))
    assert set(OPERATIONS) != set(TABLE)


@pytest.mark.parametrize(("verb", "path"), OPERATIONS, ids=lambda part: part)
def test_s01_each_role_gets_what_the_table_says_and_a_refusal_changes_nothing(verb, path, scene, api):
    roles, things = scene
    row = TABLE[verb, path]
    # who is refused goes first, so that the thing is still there to be refused
    for role in sorted(ROLES, key=lambda role: row.answers[role] < 400):
        before = fingerprint() if row.answers[role] >= 400 else None
        answer = send(client_for(api, roles[role]), verb, path, things)
        assert answer.status_code == row.answers[role], (role, verb, path, answer.content[:500])
        if before is not None:
            assert fingerprint() == before, f"{role} was refused and still changed something"
            assert answer["Content-Type"] == "application/problem+json"
        if role == "owner" and verb == "DELETE" and answer.status_code < 300:
            break


@pytest.mark.parametrize("mutant", ["walls", "admission"])
def test_s01_mutants_of_the_access_rules_are_seen(mutant, scene, api, monkeypatch):
    """With a rule switched off the table no longer holds: the test above would fail."""
    roles, things = scene
    if mutant == "walls":
        ties.Block.objects.all().delete()
        who, path = "blocked", "/v1/people/{handle}"
    else:
        monkeypatch.setattr("sora_social.accounts.admission.Admitted.has_permission", lambda *_: True)
        who, path = "waitlisted", "/v1/feed"
    assert send(client_for(api, roles[who]), "GET", path, things).status_code != TABLE["GET", path].answers[who]
