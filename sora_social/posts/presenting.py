"""How posts look to one viewer: one way for every list, page and single post.

Visibility is asked of the database each time, in one prepared query that also brings counts and what the viewer did.
What does not depend on the viewer is kept as JSON bytes in this process, under the versions of post and author that
the query returned: a stale rendering cannot be found, so nothing has to be invalidated.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

from django.conf import settings

from sora_social.accounts.models import User
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
)
_VISIBLE = Prepared(
    lambda viewer, ids: Post.objects.visible_to(viewer).as_seen_by(viewer).filter(pk__any=ids).values_list(*_COLUMNS),
    "viewer",
    "ids",
)
_LISTED = Prepared(
    lambda viewer, ids: (
        Post.objects.listed_for(viewer)
        .not_muted_by(viewer)
        .as_seen_by(viewer)
        .filter(pk__any=ids)
        .values_list(*_COLUMNS)
    ),
    "viewer",
    "ids",
)


@dataclass(frozen=True, slots=True)
class _Fragment:
    """The viewer-neutral JSON of a post, cut where the viewer's parts go in."""

    head: bytes  # {"id": … "media": {"width": …
    tail: bytes  # }, "lineage": {"sources": … "depth": 3
    prompt: bytes
    prompt_visibility: str
    has_captions: bool


_CACHED_AT_MOST = 10_000
_fragments: dict[tuple[int, int, int], _Fragment] = {}


class Presented(Mapping[int, bytes]):
    """The JSON of posts, by id; each is put together when it is taken."""

    def __init__(self, found: dict[int, tuple[tuple[Any, ...], _Fragment]], viewer_id: int) -> None:
        self._found, self._viewer_id = found, viewer_id
        self._now = int(time())

    def __getitem__(self, post_id: int) -> bytes:
        return _assemble(*self._found[post_id], self._viewer_id, self._now)

    def __contains__(self, post_id: object) -> bool:
        return post_id in self._found

    def __iter__(self) -> Iterator[int]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def present(viewer: User, post_ids: Sequence[int], *, listed: bool = False) -> Presented:
    """The JSON of those posts that `viewer` may see, by id; `listed` asks for those that may come up unasked."""
    if not post_ids:
        return Presented({}, viewer.pk)
    rows = (_LISTED if listed else _VISIBLE).rows(viewer=viewer.pk, ids=ids_param(post_ids))
    missing = [row[0] for row in rows if (row[0], row[1], row[3]) not in _fragments]
    if missing:
        _render(missing)
    found = ((row, _fragments.get((row[0], row[1], row[3]))) for row in rows)
    return Presented({row[0]: (row, part) for row, part in found if part is not None}, viewer.pk)


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


def _assemble(row: tuple[Any, ...], part: _Fragment, viewer_id: int, now: int) -> bytes:
    (post_id, _, author_id, _, likes, saves, comments, views, remixes, descendants, *mine) = row
    liked, saved, may_remix = mine
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


def _render(post_ids: Sequence[int]) -> None:
    """Render what this process has not got yet: one query, whatever the number."""
    for post in Post.objects.filter(pk__in=post_ids).select_related("author", "clip"):
        while len(_fragments) >= _CACHED_AT_MOST:
            _fragments.pop(next(iter(_fragments)), None)
        _fragments[post.pk, post.version, post.author.version] = _fragment(post)


def _fragment(post: Post) -> _Fragment:
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
        "cast": [],
        "ai_disclosure": disclosure(post),
        "challenge": None,
        "created_at": post.created_at,
        "edited_at": post.edited_at,
    }
    media = {"width": clip.width, "height": clip.height, "duration_ms": clip.duration_ms, "mime": clip.mime}
    lineage = {"sources": post.sources, "root_id": str(post.root_id or post.pk), "depth": post.depth}
    return _Fragment(
        head=encode(head)[:-1] + b',"media":' + encode(media)[:-1],
        tail=b'},"lineage":' + encode(lineage)[:-1],
        prompt=encode(post.prompt),
        prompt_visibility=post.prompt_visibility,
        has_captions=bool(clip.captions_key),
    )


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
