"""S02: nothing can be written or read that the OpenAPI document does not declare."""

import copy
from typing import Any

import jsonschema
import pytest
from django.apps import apps
from django.db import transaction
from rest_framework import serializers

from cameos import consent, memorials
from feeds.discovery import entries, leaderboards, search_index
from feeds.models import Window
from feeds.scroll import check_ins
from feeds.steering import interests
from remix.models import EdgeKind
from sora_social.accounts import invites, ties
from sora_social.accounts.events import InviteRedeemed
from sora_social.accounts.models import Handle
from sora_social.challenges.models import Challenge
from sora_social.core import outbox
from sora_social.core.wire import Input
from sora_social.credits import quota
from sora_social.inbox.conversations import conversing, messaging
from sora_social.posts import reactions
from sora_social.posts.comments import commenting
from sora_social.studio import publishing, submitting
from tests import cast
from tests.access.scene import OPERATIONS, SCHEMA, body_of, client_for, fingerprint, send
from tests.access.table import TABLE

COMPONENTS = SCHEMA["components"]["schemas"]


def operation(verb, path):
    return SCHEMA["paths"][path][verb.lower()]


def names_of_everything() -> set[str]:
    """The name of each column, and of each property that any answer has."""
    columns = {name for model in apps.get_models() for field in model._meta.get_fields() for name in _names(field)}
    properties = {name for component in COMPONENTS.values() for name in component.get("properties", {})}
    return columns | properties | {"__proto__", "pk", "user", "user_id", "owner_id", "is_superuser"}


def _names(field):
    return {field.name, getattr(field, "attname", field.name)}


EVERYTHING = names_of_everything()
WRITES = [place for place in OPERATIONS if TABLE[place].body is not None]
UPLOADS = [place for place in OPERATIONS if TABLE[place].upload]


def unknown_fields(answer) -> set[str]:
    found = answer.json()["errors"].items()
    return {name for name, errors in found if [error["code"] for error in errors] == ["unknown_field"]}


def declared(verb, path) -> set[str]:
    kind = "multipart/form-data" if (verb, path) in UPLOADS else "application/json"
    content = operation(verb, path)["requestBody"]["content"][kind]["schema"]
    return set(COMPONENTS[content["$ref"].rpartition("/")[2]]["properties"])


def test_every_operation_that_declares_a_body_is_tried():
    assert {place for place in OPERATIONS if "requestBody" in operation(*place)} == {*WRITES, *UPLOADS}
    assert len(EVERYTHING) > 150


@pytest.mark.parametrize(("verb", "path"), WRITES, ids=lambda part: part)
def test_s02_no_field_is_written_that_is_not_declared(verb, path, scene, api):
    roles, things = scene
    client = client_for(api, roles["owner"])
    extras = EVERYTHING - declared(verb, path)
    before = fingerprint()
    answer = send(client, verb, path, things, {**body_of(verb, path, things), **dict.fromkeys(extras, "1")})
    assert answer.status_code == 422, answer.content[:500]
    assert unknown_fields(answer) == extras
    for name in ("id", "author", "owner_id", "is_staff"):  # alone, too
        answer = send(client, verb, path, things, {**body_of(verb, path, things), name: "1"})
        assert (answer.status_code, unknown_fields(answer)) == (422, {name})
    assert fingerprint() == before


@pytest.mark.parametrize(("verb", "path"), UPLOADS, ids=lambda part: part)
def test_s02_nor_beside_a_file(verb, path, scene, api):
    roles, things = scene
    extras = EVERYTHING - declared(verb, path)
    before = fingerprint()
    some = dict.fromkeys(sorted(extras)[:150], "1")  # a form has at most 200 fields
    answer = send(client_for(api, roles["owner"]), verb, path, things, some)
    assert (answer.status_code, unknown_fields(answer)) == (422, set(some))
    assert fingerprint() == before


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/v1/generations", {"prompt": "a", "shots": [{"text": "a", "seconds": 1, "id": "1"}]}, "shots[0].id"),
        (
            "/v1/generations",
            {"prompt": "a", "sources": [{"post_id": "1", "kind": "remix", "root_id": "1"}]},
            "sources[0].root_id",
        ),
        (
            "/v1/impressions",
            {"items": [{"impression_id": "1-0", "visible_ms": 1, "watched_ms": 1, "viewer_id": "1"}]},
            "items[0].viewer_id",
        ),
    ],
)
def test_s02_no_field_is_written_deeper_down_either(path, body, where, ada, api):
    before = fingerprint()
    answer = api(ada).post(path, body)
    assert (answer.status_code, unknown_fields(answer)) == (422, {where})
    assert fingerprint() == before


