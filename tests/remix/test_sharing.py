"""Links that leave: what they show to everybody, what they never show, and whom they credit."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from cameos import consent
from remix import crediting
from sora_social.accounts import ties
from sora_social.core import tallies
from sora_social.media.models import Clip
from sora_social.posts import posting
from sora_social.posts.models import Post, Share
from sora_social.studio import publishing
from tests import cast
from tests.access.scene import fingerprint
from tests.moderation import films


class Page(HTMLParser):
    """The head of a page: its meta tags by name, its links by relation, and which elements there are."""

    def __init__(self, answer):
        super().__init__()
        self.meta, self.links, self.tags = {}, {}, set()
        self.feed(answer.content.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        said = dict(attrs)
        if tag == "meta":
            self.meta[said.get("property") or said.get("name")] = said.get("content")
        if tag == "link":
            self.links[said["rel"]] = said["href"]


def path_of(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.fixture
def nobody(api):
    return api(None)


def test_a_person_shares_and_counts_once(ada, bo, api, settings):
    post = cast.post(ada, caption="Waves at dawn")
    for client in (api(bo), api(bo), api(ada)):
        answer = client.post(f"/v1/posts/{post.pk}/share")
        assert answer.status_code == 200
        assert answer.json() == {"url": f"{settings.PUBLIC_URL}/p/{post.pk}", "credit": "By @ada. AI-generated."}
    while tallies.fold():
        pass
    assert api(bo).get(f"/v1/posts/{post.pk}").json()["counts"]["shares"] == 2
    assert Share.objects.filter(post=post).count() == 2


def test_many_at_once_count_as_many_people(committed, at_once, api):
    ada, people = cast.person("ada"), [cast.person(f"person{number}") for number in range(3)]
    post = cast.post(ada)
    clients = [api(person) for person in people]
    found = at_once(lambda number: clients[number % 3].post(f"/v1/posts/{post.pk}/share").status_code, 9)
    assert found == [200] * 9
    while tallies.fold():
        pass
    assert Post.objects.get(pk=post.pk).share_count == 3


@pytest.mark.parametrize("visibility", ["followers", "private"])
def test_what_its_link_would_not_open_is_not_shared(visibility, ada, bo, api):
    post = cast.post(ada, visibility=visibility)
    ties.follow(bo, "ada")
    before = fingerprint()
    refused = api(ada).post(f"/v1/posts/{post.pk}/share")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_shareable")
    theirs = api(bo).post(f"/v1/posts/{post.pk}/share").status_code
    assert theirs == (403 if visibility == "followers" else 404)
    assert fingerprint() == before


def test_a_page_for_everybody_says_what_it_is_and_whom_it_comes_from(ada, bo, nobody, settings):
    root = cast.post(ada, caption="Waves at dawn")
    middle = cast.post(bo, sources=[root], caption="Waves, but green")
    post = cast.post(ada, sources=[middle], kind="extend", caption='and "on" <b>& on</b>')
    answer = nobody.get(f"/p/{post.pk}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    page = Page(answer)
    credit = "By @ada. Continues @bo’s “Waves, but green”. It began with @ada’s “Waves at dawn”. AI-generated."
    title = 'and "on" <b>& on</b> · AI-generated'
    assert page.meta["og:title"] == page.meta["twitter:title"] == title
    assert page.meta["og:description"] == page.meta["twitter:description"] == page.meta["description"] == credit
    assert page.meta["og:url"] == page.links["canonical"] == f"{settings.PUBLIC_URL}/p/{post.pk}"
    assert page.meta["twitter:card"] == "summary_large_image"
    assert page.meta["og:image"].startswith(f"{settings.PUBLIC_URL}/media/p/{post.pk}/0.")
    assert page.tags.isdisjoint({"script", "b", "iframe", "form"})
    assert b"AI-generated</span>" in answer.content
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "script" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_page_costs_the_same_however_wide_the_lineage_is(ada, bo, nobody, django_assert_num_queries):
    root = cast.post(ada)
    sources = [cast.post(bo, sources=[root]) for _ in range(4)]
    for count in (1, 4):
        post = cast.post(ada, sources=sources[:count], kind="stitch")
        with django_assert_num_queries(3):
            assert nobody.get(f"/p/{post.pk}").status_code == 200


def gone(change, post, ada):
    if change == "deleted":
        posting.delete_post(ada, post.pk)
    elif change == "removed":
        posting.remove_post(post.pk)
    elif change == "suspended":
        type(ada).objects.filter(pk=ada.pk).update(is_active=False)
    elif change in {"private", "followers"}:
        posting.edit_post(ada, post.pk, visibility=change)


@pytest.mark.parametrize("change", ["deleted", "removed", "suspended", "private", "followers"])
def test_what_not_everybody_may_open_is_the_same_404_at_once(change, ada, nobody, tmp_path, settings):
    post = cast.post(ada, clip=films.stored_clip(tmp_path, number=1))
    poster = path_of(Page(nobody.get(f"/p/{post.pk}")).meta["og:image"])
    assert nobody.get(poster).status_code == 200
    gone(change, post, ada)
    answers = [nobody.get(path) for path in (f"/p/{post.pk}", f"/p/{post.pk + 1}", poster)]
    answers += [nobody.get("/oembed", {"url": f"{settings.PUBLIC_URL}/p/{pk}"}) for pk in (post.pk, post.pk + 1)]
    problems = [(answer.status_code, {**answer.json(), "request_id": ""}) for answer in answers]
    assert all(problem == problems[0] for problem in problems)
    assert problems[0][0] == 404


def test_what_is_not_shown_yet_is_not_there(ada, nobody):
    now = Post.objects.get(pk=cast.post(ada).pk).shown_at
    assert nobody.get(f"/p/{cast.post(ada, shown_at=now.replace(year=now.year + 1)).pk}").status_code == 404


def test_the_page_and_its_picture_are_gone_when_the_cast_takes_consent_back(ada, bo, nobody, tmp_path):
    face = cast.cameo(bo, audience="everyone")
    post = casting_post(ada, face, films.stored_clip(tmp_path, number=1))
    child = cast.post(bo, sources=[post], caption="after it")
    poster = path_of(Page(nobody.get(f"/p/{post.pk}")).meta["og:image"])
    assert nobody.get(poster).status_code == 200
    assert "Remix of @ada’s “with bo”" in Page(nobody.get(f"/p/{child.pk}")).meta["description"]
    consent.revoke(bo, face.pk, mode="unpublish_all")
    for path in (f"/p/{post.pk}", poster):
        assert nobody.get(path).status_code == 404
    assert "Remix of a post that is not public." in Page(nobody.get(f"/p/{child.pk}")).meta["description"]


def casting_post(author, face, clip):
    draft = cast.finished_job(author, prompt="@bo on a beach", cast=[str(face.pk)]).drafts.get()

    post = publishing.publish_draft(
        author,
        draft.pk,
        caption="with bo",
        visibility="public",
        remix_policy="everyone",
        prompt_visibility="public",
    )
    Post.objects.filter(pk=post.pk).update(clip=clip)
    return post


def test_a_link_of_a_page_opens_the_still_picture_alone_and_dies_by_itself(ada, nobody, tmp_path, time_machine):
    post = cast.post(ada, clip=films.stored_clip(tmp_path, number=1))
    poster = path_of(Page(nobody.get(f"/p/{post.pk}")).meta["og:image"])
    answer = nobody.get(poster)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert nobody.get(poster.replace("poster.jpg", "video.mp4")).status_code == 404
    other = cast.post(ada, clip=Clip.objects.get(pk=post.clip_id), visibility="private")
    assert nobody.get(poster.replace(str(post.pk), str(other.pk))).status_code == 404
    time_machine.move_to(timezone.now() + timedelta(seconds=61))
    assert nobody.get(poster).status_code == 404


def test_an_unlisted_post_opens_by_its_link_and_asks_not_to_be_listed(ada, nobody):
    page = Page(nobody.get(f"/p/{cast.post(ada, visibility='unlisted').pk}"))
    assert page.meta["robots"] == "noindex"
    assert "robots" not in Page(nobody.get(f"/p/{cast.post(ada).pk}")).meta


@pytest.mark.parametrize("visibility", ["unlisted", "followers", "private"])
def test_the_credit_names_only_what_everybody_may_know_of(visibility, ada, bo, cy, nobody):
    root = cast.post(ada, visibility=visibility, caption="a secret beach")
    left, right = cast.post(bo, sources=[root], caption="green"), cast.post(cy, caption="rain")
    stitch = cast.post(cy, sources=[left, right, root], kind="stitch")
    answer = nobody.get(f"/p/{stitch.pk}")
    said = Page(answer).meta["description"]
    assert said == "By @cy. Stitched from @bo’s “green”, @cy’s “rain” and another post. AI-generated."
    assert not re.search(rb"\bada\b", answer.content)
    assert b"a secret beach" not in answer.content
    assert str(root.pk).encode() not in answer.content


def test_the_credit_is_a_shape_that_manifests_can_take(ada, bo):
    root = cast.post(ada, caption="Waves   at\ndawn " + "and on " * 20)
    credit = crediting.credit_of(cast.post(bo, sources=[root], kind="template"))
    (source,) = credit.sources
    assert (source.kind, source.ordinal, source.post.post_id, source.post.handle) == ("template", 0, root.pk, "ada")
    assert source.post.title.startswith("Waves at dawn and on")
    assert len(source.post.title) == 60
    assert credit.root is None
    assert credit.text.startswith("By @bo. Made with the template of @ada’s “Waves at dawn")


def test_oembed_says_the_same_in_json(ada, bo, nobody, settings):
    root = cast.post(ada, caption="Waves at dawn")
    post = cast.post(bo, sources=[root], caption="green")
    found = Page(nobody.get(f"/p/{post.pk}"))
    answer = nobody.get(path_of(found.links["alternate"]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    said = answer.json()
    assert re.fullmatch(
        rf"{settings.PUBLIC_URL}/media/p/{post.pk}/0\.\d+\.[0-9a-f]+/poster\.jpg", said.pop("thumbnail_url")
    )
    assert said == {
        "version": "1.0",
        "type": "link",
        "title": "green · AI-generated",
        "author_name": "@bo",
        "provider_name": "sora-social",
        "provider_url": settings.PUBLIC_URL,
        "cache_age": 0,
        "ai_generated": True,
        "credit": "By @bo. Remix of @ada’s “Waves at dawn”. AI-generated.",
        "thumbnail_width": 480,
        "thumbnail_height": 854,
    }
    small = nobody.get("/oembed", {"url": f"{settings.PUBLIC_URL}/p/{post.pk}", "maxwidth": "100"}).json()
    assert "thumbnail_url" not in small


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 422, "invalid"),
        ({"url": ""}, 422, "invalid"),
        ({"url": "x" * 501}, 422, "invalid"),
        ({"url": "{root}", "maxwidth": "-1"}, 422, "invalid"),
        ({"url": "{root}", "maxheight": "wide"}, 422, "invalid"),
        ({"url": "{root}", "format": "xml"}, 501, "format_not_implemented"),
        ({"url": "https://elsewhere.example/p/{pk}"}, 404, "not_found"),
        ({"url": "{root}/../../v1/me"}, 404, "not_found"),
        ({"url": "{root}?x=1"}, 404, "not_found"),
        ({"url": "{home}/p/99999999999999999999"}, 404, "not_found"),
        ({"url": "{home}/p/9999999999999999999"}, 404, "not_found"),
        ({"url": "{home}/p/²"}, 404, "not_found"),
        ({"url": "{home}.elsewhere.example/p/{pk}"}, 404, "not_found"),
    ],
)
def test_oembed_of_anything_else_is_refused(query, status, code, ada, nobody, settings):
    post = cast.post(ada)
    names = {"home": settings.PUBLIC_URL, "root": f"{settings.PUBLIC_URL}/p/{post.pk}", "pk": post.pk}
    answer = nobody.get("/oembed", {name: value.format(**names) for name, value in query.items()})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/p/{pk}", "/oembed?url=/p/{pk}"])
@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_pages_are_only_read(path, verb, ada, nobody):
    assert getattr(nobody, verb)(path.format(pk=cast.post(ada).pk)).status_code == 405


def test_where_the_service_is_not_open_its_pages_are_not(ada, nobody, settings):
    settings.OPEN_COUNTRIES = ["NL"]
    settings.COUNTRY_HEADER = "X-Country"
    path = f"/p/{cast.post(ada).pk}"
    assert nobody.get(path, HTTP_X_COUNTRY="NL").status_code == 200
    for url in (path, f"/oembed?url={settings.PUBLIC_URL}{path}"):
        refused = nobody.get(url, HTTP_X_COUNTRY="US")
        assert (refused.status_code, refused.json()["code"]) == (403, "unsupported_country_code")


def test_whoever_shares_reads_no_name_across_a_block(ada, bo, cy, api):
    made = cast.post(bo, sources=[cast.post(ada, caption="hello root")])
    assert "@ada" in api(cy).post(f"/v1/posts/{made.pk}/share").json()["credit"]
    ties.block(ada, "cy")
    assert api(cy).post(f"/v1/posts/{made.pk}/share").json()["credit"] == (
        "By @bo. Remix of a post that is not public. AI-generated."
    )
