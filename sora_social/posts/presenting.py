"""How posts look to one viewer: one way for every list, page and single post.

Visibility is asked of the database each time, in one prepared query that also brings counts and what the viewer did.
What does not depend on the viewer is kept as JSON bytes in this process, under the versions of post, author, cast,
co-creators and challenge that the query returned: a stale rendering cannot be found, so nothing has to be invalidated.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import time
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from cameos import cards
from cameos.cards import Card
from sora_social.accounts.models import User
from sora_social.challenges.models import Challenge
from sora_social.core.cursors import Page
from sora_social.core.errors import NotFound
from sora_social.core.prepared import Prepared, ids_param
from sora_social.core.problems import encode
from sora_social.media import links
from sora_social.media.manifests import LABEL
from sora_social.posts import crediting
from sora_social.posts.crediting import Credited
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
    "share_count",
    "remix_count",
    "descendant_count",
    "liked",
    "saved",
    "may_remix",
    "mark",
    "challenge__version",
)
_VISIBLE = Prepared(
    lambda viewer, ids: (
        Post.objects.visible_to(viewer).as_seen_by(viewer).with_mark().filter(pk__any=ids).values_list(*_COLUMNS)
    ),
    "viewer",
    "ids",
)
_LISTED = Prepared(
    lambda viewer, ids: (
        Post.objects.listed_for(viewer)
        .not_muted_by(viewer)
        .as_seen_by(viewer)
        .with_mark()
        .filter(pk__any=ids)
        .values_list(*_COLUMNS)
    ),
    "viewer",
    "ids",
)
_KNOWN = Prepared(
    lambda viewer, ids: Post.objects.known_to(viewer).filter(pk__any=ids).values_list("pk"), "viewer", "ids"
)
_AMONG = Prepared(
    lambda viewer, ids: Post.objects.listed_for(viewer).not_muted_by(viewer).filter(pk__any=ids).values_list("pk"),
    "viewer",
    "ids",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a post comes from: what it was made from, each with its kind, and the root; its own id if it is one.

    `other_ids` are those of posts that a viewer may or may not know of.
    """

    post_id: int
    sources: tuple[tuple[int, str], ...]
    root_id: int
    other_ids: frozenset[int]

    @classmethod
    def of(cls, post: Post) -> "Origin":
        return cls.made(post.pk, post.sources, post.root_id)

    def is_known(self, known: Collection[int]) -> bool:
        """Whether all that it was made from is among these."""
        return all(source_id in known for source_id, _ in self.sources)

    @classmethod
    def made(cls, post_id: int, sources: Iterable[Mapping[str, Any]], root_id: int | None) -> "Origin":
        pairs = tuple((int(source["post_id"]), source["kind"]) for source in sources)
        root = root_id or post_id
        return cls(post_id, pairs, root, frozenset({source_id for source_id, _ in pairs} | ({root} - {post_id})))


@dataclass(frozen=True, slots=True)
class _Fragment:
    """The viewer-neutral JSON of a post, cut where the viewer's parts go in."""

    head: bytes  # {"id": … "media": {"width": …
    tail: bytes  # }, "lineage": {"depth": 3
    origin: "Origin"
    template: bytes  # for those who may know of the post that it was made with
    prompt: bytes
    prompt_visibility: str
    has_captions: bool


_CACHED_AT_MOST = 10_000
# post, and the versions of post, author, cast with co-creators, and challenge
_Key = tuple[int, int, int, int, int | None]
_fragments: dict[_Key, _Fragment] = {}
_evicting = Lock()


