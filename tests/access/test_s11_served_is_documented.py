"""S11: what is served, the OpenAPI document, the access table and the guide name the same paths."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver, path

from sora_social import urls
from tests.access.scene import OPERATIONS, SCHEMA
from tests.access.table import TABLE

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {("GET", "/v1/openapi.json"), ("GET", "/v1/docs")}
OUTSIDE_V1 = {"", "_allauth", "admin", "healthz", "media", "metrics", "oembed", "p", "readyz", "staff"}
COMMAND = "python manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn"
REGENERATE = f"docs/openapi.yaml is behind. Make it anew: {COMMAND}"


def served(patterns=None, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Every path of the URL configuration, as OpenAPI writes it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        place = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from served(pattern.url_patterns, place)
        else:
            yield place, pattern


def served_operations() -> set[tuple[str, str]]:
    found = set()
    for place, pattern in served():
        if place.startswith("/v1/"):
            view = pattern.callback.view_class
            verbs = [verb for verb in ("get", "post", "put", "patch", "delete") if hasattr(view, verb)]
            found |= {(verb.upper(), place) for verb in verbs}
    return found


def operations_in_the_guide() -> set[tuple[str, str]]:
    text = (ROOT / "docs/api.md").read_text()
    return {(verb, place) for place, verb in re.findall(r"^\| `(/v1/[^`]*)` \| ([A-Z]+) \|", text, re.MULTILINE)}


def test_s11_what_is_served_is_in_the_document():
    assert served_operations() == set(OPERATIONS) | DOCUMENTS


def test_s11_what_is_served_is_in_the_access_table():
    assert served_operations() == set(TABLE) | DOCUMENTS


def test_s11_what_is_served_is_in_the_guide():
    guide, here = operations_in_the_guide(), served_operations()
    assert guide == here, f"docs/api.md, last chapter: missing {here - guide}, too many {guide - here}"


def test_s11_a_new_path_would_be_noticed(monkeypatch):
    new = path("secrets", urls.ConfigView.as_view())
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, path("v1/", urls.include([new]))])
    monkeypatch.setattr(get_resolver(), "url_patterns", urls.urlpatterns)
    assert served_operations() - operations_in_the_guide() == {("GET", "/v1/secrets")}


def test_s11_beside_v1_there_is_only_what_is_known():
    assert {place.split("/")[1] for place, _ in served()} - {"v1"} <= OUTSIDE_V1
    text = (ROOT / "docs/api.md").read_text()
    assert all(f"/{name}" in text for name in OUTSIDE_V1)


def test_s11_the_committed_document_is_the_served_one():
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert (ROOT / "docs/openapi.yaml").read_text().strip() == out.getvalue().strip(), REGENERATE


def test_s11_the_served_document_is_the_same(db, api):
    assert yaml.safe_load(api(None).get("/v1/openapi.json").content) == yaml.safe_load(
        (ROOT / "docs/openapi.yaml").read_text()
    )


def test_s11_the_page_of_the_document_needs_nobody_and_no_other_host(db, api):
    answer = api(None).get("/v1/docs", HTTP_ACCEPT="text/html")
    assert answer.status_code == 200
    hosts = set(re.findall(r"https?://([^/\"' ]+)", answer.content.decode()))
    assert hosts <= {"testserver"}


@pytest.mark.parametrize(("verb", "place"), OPERATIONS, ids=lambda part: part)
def test_s11_every_operation_tells_a_client_what_it_needs(verb, place):
    operation = SCHEMA["paths"][place][verb.lower()]
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"][0] in {tag["name"] for tag in SCHEMA["tags"]}
    refusals = {status for status in operation["responses"] if status >= "4"}
    assert {"400", "405", "406", "503"} <= refusals
    assert ("401" in refusals) == bool(operation.get("security"))
    assert ("{" in place) <= ("404" in refusals)
    assert ("requestBody" in operation) <= ({"413", "415", "422"} <= refusals)
    for status in refusals:
        assert list(operation["responses"][status]["content"]) == ["application/problem+json"]
    for parameter in operation.get("parameters", []):
        assert "type" in parameter["schema"] or "$ref" in str(parameter["schema"])


def test_s11_operations_have_names_of_their_own():
    names = [operation["operationId"] for verbs in SCHEMA["paths"].values() for operation in verbs.values()]
    assert len(names) == len(set(names))


def test_s11_the_idempotency_key_is_documented_where_it_is_taken():
    taking = set()
    for place, pattern in served():
        view = getattr(pattern.callback, "view_class", None)
        if place.startswith("/v1/") and getattr(getattr(view, "post", None), "is_idempotent", False):
            taking.add(("POST", place))
    documented = {
        (verb, place)
        for verb, place in OPERATIONS
        for parameter in SCHEMA["paths"][place][verb.lower()].get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    }
    assert documented == taking
    # what spends or publishes takes one
    assert {
        ("POST", "/v1/generations"),
        ("POST", "/v1/generations/{job_id}/reroll"),
        ("POST", "/v1/posts/{post_id}/remix"),
        ("POST", "/v1/drafts/{draft_id}/publish"),
        ("POST", "/v1/templates"),
        ("POST", "/v1/templates/{template_id}/use"),
        ("POST", "/v1/posts/{post_id}/comments"),
    } <= taking
