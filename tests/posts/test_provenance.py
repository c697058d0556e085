"""What the file of a post says of where it comes from: who may read it, and what of it."""

import pytest
from cryptography import x509
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from remix.lineage import Source
from sora_social.accounts import ties
from sora_social.media import certificates
from sora_social.posts import provenance
from sora_social.posts.models import Post
from sora_social.studio import generating, publishing, submitting
from tests import cast

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


@pytest.fixture(autouse=True)
def _stage(tmp_path, settings):
    settings.PROVIDER = "tests.studio.makers.Quick"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "base_url": None},
        },
    }


def shown(owner, *sources, **words):
    """A post whose film is in the store."""
    kind = "remix" if len(sources) < 2 else "stitch"
    made_from = [Source(source.pk, kind, place) for place, source in enumerate(sources)]
    job = submitting.submit(owner, prompt="a cat", seconds=1, sources=made_from)
    generating.render(job.pk)
    return publishing.publish_draft(owner, job.drafts.get().pk, **{**WORDS, **words})


def manifest_of(api, viewer, post):
    return api(viewer).get(f"/v1/posts/{post.pk}/manifest")


def test_a_stranger_reads_who_made_it_with_what_and_from_what(ada, bo, cy, api, settings):
    root = shown(ada)
    between = shown(bo, root)
    post = shown(bo, between)
    url = f"{settings.PUBLIC_URL}/v1/posts/{post.pk}/manifest"
    assert api(cy).get(f"/v1/posts/{post.pk}").json()["ai_disclosure"]["manifest_url"] == url
    answer = manifest_of(api, cy, post)
    assert answer.status_code == 200
    assert answer.json() == {
        "state": "valid",
        "codes": [],
        "manifest_id": post.clip.manifest_id,
        "signed_by": "sora-social clips",
        "made_with": {
            "provider": "tests.studio.makers.Quick",
            "model": "test",
            "digital_source_type": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        },
        "ingredients": [
            {"kind": "remix", "ordinal": 0, "manifest": "valid", "post": {"id": str(between.pk), "handle": "bo"}}
        ],
        "credit": {
            "label": "AI-generated",
            "author": {"handle": "bo"},
            "root": {"id": str(root.pk), "handle": "ada"},
        },
    }


def test_who_is_behind_a_block_and_who_is_signed_out_read_nothing(ada, mallory, api):
    post = shown(ada)
    ties.block(ada, "mallory")
    assert manifest_of(api, mallory, post).status_code == 404
    assert manifest_of(api, None, post).status_code == 401


@pytest.mark.parametrize("visibility", ["private", "followers"])
def test_that_of_a_post_that_is_not_for_all_is_for_who_may_see_it(visibility, ada, bo, api):
    post = shown(ada, visibility=visibility)
    assert manifest_of(api, ada, post).json()["state"] == "valid"
    assert manifest_of(api, bo, post).status_code == 404
    ties.follow(bo, "ada")
    assert manifest_of(api, bo, post).status_code == (200 if visibility == "followers" else 404)


def test_what_a_reader_may_not_know_of_is_not_named_to_them(ada, bo, cy, mallory, api):
    root = shown(ada)
    between = shown(ada, root)
    post = shown(bo, between)
    ties.block(ada, "mallory")
    answer = manifest_of(api, mallory, post)
    assert (answer.json()["ingredients"][0]["post"], answer.json()["credit"]["root"]) == (None, None)
    assert b'"ada"' not in answer.content
    Post.objects.filter(pk=between.pk).update(visibility="private")
    said = manifest_of(api, cy, post).json()
    assert (said["ingredients"][0]["post"], said["credit"]["root"]["handle"]) == (None, "ada")


@pytest.mark.parametrize("change", ["flipped", "another film", "no film"])
def test_of_a_file_that_is_not_what_was_stored_nothing_is_repeated(change, ada, bo, api):
    post, other = shown(ada), shown(ada)
    data = bytearray(default_storage.open(post.clip.video_key).read())
    data[data.rindex(b"mdat") + 100] ^= 1
    default_storage.delete(post.clip.video_key)
    if change == "another film":
        data = default_storage.open(other.clip.video_key).read()
    if change == "no film":
        assert manifest_of(api, bo, post).status_code == 404
        return
    default_storage.save(post.clip.video_key, ContentFile(bytes(data)))
    assert manifest_of(api, bo, post).json() == {
        "state": "invalid",
        "codes": ["assertion.bmffHash.mismatch" if change == "flipped" else "manifest.other"],
        "manifest_id": post.clip.manifest_id,
        "signed_by": None,
        "made_with": None,
        "ingredients": None,
        "credit": None,
    }


def test_a_film_of_before_says_that_there_is_none(ada, bo, api):
    post = cast.post(ada)
    assert api(bo).get(f"/v1/posts/{post.pk}").json()["ai_disclosure"]["manifest_url"] is None
    answer = manifest_of(api, bo, post)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_manifest")


def test_anybody_has_the_roots_without_an_account(api, db):
    answer = api(None).get("/v1/manifest-certificates", HTTP_ACCEPT="*/*")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pem-certificate-chain")
    assert answer.content.decode() == certificates.anchors()
    (root,) = x509.load_pem_x509_certificates(answer.content)
    root.verify_directly_issued_by(root)
    accepted = api(None).get("/v1/manifest-certificates", HTTP_ACCEPT="application/pem-certificate-chain")
    assert accepted.status_code == 200


def test_reading_many_is_slowed_down(ada, api, monkeypatch):
    post = shown(ada)
    monkeypatch.setattr("sora_social.posts.throttling.ManifestThrottle.rate", "2/min", raising=False)
    codes = [manifest_of(api, ada, post).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_it_costs_a_handful_of_queries_however_many_sources(ada, bo, api):
    posts = [shown(ada) for _ in range(3)]
    one, many = shown(bo, posts[0]), shown(bo, *posts)
    client, counts = api(bo), []
    assert client.get("/v1/me").status_code == 200  # the session is in the cache from now on
    for post in (one, many):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/v1/posts/{post.pk}/manifest").json()["state"] == "valid"
        counts.append(len(asked))
    assert counts == [4, 4]


@pytest.mark.parametrize("went", ["deleted", "removed", "unlisted"])
def test_a_source_that_went_is_named_to_nobody_any_more(went, ada, bo, cy, api):
    source = shown(ada)
    child = shown(bo, source)
    assert manifest_of(api, cy, child).json()["ingredients"][0]["post"] == {"id": str(source.pk), "handle": "ada"}
    gone = {"deleted": {"deleted_at": Now()}, "removed": {"removed_at": Now()}, "unlisted": {"visibility": "unlisted"}}
    Post.objects.filter(pk=source.pk).update(**gone[went])
    answer = manifest_of(api, cy, child).json()
    assert (answer["state"], answer["ingredients"][0]["post"], answer["credit"]["root"]) == ("valid", None, None)


def test_a_process_reads_two_at_once_and_no_more(ada, api):
    post = shown(ada)
    with provenance._places, provenance._places:
        answer = manifest_of(api, ada, post)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert manifest_of(api, ada, post).status_code == 200