class Presented(Mapping[int, bytes]):
    """The JSON of posts, by id; each is put together when it is taken."""

    def __init__(
        self, found: dict[int, tuple[tuple[Any, ...], _Fragment]], known: frozenset[int], viewer_id: int
    ) -> None:
        self._found, self._known, self._viewer_id = found, known, viewer_id
        self._prefix_of, self._expires_at = links.media_prefixes("p", viewer_id, int(time()))

    def __getitem__(self, post_id: int) -> bytes:
        row, part = self._found[post_id]
        (_, _, author_id, _, likes, saves, comments, views, shares, *rest) = row
        remixes, descendants, liked, saved, may_remix, _, _ = rest
        prefix = self._prefix_of(post_id)
        shows_prompt = (
            part.prompt_visibility == PromptVisibility.PUBLIC
            or author_id == self._viewer_id
            or (part.prompt_visibility == PromptVisibility.REMIXERS and may_remix)
        )
        return _SHAPE % (
            part.head,
            prefix,
            prefix,
            b'"%bcaptions.vtt"' % prefix if part.has_captions else b"null",
            self._expires_at,
            part.tail,
            origin_bytes(part.origin, self._known),
            remixes,
            descendants,
            part.prompt if shows_prompt else b"null",
            part.template if part.template != _NULL and part.origin.is_known(self._known) else _NULL,
            likes,
            comments,
            remixes,
            saves,
            views,
            shares,
            _BOOL[liked],
            _BOOL[saved],
            _BOOL[may_remix],
        )

    def __contains__(self, post_id: object) -> bool:
        return post_id in self._found

    def author_of(self, post_id: int) -> int:
        author_id: int = self._found[post_id][0][2]
        return author_id

    def maker_and_root(self, post_id: int) -> tuple[int, int]:
        """The ids of its author and of its root; its own if it is one."""
        row, part = self._found[post_id]
        return row[2], part.origin.root_id

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


_SHAPE = (
    b'%b,"url":"%bvideo.mp4","poster_url":"%bposter.jpg","captions_url":%b,"expires_at":%b%b%b,"remix_count":%d,'
    b'"descendant_count":%d},"prompt":%b,"template":%b,"counts":{"likes":%d,"comments":%d,"remixes":%d,"saves":%d,'
    b'"views":%d,"shares":%d},"viewer":{"liked":%b,"saved":%b,"may_remix":%b,"may_comment":true}}'
)
_NULL = b"null"
_BOOL = {True: b"true", False: b"false"}


class _Words(NamedTuple):
    """What of a post is the same for every reader, as the database has it."""

    id: int
    version: int
    caption: str
    prompt: str
    visibility: str
    remix_policy: str
    prompt_visibility: str
    provider: str
    model: str
    depth: int
    sources: str
    template: str | None
    is_sealed: bool
    root_id: int | None
    cast_count: int
    credit_count: int
    created_at: datetime
    edited_at: datetime | None
    author_id: int
    author_handle: str
    author_display_name: str
    author_version: int
    width: int
    height: int
    duration_ms: int
    mime: str
    captions_key: str
    manifest_id: str
    challenge_id: int | None
    challenge_title: str | None
    challenge_ends_at: datetime | None
    challenge_is_listed: bool | None
    challenge_version: int | None


_OF_OTHERS = {
    **{f"author_{name}": f"author__{name}" for name in ("handle", "display_name", "version")},
    **{name: f"clip__{name}" for name in ("width", "height", "duration_ms", "mime", "captions_key", "manifest_id")},
    **{f"challenge_{name}": f"challenge__{name}" for name in ("title", "ends_at", "is_listed", "version")},
}
_WORDS = Prepared(
    lambda ids: Post.objects.filter(pk__any=ids).values_list(*(_OF_OTHERS.get(name, name) for name in _Words._fields)),
    "ids",
)


def _render(post_ids: Sequence[int]) -> dict[int, _Fragment]:
    """Render what this process has not got yet, by id: three queries at most, whatever the number.

    A post that was edited since it was found is given as it is now, and kept under the version it has now.
    """
    made = {}
    posts = [_Words(*row) for row in _WORDS.rows(ids=ids_param(post_ids))]
    cast = cards.cards_of_posts([post.id for post in posts if post.cast_count])
    names = crediting.credits_of_posts([post.id for post in posts if post.credit_count])
    for post in posts:
        members, credited = cast.get(post.id, []), names.get(post.id, [])
        made[post.id] = part = _fragment(post, members, credited)
        mark = sum(member.version for member in members) + sum(one.version for one in credited)
        _keep((post.id, post.version, post.author_version, mark, post.challenge_version), part)
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


