"""C02: from the moment a revocation returns, nothing that casts the person is there for anybody but its owner.

Nothing is allowed to help: the outbox stands still all the while, and every cache is warm. What stays, and where: the
owner of the face sees on her own paths what was made of it; who asked for a clip keeps their own words and the name of
whom they asked for, in their jobs and drafts, without the clip.
"""

import re
import secrets
import time
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from websockets.exceptions import ConnectionClosed

from cameos import consent
from cameos.models import Appearance, AppearanceQuerySet, Cameo
from feeds.discovery import entries, leaderboards, search_index
from feeds.models import Window
from remix import counting
from remix.lineage import Source
from sora_social.accounts import ties
from sora_social.accounts.models import User
from sora_social.core import tallies
from sora_social.core.models import OutboxEvent
from sora_social.core.prepared import Prepared
from sora_social.media.models import Clip
from sora_social.posts import presenting, reactions
from sora_social.posts.comments import commenting
from sora_social.posts.events import PostPublished
from sora_social.studio import appearing, publishing, views
from sora_social.studio.models import DraftStatus
from tests import cast
from tests.access.scene import SCHEMA
from tests.live_processes import live, open_socket, read

READS = sorted(path for path, verbs in SCHEMA["paths"].items() if "get" in verbs)
WORDS = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
SEARCHES = tuple(f"?q={words}" for words in ("rootcaption", "childprompt", "growncaption+zebra", "%23facetag"))
SEARCHES += ("?q=facetag&type=tags", "?q=ada&type=people")
FEEDS = tuple(f"?feed={name}" for name in ("for_you", "following", "latest"))
MEDIA = re.compile(r"/media/[a-z]/[0-9]+/[^\"/]+/[a-z]+\.[a-z0-9]+")
OWN = ("/v1/cameos", "/v1/cast-requests", "/v1/consent-records")  # the owner's paths
ASKED = ("/v1/generations", "/v1/drafts")  # the maker's own words


@dataclass
class World:
    """A post with a face and what was made of it, by others; and everybody who may look."""

    people: dict[str, User]
    face: Cameo
    values: dict[str, list[Any]]
    marks: dict[str, str] = field(default_factory=dict)

    def crawl(self, api, *whose: str) -> dict[tuple[str, str, str], str]:
        """Every GET with every id, by these or by everybody: the bodies, by who, path and address."""
        found = {}
        for who in whose or self.people:
            client = api(self.people[who])
            for path in READS:
                names = re.findall(r"{(\w+)}", path)
                for chosen in product(*(self.values.get(name, ["2026-11"]) for name in names)):
                    url = path.format(**dict(zip(names, chosen, strict=True)))
                    for query in {"/v1/feed": FEEDS, "/v1/search": SEARCHES}.get(path, ("",)):
                        answer = client.get(url + query)
                        body = cast.whole(answer).decode(errors="replace")
                        assert answer.status_code < 500, (url, body)
                        if answer.status_code < 300:
                            found[who, path, url + query] = body
        return found

    def marked(self, bodies) -> dict[str, set[tuple[str, str]]]:
        """Where each mark was found: by mark, who and path."""
        return {
            name: {(who, path) for (who, path, _), body in bodies.items() if mark in body}
            for name, mark in self.marks.items()
        }


def made(author, caption, *, api=None, **words):
    """A post with files, of a job with these words; by HTTP when `api` is given."""
    draft = cast.finished_job(author, **words).drafts.get()
    store(draft.clip)
    if api is None:
        return publishing.publish_draft(author, draft.pk, caption=caption, **WORDS)
    answer = api(author).post(
        f"/v1/drafts/{draft.pk}/publish", {"caption": caption, **WORDS}, HTTP_IDEMPOTENCY_KEY=f"publish {draft.pk}"
    )
    assert answer.status_code == 201
    return answer


def store(clip: Clip) -> None:
    for key in (clip.video_key, clip.poster_key):
        default_storage.save(key, ContentFile(b"the bytes of a face"))