def test_s02_mutant_without_the_check_of_names(scene, api, monkeypatch):
    monkeypatch.setattr(Input, "to_internal_value", serializers.Serializer.to_internal_value)
    roles, _ = scene
    assert api(roles["owner"]).patch("/v1/me", {"bio": "x", "is_staff": True}).status_code == 200


# what is read


def closed(schema: Any) -> Any:
    """The JSON Schema of an OpenAPI 3.0 one, that allows no property beside those it names."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {"$ref": f"#/$defs/{name}"}
    made = {name: closed(part) for name, part in schema.items() if name not in {"properties", "nullable"}}
    if "properties" in schema:
        made["properties"] = {name: closed(part) for name, part in schema["properties"].items()}
        made["additionalProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


DEFINITIONS = {name: closed(component) for name, component in COMPONENTS.items()}


def closed_answer(verb, path, status) -> Any:
    content = operation(verb, path)["responses"][str(status)]["content"]["application/json"]["schema"]
    return {**closed(content), "$defs": DEFINITIONS}


def open_objects(schema: Any, place: str) -> list[str]:
    """Where a schema says `object` and not which."""
    if isinstance(schema, list):
        return [found for index, part in enumerate(schema) for found in open_objects(part, f"{place}[{index}]")]
    if not isinstance(schema, dict):
        return []
    own = schema.get("type") == "object" and "properties" not in schema and not schema.get("additionalProperties")
    deeper = (open_objects(part, f"{place}.{name}") for name, part in schema.items() if name != "enum")
    return ([place] if own else []) + [found for part in deeper for found in part]


def test_s02_every_object_in_the_document_says_what_is_in_it():
    assert {place for name, schema in DEFINITIONS.items() for place in open_objects(schema, name)} == set()


@pytest.fixture
def rich_scene(scene, api):
    """The scene, with something in every list."""
    roles, things = scene
    ada, bo = roles["owner"], roles["other"]
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    source = cast.post(ada)
    cast.post(bo, sources=[source], caption="before the other")
    remixed = cast.post(bo, sources=[source], caption="after ada #sea")
    cast.post(ada, sources=[remixed])
    cast.post(bo, caption="for the feed")
    commenting.say(bo, things["post_id"], text="a reply", parent_id=things["comment_id"])
    reactions.save(ada, remixed.pk)
    submitting.submit(ada, prompt="a naked child")
    submitting.submit(ada, prompt="go on", sources=[submitting.Source(remixed.pk, EdgeKind.EXTEND)])
    draft = cast.finished_job(ada, cast=["@ada"]).drafts.get()
    words = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    publishing.publish_draft(ada, draft.pk, caption="published", **words)
    code = invites.of(ada)[0].code
    invites.redeem(roles["waitlisted"], code)
    quota.reward_invite(InviteRedeemed(invite_id=1, redeemer_id=ada.pk))
    consent.grant(ada, things["cameo_id"], "cy")
    cast.cameo(ada, kind="character", figure="pet", name=Handle.objects.create(name="rex"), in_catalogue=True)
    memorials.claim(ada, name="Vera Lindqvist", aliases=["La Vera"], relation="her son", evidence="the will")
    cast.post(bo, sources=[cast.entry(ada, Challenge.objects.get())])
    messaging.send(ada, things["conversation_id"], text="look", post_id=remixed.pk)
    conversing.change(ada, things["conversation_id"], title="a name")
    outbox.relay()
    entries.count_stale()
    leaderboards.count(*Window)
    list(search_index.reindex())
    check_ins.answer(ada, answer="same")
    interests.choose(ada, ["cats"])
    served = api(ada).get("/v1/feed").json()["items"]
    return ada, {**things, "served_id": served[0]["id"], "remixed_id": remixed.pk}


ANSWERS = [
    place
    for place in OPERATIONS
    if any("application/json" in answer.get("content", {}) for answer in operation(*place)["responses"].values())
]


def undeclared(answer, verb, path) -> str:
    """What is wrong with an answer's shape; empty when nothing is."""
    validator = jsonschema.Draft202012Validator(closed_answer(verb, path, answer.status_code))
    return "; ".join(
        f"{verb} {path}: {error.json_path}: {error.message[:300]}" for error in validator.iter_errors(answer.json())
    )


