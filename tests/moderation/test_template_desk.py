"""Templates at the desk: looked at, removed with their titles, and brought back."""

import pytest

from sora_social.core.errors import Conflict, Forbidden, NotFound
from sora_social.moderation import deciding
from sora_social.moderation.models import AuditEntry
from sora_social.posts.models import Post
from sora_social.studio import generating, publishing
from sora_social.studio.templates import using
from tests import cast
from tests.access.scene import fingerprint
from tests.moderation import desk


def made_with(template, author) -> Post:
    job = using.use(author, template.pk, slots={"animal": "dog"}, changes={})
    assert generating._complete(generating.claim(job.pk), [cast.clip()])
    words = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    return publishing.publish_draft(author, job.drafts.get().pk, **words)


def test_a_removed_template_is_gone_with_its_title_and_comes_back(mod, ada, bo, api, settle):
    template = cast.template(ada, title="An ugly title")
    post = made_with(template, bo)
    settle()
    client = desk.seated(mod)
    page = f"/admin/studio/template/{template.pk}/change/"
    shown = client.get(page).content.decode()
    tile = f"/admin/posts/post/{post.pk}/change/"
    for words in ("An ugly title · in use", "a {animal} in the rain", "slow and blue", "1 clips by 1 people", tile):
        assert words in shown, words
    assert "An ugly title" in client.get("/admin/studio/template/").content.decode()

    client.post(f"/admin/studio/template/{template.pk}/decide/remove/", {"reason": "hateful title"})
    settle()
    reader = api(bo)
    assert reader.get(f"/v1/templates/{template.pk}").status_code == 404
    assert reader.get("/v1/templates").json()["items"] == []
    assert reader.get("/v1/search?q=ugly&type=templates").json()["items"] == []
    answers = [reader.get(path).content.decode() for path in (f"/v1/posts/{post.pk}", "/v1/generations", "/v1/drafts")]
    assert not any("ugly" in answer for answer in answers)
    told = [one["text"] for one in api(ada).get("/v1/notifications").json()["items"] if one["type"] == "moderation"]
    assert told == ["A moderator removed a template of yours."]
    assert "removed" in client.get("/admin/studio/template/?state=removed").content.decode()

    client.post(f"/admin/studio/template/{template.pk}/decide/restore/", {"reason": "a mistake"})
    settle()
    assert reader.get(f"/v1/posts/{post.pk}").json()["template"]["title"] == "An ugly title"
    assert [item["title"] for item in reader.get("/v1/templates").json()["items"]] == ["An ugly title"]
    decided = AuditEntry.objects.decisions().order_by("id").values_list("action", "subject_type", "reason")
    assert list(decided) == [("removed", "template", "hateful title"), ("restored", "template", "a mistake")]


def test_what_is_published_after_the_removal_has_no_title(mod, ada, bo):
    template = cast.template(ada)
    job = using.use(bo, template.pk, slots={"animal": "dog"}, changes={})
    assert generating._complete(generating.claim(job.pk), [cast.clip()])
    deciding.remove_template(mod, template.pk, reason="hateful")
    words = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    assert publishing.publish_draft(bo, job.drafts.get().pk, **words).template is None


def test_a_decision_that_cannot_be_made_changes_nothing(mod, ada):
    template = cast.template(ada)
    before = fingerprint()
    for act, who, subject, error in (
        (deciding.remove_template, ada, template.pk, Forbidden),
        (deciding.restore_template, mod, template.pk, Conflict),
        (deciding.remove_template, mod, template.pk + 1, NotFound),
    ):
        with pytest.raises(error):
            act(who, subject, reason="because of this")
    assert fingerprint() == before