@pytest.fixture
def world(db, folder, api) -> World:
    ada, bo, cy, dee = (cast.person(name) for name in ("ada", "bo", "cy", "dee"))
    for follower in (ada, cy, dee):
        ties.follow(follower, "bo")
    ties.follow(dee, "cy")
    face = cast.cameo(ada, audience="everyone", portrait_key=f"portraits/{secrets.token_hex(8)}.jpg")
    default_storage.save(face.portrait_key, ContentFile(b"the bytes of a face"))
    theme = cast.challenge(dee)
    words = {"prompt": "rootprompt on a beach", "challenge_id": theme.pk}
    root = made(bo, "rootcaption #facetag", cast=["@ada"], **words)
    child = made(cy, "childcaption #facetag", prompt="childprompt at night", sources=[Source(root.pk, "remix")])
    grown = made(bo, "growncaption", prompt="grownprompt", sources=[Source(child.pk, "extend")])
    waiting = cast.finished_job(bo, prompt="draftprompt", cast=["@ada"]).drafts.get()
    store(waiting.clip)
    comment = commenting.say(dee, root.pk, text="commentmark")
    commenting.say(cy, root.pk, text="replymark", parent_id=comment.pk)
    for person in (ada, cy, dee):
        for post in (root, child):
            reactions.save(person, post.pk)
    posts = [root, child, grown]
    for post in posts:  # what the relay would do: the outbox is to stand still
        for follow in (counting.recount, search_index.follow, entries.follow):
            follow(PostPublished(post_id=post.pk))
    tallies.fold()
    entries.count_stale()
    leaderboards.count(*Window)
    drafts = [*(row.draft_id for row in Appearance.objects.filter(post_id__isnull=False)), waiting.pk]
    return World(
        people={"owner": ada, "author": bo, "remixer": cy, "stranger": dee},
        face=face,
        values={
            "post_id": [post.pk for post in posts],
            "draft_id": drafts,
            "job_id": list(Appearance.objects.values_list("job_id", flat=True).distinct()),
            "comment_id": [comment.pk],
            "cameo_id": [face.pk],
            "record_id": [face.terms_record_id],
            "handle": ["ada", "bo", "cy"],
            "tag": ["facetag"],
            "challenge_id": [theme.pk],
            "board": ["remixed", "cast"],
        },
        marks={
            **{word: word for word in ("rootcaption", "childcaption", "growncaption", "commentmark", "replymark")},
            **{word: word for word in ("rootprompt", "childprompt", "grownprompt")},
            "face": f'"{face.pk}"',
            "the tag": '"tag":"facetag"',
            "portrait": f"/media/c/{face.pk}/",
            "post media": "/media/p/",
            "draft media": "/media/d/",
        },
    )


def stray(world: World, bodies) -> dict[str, set[tuple[str, str]]]:
    """What is found where it must not be any more."""
    told = {}
    for name, places in world.marked(bodies).items():
        left = {
            (who, path)
            for who, path in places
            if not (who == "owner" and path.startswith(OWN))
            and not (path.startswith(ASKED) and (name == "face" or name.endswith("prompt")))
        }
        if left:
            told[name] = left
    return told


def unpublish_all(world):
    consent.revoke(world.people["owner"], world.face.pk, mode=consent.Mode.UNPUBLISH_ALL)


def delete_all(world):
    consent.revoke(world.people["owner"], world.face.pk, mode=consent.Mode.DELETE_ALL)


def hide_my_face(world):
    consent.hide_my_face(world.people["owner"])


SHOWN_BY = {
    "rootcaption": {
        *("/v1/feed", "/v1/posts/{post_id}", "/v1/people/{handle}/posts", "/v1/people/{handle}/appearances"),
        *("/v1/tags/{tag}", "/v1/me/saves", "/v1/posts/{post_id}/lineage", "/v1/search"),
        *("/v1/challenges/{challenge_id}/posts", "/v1/leaderboards/{board}"),
        "/v1/challenges/{challenge_id}/leaderboards/{board}",
    },
    "childcaption": {"/v1/posts/{post_id}/remixes", "/v1/posts/{post_id}/tree"},
    "growncaption": {"/v1/search"},
    "the tag": {"/v1/search"},
    "commentmark": {"/v1/posts/{post_id}/comments"},
    "replymark": {"/v1/comments/{comment_id}/replies"},
    "draft media": {"/v1/drafts", "/v1/drafts/{draft_id}", "/v1/generations", "/v1/generations/{job_id}"},
    "portrait": {"/v1/cameos", "/v1/cameos/{cameo_id}"},
}


@pytest.mark.parametrize("act", [unpublish_all, delete_all, hide_my_face])
def test_c02_every_read_of_everybody_before_and_after(act, world, api):
    clients = {who: api(person) for who, person in world.people.items()}
    begun = {(who, q): clients[who].get(f"/v1/feed{q}&limit=1").json() for who, q in product(clients, FEEDS)}
    in_full = act is unpublish_all  # the other acts differ in one column
    before = world.crawl(api, *(() if in_full else ("remixer",)))
    for name, paths in SHOWN_BY.items() if in_full else ():  # it finds what there is: else it would prove nothing
        assert paths <= {path for _, path in world.marked(before)[name]}, name
    links = {(who, link) for (who, _, _), body in before.items() for link in MEDIA.findall(body)}
    played = {(who, link) for who, link in links if api(None).get(link).status_code == 200}
    kinds = {link.split("/")[2] for _, link in played}
    assert kinds == ({"p", "d", "a", "c"} if in_full else {"p", "d", "c"})
    waiting = OutboxEvent.objects.count()
    assert waiting > 0

    act(world)

    assert stray(world, world.crawl(api)) == {}
    for (who, query), page in begun.items():  # a scroll that was begun goes on without it
        if page["next"]:
            further = clients[who].get(f"/v1/feed{query}&limit=5&cursor={page['next']}")
            assert (further.status_code, "caption" in further.content.decode()) == (200, False)
    for who, link in played:
        kept = who == "owner" and urlsplit(link).path.split("/")[2] in {"a", "c"}
        if not kept:
            assert api(None).get(link).status_code == 404, (who, link)
    assert OutboxEvent.objects.count() > waiting  # nobody handled anything


