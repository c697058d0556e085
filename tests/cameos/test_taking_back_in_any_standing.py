"""Nobody is kept from taking their consent back: suspended, on the waitlist, or where the service is not open."""

import pytest

from cameos.models import Appearance, Audience
from sora_social.accounts import people
from sora_social.accounts.models import User
from sora_social.posts.models import Post
from sora_social.studio import publishing
from tests import cast
from tests.cameos.test_consent import WORDS


@pytest.fixture(params=["suspended", "waitlisted", "abroad"])
def locked_out(request, ada, bo, api, settings):
    """ada's client, whose face bo has published, and who may not use the service any more."""
    face = cast.cameo(ada, audience=Audience.EVERYONE)
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    post = publishing.publish_draft(bo, draft.pk, **WORDS)
    client = api(ada)
    if request.param == "suspended":
        people.set_active(ada.pk, active=False)
    elif request.param == "waitlisted":
        User.objects.filter(pk=ada.pk).update(admitted_at=None)
    else:
        settings.OPEN_COUNTRIES = ["US"]
        User.objects.filter(pk=bo.pk).update(country="US")
    return client, face, post


def is_up(post):
    return Post.objects.standing().filter(pk=post.pk).exists()


@pytest.mark.parametrize("way", ["revoke", "hide", "remove", "erase"])
def test_who_is_locked_out_takes_their_face_back(way, locked_out):
    client, face, post = locked_out
    assert is_up(post)
    url = f"/v1/cameos/{face.pk}"
    appearance = Appearance.objects.get(post_id=post.pk)
    answer = {
        "revoke": lambda: client.post(f"{url}/revoke", {"mode": "unpublish_all"}),
        "hide": lambda: client.post("/v1/me/hide-my-face"),
        "remove": lambda: client.delete(f"{url}/appearances/{appearance.pk}"),
        "erase": lambda: client.delete(url),
    }[way]()
    assert (answer.status_code, is_up(post)) == (204, False)


def test_who_is_locked_out_reads_what_was_agreed(locked_out):
    client, face, _ = locked_out
    assert [mine["id"] for mine in client.get("/v1/cameos").json()["items"]] == [str(face.pk)]
    for path in ("ledger", "appearances", "grants", "evidence"):
        assert client.get(f"/v1/cameos/{face.pk}/{path}").status_code == 200
    receipt = client.get(f"/v1/consent-records/{face.terms_record_id}/receipt")
    assert receipt.status_code == (200 if face.terms_record_id else 404)
    assert client.delete(f"/v1/cameos/{face.pk}/grants/bo").status_code == 204
    assert client.get("/v1/cast-requests").status_code == 200


def test_who_is_locked_out_does_nothing_else(locked_out):
    client, face, post = locked_out
    url = f"/v1/cameos/{face.pk}"
    for answer in (
        client.get("/v1/cameos?castable=true"),
        client.post("/v1/cameos", {"kind": "person"}),
        client.get(url),
        client.patch(url, {"audience": "everyone"}),
        client.put(f"{url}/grants/bo"),
        client.post(f"{url}/renew"),
        client.get(f"/v1/posts/{post.pk}"),
        client.post("/v1/generations", {"prompt": "a quiet beach"}),
    ):
        assert answer.status_code == 403, answer.content
        assert answer.json()["code"] in {"suspended", "waitlisted", "unsupported_country_code"}
