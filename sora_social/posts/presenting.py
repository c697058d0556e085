"""How posts look to one viewer: one way for every list, page and single post.

Visibility is asked of the database each time, in one prepared query that also brings counts and what the viewer did.
What does not depend on the viewer is kept as JSON bytes in this process, under the versions of post, author, cast and
challenge that the query returned: a stale rendering cannot be found, so nothing has to be invalidated.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from time import time
from typing import Any

from django.conf import settings

from cameos import cards
from cameos.models import Cameo
from sora_social.accounts.models import User
from sora_social.challenges.models import Challenge
from sora_social.core.cursors import Page
from sora_social.core.errors import NotFound
from sora_social.core.prepared import Prepared, ids_param
from sora_social.core.problems import encode
from sora_social.media import links
from sora_social.posts.models import Post, PromptVisibility

_COLUMNS = (
    "pk",
    "version",
    "author_id",
    "author__version",
    "like_count",
    "save_count",
    "comment_count",
    "view_count",
    "remix_count",
    "descendant_count",
    "liked",
    "saved",
    "may_remix",
    "cast_mark",
    "challenge__version",
)
_VISIBLE = Prepared(
    lambda viewer, ids: (
        Post.objects.visible_to(viewer).as_seen_by(viewer).with_cast_mark().filter(pk__any=ids).values_list(*_COLUMNS)
    ),
    "viewer",
    "ids",
)
_LISTED = Prepared(
    lambda viewer, ids: (
        Post.objects.listed_for(viewer)
        .not_muted_by(viewer)
        .as_seen_by(viewer)
        .with_cast_mark()
        .filter(pk__any=ids)
        .values_list(*_COLUMNS)
    ),
    "viewer",
    "ids",
)


_KNOWN = Prepared(
    lambda viewer, ids: Post.objects.known_to(viewer).filter(pk__any=ids).values_list("pk"), "viewer", "ids"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a post comes from: what it was made from, each with its kind, and the root; its own id if it is one."""

    post_id: int
    sources: tuple[tuple[int, str], ...]
    root_id: int

    @classmethod
    def of(cls, post: Post) -> "Origin":
        sources = tuple((int(source["post_id"]), source["kind"]) for source in post.sources)
        return cls(post.pk, sources, post.root_id or post.pk)

    @property
    def other_ids(self) -> set[int]:
        return {source_id for source_id, _ in self.sources} | ({self.root_id} - {self.post_id})


@dataclass(frozen=True, slots=True)
class _Fragment:
    """The viewer-neutral JSON of a post, cut where the viewer's parts go in."""

    head: bytes  # {"id": … "media": {"width": …
    tail: bytes  # }, "lineage": {"depth": 3
    origin: "Origin"
    prompt: bytes
    prompt_visibility: str
    has_captions: bool


_CACHED_AT_MOST = 10_000
# post, and the versions of post, author, cast and challenge
_Key = tuple[int, int, int, int, int | None]
_fragments: dict[_Key, _Fragment] = {}
_evicting = Lock()


class Presented(Mapping[int, bytes]):
    """The JSON of posts, by id; each is put together when it is taken."""

    def __init__(
        self, found: dict[int, tuple[tuple[Any, ...], _Fragment]], known: frozenset[int], viewer_id: int
    ) -> None:
        self._found, self._known, self._viewer_id = found, known, viewer_id
        self._now = int(time())

    def __getitem__(self, post_id: int) -> bytes:
        return _assemble(*self._found[post_id], self._known, self._viewer_id, self._now)

    def __contains__(self, post_id: object) -> bool:
        return post_id in self._found

    def author_of(self, post_id: int) -> int:
        author_id: int = self._found[post_id][0][2]
        return author_id

    def root_of(self, post_id: int) -> int:
        """Its own id if it is one."""
        return self._found[post_id][1].origin.root_id

    def __iter__(self) -> Iterator[int]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def present(viewer: User, post_ids: Sequence[int], *, listed: bool = False) -> Presented:
    """The JSON of those posts that `viewer` may see, by id; `listed` asks for those that may come up unasked."""
    if not post_ids:
        return Presented({}, frozenset(), viewer.pk)
    rows = (_LISTED if listed else _VISIBLE).rows(viewer=viewer.pk, ids=ids_param(post_ids))
    kept = ((row[0], _fragments.get((row[0], row[1], row[3], *row[-2:]))) for row in rows)
    parts = {post_id: part for post_id, part in kept if part is not None}
    missing = [row[0] for row in rows if row[0] not in parts]
    if missing:
        parts |= _render(missing)
    known = _known_sources(viewer, parts.values())
    return Presented({row[0]: (row, parts[row[0]]) for row in rows if row[0] in parts}, known, viewer.pk)


def present_one(viewer: User, post_id: int) -> bytes:
    """The JSON of one post. Raises NotFound."""
    shown = present(viewer, [post_id])
    if post_id not in shown:
        raise NotFound
    return shown[post_id]


def present_page(viewer: User, page: Page[int], *, listed: bool = True) -> bytes:
    """The JSON of a list of posts from a page of ids."""
    shown = present(viewer, page.items, listed=listed)
    return list_bytes((shown[post_id] for post_id in page.items if post_id in shown), page.next)


def list_bytes(items: Iterable[bytes], following: str | None) -> bytes:
    """`{"items": […], "next": …}` of items that are encoded already."""
    return b'{"items":[' + b",".join(items) + b'],"next":' + encode(following) + b"}"


