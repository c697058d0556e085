"""Ways around somebody's say that were found by trying, and are closed."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cameos import casting, consent, evidence, memorials, signing, verify_evidence
from cameos.consent import Mode
from cameos.models import Appearance
from remix.lineage import Source
from sora_social.core.errors import Invalid
from sora_social.posts.models import Post
from sora_social.studio import appearing, publishing, submitting
from tests import cast
from tests.cameos.test_consent import WORDS, published
from tests.media.conftest import media_folder  # noqa: F401 - a storage of each test's own

pytestmark = pytest.mark.django_db


@pytest.fixture
def face(ada):
    return cast.cameo(ada, audience="everyone")


def test_a_limit_that_is_not_named_stays(ada, bo, api):
    face = cast.cameo(ada, audience="everyone", limits={"no_violence": True})
    post = published(bo, face)
    until = (timezone.now() - timedelta(days=1)).date().isoformat()
    consent.set_terms(ada, face.pk, limits={"until": until})
    told = api(ada).patch(f"/v1/cameos/{face.pk}", {"limits": {"no_ads": True}}).json()["limits"]
    assert (told["no_violence"], told["no_ads"], told["until"]) == (True, True, until)
    assert not Post.objects.standing().filter(pk=post.pk).exists()


def test_a_character_is_not_renamed_to_a_closed_name(ada, bo):
    claim = memorials.claim(bo, name="Robin Stone", aliases=[], relation="son", evidence="a letter")
    with transaction.atomic():
        memorials.close(claim.pk)
    clown = cast.approved(ada, kind="character", handle="clown", display_name="A Clown")
    with pytest.raises(Invalid):
        consent.set_terms(ada, clown.pk, display_name="Robin Stone")


def test_who_is_replaced_by_themselves_came_with_the_source(ada, bo, cy, face):
    post = published(bo, face)
    job = cast.finished_job(cy, sources=[Source(post.pk, "remix")], cast_replacements={"@ada": "@ada"})
    remix = publishing.publish_draft(cy, job.drafts.get().pk, **WORDS)
    appearing.remove(ada, face.pk, Appearance.objects.get(post_id=post.pk).pk)
    assert not Post.objects.visible_to(cy).filter(pk=remix.pk).exists()


@pytest.mark.parametrize("word", ["＠kissing", "/@kissing", "@@kissing"])
def test_what_casts_nobody_is_judged_as_words(ada, bo, word):
    cast.cameo(ada, audience="everyone", limits={"no_romance": True})
    job = submitting.submit(bo, prompt=f"@ada {word} a stranger")
    assert casting.cast_of_job(job.pk).count() == 1
    assert job.status == "refused"


def test_a_mention_after_any_letter_casts(ada, bo, face):
    assert casting.cast_of_job(submitting.submit(bo, prompt="看@ada跳舞").pk).count() == 1
    with pytest.raises(casting.CastNotAllowed):
        submitting.submit(bo, prompt="@ada é@kissing a stranger")


@pytest.mark.parametrize("end", ["\u2028", "\u2029"])
def test_evidence_holds_whatever_ends_a_line_in_it(ada, end):
    face = cast.cameo(ada)
    consent.set_terms(ada, face.pk, restrictions=f"no politics{end}no ads")
    keys = verify_evidence.keys_in(json.dumps(signing.key_set()))
    assert "3 records" in verify_evidence.verify(evidence.evidence_of(ada, face.pk), keys)


def test_whose_face_stays_does_not_see_who_took_theirs_back(ada, bo, cy, face, api, media_folder):  # noqa: F811
    other = cast.cameo(bo, audience="everyone")
    post = published(cy, face, other)
    video = media_folder / post.clip.video_key
    video.parent.mkdir(parents=True, exist_ok=True)
    video.write_bytes(b"two faces")
    mine = f"/v1/cameos/{face.pk}/appearances"
    link = api(ada).get(mine).json()["items"][0]["media"]["url"]
    consent.revoke(bo, other.pk, mode=Mode.UNPUBLISH_ALL)
    assert api(ada).get(link).status_code == 404
    assert api(ada).get(mine).json()["items"][0]["media"] is None
