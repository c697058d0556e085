"""C06: to narrow is as easy as to widen: no more calls, fields, confirmations or waits."""

import pytest

from cameos import casting
from cameos.models import Cameo
from tests import cast
from tests.access.scene import SCHEMA


def asked_of(verb, path) -> set[str]:
    """The fields that an operation cannot do without."""
    operation = SCHEMA["paths"][path][verb]
    body = operation.get("requestBody")
    needed = {name["name"] for name in operation.get("parameters", []) if name.get("required") and name["in"] != "path"}
    if not body:
        return needed
    shape = body["content"]["application/json"]["schema"]
    named = SCHEMA["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]] if "$ref" in shape else shape
    return needed | set(named.get("required", []))


PAIRS = [  # who widens, who narrows
    (("put", "/v1/cameos/{cameo_id}/grants/{handle}"), ("delete", "/v1/cameos/{cameo_id}/grants/{handle}")),
    (("patch", "/v1/cameos/{cameo_id}"), ("patch", "/v1/cameos/{cameo_id}")),
    (("patch", "/v1/cameos/{cameo_id}"), ("post", "/v1/me/hide-my-face")),
    (("post", "/v1/cameos/{cameo_id}/renew"), ("delete", "/v1/cameos/{cameo_id}")),
    (
        ("post", "/v1/cast-requests/{request_id}/approve"),
        ("post", "/v1/cast-requests/{request_id}/decline"),
    ),
]


@pytest.mark.parametrize(("wider", "narrower"), PAIRS)
def test_c06_the_schema_asks_no_more_of_who_narrows(wider, narrower):
    assert len(asked_of(*narrower)) <= len(asked_of(*wider))


def test_c06_mutant_a_confirmation_is_seen(monkeypatch):
    confirm = {"name": "confirm", "in": "query", "required": True, "schema": {"type": "string"}}
    monkeypatch.setitem(SCHEMA["paths"]["/v1/me/hide-my-face"]["post"], "parameters", [confirm])
    assert asked_of("post", "/v1/me/hide-my-face") > asked_of("patch", "/v1/cameos/{cameo_id}")


def test_c06_one_call_each_way_and_in_force_at_once(ada, bo, api):
    face = cast.cameo(ada)
    url = f"/v1/cameos/{face.pk}"
    hers = api(ada)

    def castable():
        return bool(casting.castable_among(bo, [face.pk]))

    walk = [
        (lambda: hers.patch(url, {"audience": "everyone"}), lambda: hers.patch(url, {"audience": "only_me"})),
        (lambda: hers.patch(url, {"audience": "everyone"}), lambda: hers.post("/v1/me/hide-my-face")),
        (
            lambda: hers.patch(url, {"audience": "everyone"}),
            lambda: hers.post(f"{url}/revoke", {"mode": "future_only"}),
        ),
        (lambda: hers.put(f"{url}/grants/bo"), lambda: hers.delete(f"{url}/grants/bo")),
    ]
    for number, (widen, narrow) in enumerate(walk):
        if number == len(walk) - 1:
            hers.patch(url, {"audience": "approved"})
        assert not castable()
        assert widen().status_code < 300
        assert castable()
        assert narrow().status_code < 300
        assert not castable()
    assert Cameo.objects.get(pk=face.pk).epoch == 3  # two of them began a new epoch