def _assemble(row: tuple[Any, ...], part: _Fragment, known: frozenset[int], viewer_id: int, now: int) -> bytes:
    (post_id, _, author_id, _, likes, saves, comments, views, remixes, descendants, *mine) = row
    liked, saved, may_remix, _, _ = mine
    prefix, expires_at = links.media_prefix("p", post_id, viewer_id, now)
    captions = b'"' + prefix + b'captions.vtt"' if part.has_captions else b"null"
    shows_prompt = (
        part.prompt_visibility == PromptVisibility.PUBLIC
        or author_id == viewer_id
        or (part.prompt_visibility == PromptVisibility.REMIXERS and may_remix)
    )
    return b"".join(
        (
            part.head,
            b',"url":"%bvideo.mp4","poster_url":"%bposter.jpg","captions_url":%b,"expires_at":%b'
            % (
                prefix,
                prefix,
                captions,
                expires_at,
            ),
            part.tail,
            origin_bytes(part.origin, known),
            b',"remix_count":%d,"descendant_count":%d},"prompt":%b'
            % (
                remixes,
                descendants,
                part.prompt if shows_prompt else b"null",
            ),
            b',"counts":{"likes":%d,"comments":%d,"remixes":%d,"saves":%d,"views":%d}'
            % (
                likes,
                comments,
                remixes,
                saves,
                views,
            ),
            b',"viewer":{"liked":%b,"saved":%b,"may_remix":%b,"may_comment":true}}'
            % (
                _BOOL[liked],
                _BOOL[saved],
                _BOOL[may_remix],
            ),
        )
    )


_BOOL = {True: b"true", False: b"false"}


def _render(post_ids: Sequence[int]) -> dict[int, _Fragment]:
    """Render what this process has not got yet, by id: two queries, whatever the number.

    A post that was edited since it was found is given as it is now, and kept under the version it has now.
    """
    made = {}
    posts = Post.objects.filter(pk__in=post_ids).select_related("author", "clip", "challenge")
    cast = cards.cast_of_posts([post.pk for post in posts if post.cast_count])
    for post in posts:
        members = cast.get(post.pk, [])
        made[post.pk] = part = _fragment(post, members)
        mark = sum(member.version for member in members)
        theme = post.challenge.version if post.challenge else None
        _keep((post.pk, post.version, post.author.version, mark, theme), part)
    return made


def _keep(key: _Key, part: _Fragment) -> None:
    with _evicting:
        while len(_fragments) >= _CACHED_AT_MOST:
            _fragments.pop(next(iter(_fragments)), None)
        _fragments[key] = part


def known_among(viewer: User, post_ids: Collection[int]) -> frozenset[int]:
    """Which of these posts `viewer` may know of: listed for them, or the tombstone of one that was."""
    if not post_ids:
        return frozenset()
    return frozenset(row[0] for row in _KNOWN.rows(viewer=viewer.pk, ids=ids_param(post_ids)))


def _known_sources(viewer: User, parts: Iterable[_Fragment]) -> frozenset[int]:
    return known_among(viewer, set().union(*(part.origin.other_ids for part in parts)))


def origin_bytes(origin: Origin, known: frozenset[int]) -> bytes:
    """`,"sources":[…],"root_id":…`: the ids that the viewer may not know of are null."""
    sources = (
        b'{"post_id":%b,"kind":"%b"}' % (known_id(source_id, known), kind.encode())
        for source_id, kind in origin.sources
    )
    root = known_id(origin.root_id, known | {origin.post_id})
    return b',"sources":[' + b",".join(sources) + b'],"root_id":' + root


def known_id(post_id: int, known: Collection[int]) -> bytes:
    return b'"%d"' % post_id if post_id in known else b"null"


def _fragment(post: Post, cast: Sequence[Cameo]) -> _Fragment:
    clip = post.clip
    head: dict[str, Any] = {
        "id": str(post.pk),
        "author": {
            "id": str(post.author.pk),
            "handle": post.author.handle,
            "display_name": post.author.name,
            "avatar_url": None,
        },
        "caption": post.caption,
        "visibility": post.visibility,
        "remix_policy": post.remix_policy,
        "prompt_visibility": post.prompt_visibility,
        "cast": [cards.card(member) for member in cast],
        "ai_disclosure": disclosure(post),
        "challenge": challenge_ref(post.challenge),
        "created_at": post.created_at,
        "edited_at": post.edited_at,
    }
    media = {"width": clip.width, "height": clip.height, "duration_ms": clip.duration_ms, "mime": clip.mime}
    return _Fragment(
        head=encode(head)[:-1] + b',"media":' + encode(media)[:-1],
        tail=b'},"lineage":{"depth":%d' % post.depth,
        origin=Origin.of(post),
        prompt=encode(post.prompt),
        prompt_visibility=post.prompt_visibility,
        has_captions=bool(clip.captions_key),
    )


def challenge_ref(challenge: Challenge | None) -> dict[str, Any] | None:
    """What is said of a challenge beside something made for it; nothing once it is off the list."""
    if challenge is None or not challenge.is_listed:
        return None
    return {"id": str(challenge.pk), "title": challenge.title, "ends_at": challenge.ends_at}


def disclosure(post: Post) -> dict[str, Any]:
    """Every post is AI-made and says so, in every payload."""
    return {
        "generated": True,
        "provider": post.provider,
        "model": post.model,
        "label": "AI-generated",
        "manifest_url": None,
    }


def share_url(post_id: int) -> str:
    return f"{settings.PUBLIC_URL}/p/{post_id}"