# answered for a post that is one's own, that one was shown, or whose file is there
NOT_OF_ALL_POSTS = {"manifest": 404, "why": 404, "reach": 404, "held": 403, "restraints": 403, "derivations": 403}


def test_s02_no_property_is_read_that_is_not_declared(rich_scene, api):
    ada, things = rich_scene
    client, wrong, empty = client_for(api, ada), [], set()
    for verb, path in ANSWERS:
        if verb != "GET":
            continue
        for post_id in (things["served_id"] if path.endswith("/why") else things["post_id"], things["remixed_id"]):
            answer = send(client, verb, path, {**things, "post_id": post_id})
            if answer.status_code == NOT_OF_ALL_POSTS.get(path.rpartition("/")[2]):
                continue
            assert answer.status_code == 200, (path, answer.content[:500])
            wrong.append(undeclared(answer, verb, path))
            if answer.json().get("items") == []:
                empty.add((path, post_id))
    assert [fault for fault in wrong if fault] == []
    # every list had something in it at least once
    assert {path for path, _ in empty if sum(path == other for other, _ in empty) == 2} == set()


WRITTEN = [place for place in ANSWERS if place[0] != "GET"]


def test_s02_no_property_comes_back_that_is_not_declared(rich_scene, api):
    ada, things = rich_scene
    wrong = []
    for verb, path in WRITTEN:
        with transaction.atomic():
            answer = send(client_for(api, ada), verb, path, things)
            transaction.set_rollback(True)
        if answer.status_code < 400:
            wrong.append(undeclared(answer, verb, path))
        elif answer.status_code != TABLE[verb, path].answers["owner"]:
            wrong.append(f"{verb} {path}: {answer.content[:500]!r}")
    assert [fault for fault in wrong if fault] == []


def test_s02_cards_and_pauses_have_the_declared_properties_alone(rich_scene, api, settings):
    """A scroll of one item to the first card and to the pause, an adult's and a teen's."""
    settings.SCROLL_ITEMS = settings.TEEN_SCROLL_ITEMS = (1, 2, 3)
    settings.TEEN_PAGE_ITEMS = 2
    types = set()
    for viewer in (rich_scene[0], cast.person("young", age=15)):
        for _ in range(4):
            answer = api(viewer).get("/v1/feed", {"feed": "latest", "limit": 1})
            assert undeclared(answer, "GET", "/v1/feed") == ""
            types |= {item["type"] for item in answer.json()["items"]}
        assert undeclared(api(viewer).get("/v1/me/scrolling"), "GET", "/v1/me/scrolling") == ""
    assert types == {"post", "nudge", "pause"}


def test_s02_an_undeclared_property_would_be_seen(rich_scene, api):
    ada, things = rich_scene
    answer = send(client_for(api, ada), "GET", "/v1/posts/{post_id}", things).json()
    validator = jsonschema.Draft202012Validator(closed_answer("GET", "/v1/posts/{post_id}", 200))
    assert validator.is_valid(answer)
    for holder in (answer, answer["author"], answer["lineage"]):
        leaky = copy.deepcopy(answer)
        place = leaky if holder is answer else next(value for value in leaky.values() if value == holder)
        place["email"] = "ada@example.org"
        assert not validator.is_valid(leaky)


def test_s02_a_refusal_has_the_documented_members_alone(scene, api):
    roles, things = scene
    for who, path in [(None, "/v1/me"), (roles["other"], "/v1/drafts/{draft_id}"), (roles["waitlisted"], "/v1/feed")]:
        answer = send(client_for(api, who), "GET", path, things)
        assert answer.status_code >= 400
        jsonschema.Draft202012Validator({"$ref": "#/$defs/Problem", "$defs": DEFINITIONS}).validate(answer.json())