def listed_among(viewer: User, post_ids: Collection[int]) -> frozenset[int]:
    """Which of these posts may come up unasked for `viewer`."""
    if not post_ids:
        return frozenset()
    return frozenset(row[0] for row in _AMONG.rows(viewer=viewer.pk, ids=ids_param(post_ids)))


def _known_sources(viewer: User, parts: Iterable[_Fragment]) -> frozenset[int]:
    return known_among(viewer, frozenset().union(*(part.origin.other_ids for part in parts)))


def origin_bytes(origin: Origin, known: frozenset[int]) -> bytes:
    """`,"sources":[…],"root_id":…`: the ids that the viewer may not know of are null."""
    if not origin.other_ids:
        return b',"sources":[],"root_id":"%d"' % origin.root_id
    sources = (
        b'{"post_id":%b,"kind":"%b"}' % (known_id(source_id, known), kind.encode())
        for source_id, kind in origin.sources
    )
    root = known_id(origin.root_id, known | {origin.post_id})
    return b',"sources":[' + b",".join(sources) + b'],"root_id":' + root


def known_id(post_id: int, known: Collection[int]) -> bytes:
    return b'"%d"' % post_id if post_id in known else b"null"


def _fragment(post: _Words, cast: Sequence[Card], credited: Sequence[Credited]) -> _Fragment:
    head: dict[str, Any] = {
        "id": str(post.id),
        "author": {
            "id": str(post.author_id),
            "handle": post.author_handle,
            "display_name": post.author_display_name or post.author_handle,
            "avatar_url": None,
        },
        "caption": post.caption,
        "visibility": post.visibility,
        "remix_policy": post.remix_policy,
        "prompt_visibility": post.prompt_visibility,
        "cast": [member.shape for member in cast],
        "co_creators": [one.shape for one in credited if one.shape is not None],
        "ai_disclosure": disclosure(post.id, post.provider, post.model, manifest_id=post.manifest_id),
        "challenge": _challenge(post),
        "created_at": post.created_at,
        "edited_at": post.edited_at,
    }
    media = {"width": post.width, "height": post.height, "duration_ms": post.duration_ms, "mime": post.mime}
    return _Fragment(
        head=encode(head)[:-1] + b',"media":' + encode(media)[:-1],
        tail=b'},"lineage":{"depth":%d' % post.depth,
        origin=Origin.made(post.id, orjson.loads(post.sources), post.root_id),
        template=encode(orjson.loads(post.template)) if post.template else _NULL,
        prompt=_NULL if post.is_sealed else encode(post.prompt),
        prompt_visibility=post.prompt_visibility,
        has_captions=bool(post.captions_key),
    )


def challenge_ref(challenge: Challenge | None) -> dict[str, Any] | None:
    """What is said of a challenge beside something made for it; nothing once it is off the list."""
    if challenge is None or not challenge.is_listed:
        return None
    return {"id": str(challenge.pk), "title": challenge.title, "ends_at": challenge.ends_at}


def _challenge(post: _Words) -> dict[str, Any] | None:
    """`challenge_ref` of the challenge that a post was made for."""
    if not post.challenge_is_listed:
        return None
    return {"id": str(post.challenge_id), "title": post.challenge_title, "ends_at": post.challenge_ends_at}


def disclosure(post_id: int, provider: str, model: str, *, manifest_id: str) -> dict[str, Any]:
    """Every post is AI-made and says so, in every payload; one made before there were manifests has none."""
    return {
        "generated": True,
        "provider": provider,
        "model": model,
        "label": LABEL,
        "manifest_url": f"{settings.PUBLIC_URL}/v1/posts/{post_id}/manifest" if manifest_id else None,
    }


def share_url(post_id: int) -> str:
    return f"{settings.PUBLIC_URL}/p/{post_id}"