def test_c02_one_appearance_removed_is_gone_with_what_was_made_of_it(world, api):
    world.crawl(api, "stranger")
    row = Appearance.objects.get(post_id=world.values["post_id"][0])
    waiting = Appearance.objects.get(draft_id=world.values["draft_id"][-1])
    for gone in (row, waiting):
        appearing.remove(world.people["owner"], world.face.pk, gone.pk)
    after = stray(world, world.crawl(api))
    assert {name for name in after if name not in {"face", "portrait"}} == set()
    seen = after.get("face", set()) | after.get("portrait", set())
    # she is still to be cast, by whom she lets, and stays among those who were until the next count
    boards = {"/v1/leaderboards/{board}", "/v1/challenges/{challenge_id}/leaderboards/{board}"}
    assert all(path.startswith("/v1/cameos") or path in boards for _, path in seen)


def test_c02_a_repeated_publication_does_not_bring_the_clip_back(world, api, monkeypatch):
    bo = world.people["author"]
    first = made(bo, "keyedcaption", api=api, prompt="keyedprompt", cast=["@ada"])
    draft_id = Appearance.objects.get(post_id=first.json()["id"]).draft_id

    def again():
        return api(bo).post(
            f"/v1/drafts/{draft_id}/publish",
            {"caption": "keyedcaption", **WORDS},
            HTTP_IDEMPOTENCY_KEY=f"publish {draft_id}",
        )

    repeated = again()
    assert (repeated.status_code, repeated.content, repeated["Idempotent-Replay"]) == (201, first.content, "true")
    unpublish_all(world)
    refused = again()
    assert (refused.status_code, b"keyed" in refused.content) == (404, False)
    monkeypatch.setattr(views.posting, "post_for", lambda *_: None)  # the mutant
    assert again().status_code == 201


def without_consent_at_reads(monkeypatch):
    monkeypatch.setattr(AppearanceQuerySet, "shown_to", lambda rows, viewer: rows)
    return "rootcaption"


def without_consent_of_drafts(monkeypatch):
    monkeypatch.setattr(AppearanceQuerySet, "unusable", lambda rows: rows.filter(pk=None))
    return "draft media"


def with_a_cache_that_is_not_asked(monkeypatch):
    """Whom a page was shown once gets the same rows again."""
    ask, kept = Prepared.rows, {}
    monkeypatch.setattr(
        Prepared, "rows", lambda query, **values: kept.setdefault((id(query), str(values)), ask(query, **values))
    )
    return "rootcaption"


@pytest.mark.parametrize(
    "mutant", [without_consent_at_reads, without_consent_of_drafts, with_a_cache_that_is_not_asked]
)
def test_c02_mutants_show_it(mutant, world, api, monkeypatch, compile_anew):
    shown = mutant(monkeypatch)
    compile_anew()
    links = {link for body in world.crawl(api, "author").values() for link in MEDIA.findall(body)}
    drafts = [link for link in links if link.startswith("/media/d/")]
    unpublish_all(world)
    assert shown in stray(world, world.crawl(api, "author"))
    if mutant is without_consent_of_drafts:
        assert any(api(None).get(link).status_code == 200 for link in drafts)


def test_c02_files_are_destroyed_when_the_owner_says_so(world, settle):
    clips = Clip.objects.all()
    assert all(default_storage.exists(clip.video_key) for clip in clips)
    delete_all(world)
    settle()
    settle()
    assert not any(default_storage.exists(key) for clip in clips for key in (clip.video_key, clip.poster_key))


# sockets


@pytest.mark.parametrize(
    "application",
    [None, pytest.param("tests.journeys.live_without_consent:application", id="mutant-not-asked-again")],
)
def test_c02_open_sockets_close_within_five_seconds(application, committed):
    ada, bo, cy = (cast.person(name) for name in ("ada", "bo", "cy"))
    face = cast.cameo(ada, audience="everyone")
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    post = publishing.publish_draft(bo, draft.pk, caption="", **WORDS)
    assert draft.status == DraftStatus.READY
    with (
        live(1, **({"application": application} if application else {})) as (process,),
        open_socket(process.url, cy, post.pk) as hers,
        open_socket(process.url, bo, post.pk) as authors,
    ):
        sockets = (hers, authors)
        for socket in sockets:
            assert read(socket)["type"] == "hello"
        consent.revoke(ada, face.pk, mode=consent.Mode.UNPUBLISH_ALL)  # and no relay comes
        until = time.monotonic() + 5.0
        if application:
            with pytest.raises(TimeoutError):
                read(hers, "closed", seconds=5.0)
            return
        for socket in sockets:
            assert read(socket, "closed", seconds=until - time.monotonic())["code"] == "not_found"
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=2)


def test_c02_fragments_are_cached_at_all(world):
    """Else the caches above were not warm."""
    presenting._fragments.clear()
    presenting.present(world.people["stranger"], world.values["post_id"])
    assert len(presenting._fragments) == len(world.values["post_id"])
