"""Search: posts by their words, people, cameos and tags by their names, each only for who may see it.

A list of words says where to look; visibility is asked of every hit, and a page that it made short is filled up. Work
is bounded: a common word is answered from the newest posts, a rare one from the index, and nobody pays for more than a
few rounds over what they may not see: then a page is short, with a `next`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Subquery

from cameos import consent, showing
from cameos.wire import CameoOut
from feeds import tokens
from feeds.models import Tag
from feeds.page import SLACK
from sora_social.accounts.models import User
from sora_social.accounts.wire import PersonOut
from sora_social.core.cursors import Page, seal, unseal
from sora_social.core.problems import encode
from sora_social.posts import presenting
from sora_social.posts.models import Post, PostTag, Visibility

TYPES = ("posts", "people", "cameos", "tags")
ROUNDS_AT_MOST = 4  # each twice as wide as the one before
NEWEST = 2_000  # posts that are looked through without the index
LONGER = 16  # how much farther back the second look goes, in time
TAG_LOOKS_AT = 20  # newest posts of a tag: one of them must be for the viewer to see
_END = 2**63 - 1

Hits = tuple[Sequence[bytes], str | None]


def page_for(viewer: User, *, q: str, type: str, cursor: str, limit: int) -> bytes:  # noqa: A002 - its name on the wire
    """A page of hits as JSON bytes. Nothing to look for is an empty list. Raises Invalid for a foreign cursor."""
    items, following = _FINDERS[type](viewer, q, cursor, limit)
    return presenting.list_bytes(items, following)


# posts, the newest first


def _posts(viewer: User, q: str, cursor: str, limit: int) -> Hits:
    """Posts with every token; where there is none at all, those with most of them."""
    asked = tokens.question(q)
    if asked is None:
        return (), None
    purpose = f"search posts {viewer.pk} {asked.every}"
    is_lax, before = unseal(purpose, cursor, 2) if cursor else (0, _END)
    shown, following = _matching_posts(viewer, (asked.most if is_lax else asked.every) or asked.every, before, limit)
    if not shown and following is None and not cursor and asked.most is not None:
        is_lax = 1
        shown, following = _matching_posts(viewer, asked.most, _END, limit)
    return shown, None if following is None else seal(purpose, is_lax, following)


def _matching_posts(viewer: User, words: str, before: int, limit: int) -> tuple[list[bytes], int | None]:
    """A page of posts, and the id to go on below, or None at the end."""
    shown: list[bytes] = []
    size = limit + SLACK + limit // 8
    for _ in range(ROUNDS_AT_MOST):
        ids = _with_words(words, before, size)
        rendered = presenting.present(viewer, ids, listed=True)
        visible = [post_id for post_id in ids if post_id in rendered]
        taken = visible[: limit - len(shown)]
        shown += [b'{"type":"post","post":%b}' % rendered[post_id] for post_id in taken]
        if len(shown) == limit:
            is_more = len(visible) > len(taken) or len(ids) == size
            return shown, taken[-1] if is_more else None
        if len(ids) < size:
            return shown, None
        before, size = ids[-1], 2 * size
    return shown, before


_WINDOW = """
SELECT post_id FROM feeds_postwords WHERE words @@ %s::tsquery AND post_id < %s AND post_id >= %s
ORDER BY post_id DESC LIMIT %s"""
# in the order of no index: what the first looks did not find is rare, and is not to be looked for post by post
_REST = """
SELECT post_id FROM feeds_postwords WHERE words @@ %s::tsquery AND post_id < %s
ORDER BY post_id + 0 DESC LIMIT %s"""
_EDGES = """
WITH newest AS (SELECT post_id FROM feeds_postwords WHERE post_id < %s ORDER BY post_id DESC LIMIT %s)
SELECT max(post_id), min(post_id), count(*) FROM newest"""


def _with_words(words: str, before: int, count: int) -> list[int]:
    """The newest ids with these words, in three looks at most: the newest posts, a longer time, everything.

    A common word is found in the first, whatever their number; what is not found there is rare, and the index has it.
    Within a look the planner chooses between the two by what it knows of the words: the statement is planned each time.
    """
    found: list[int] = []
    with connection.cursor() as cursor:
        cursor.execute(_EDGES, [before, NEWEST])
        first, edge, there = cursor.fetchone()
        for since in (edge, edge - LONGER * (first - edge)) if there == NEWEST else ():
            cursor.execute(_WINDOW, [words, before, since, count - len(found)])
            found += [post_id for (post_id,) in cursor.fetchall()]
            if len(found) == count:
                return found
            before = since
        cursor.execute(_REST, [words, before, count - len(found)])
        found += [post_id for (post_id,) in cursor.fetchall()]
    return found


# what has a name: those that are exactly it first, then by weight


@dataclass(frozen=True)
class _Named:
    """A list of names; `seen` gives the JSON of those of these ids that a viewer may know of."""

    table: str
    key: str
    weight: str
    seen: Callable[[User, Sequence[int]], Mapping[int, bytes]]
    among: str = "true"

    def rows(self, words: str, below: tuple[int, int], count: int) -> list[tuple[int, int]]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT {self.weight}, {self.key} FROM {self.table}
                    WHERE words @@ %s::tsquery AND ({self.weight}, {self.key}) < (%s, %s) AND {self.among}
                    ORDER BY {self.weight} DESC, {self.key} DESC LIMIT %s""",  # noqa: S608 - our own names
                [words, *below, count],
            )
            return list(cursor.fetchall())


_TOP = (2**31 - 1, _END)


def _names(named: _Named) -> Callable[[User, str, str, int], Hits]:
    def find(viewer: User, q: str, cursor: str, limit: int) -> Hits:
        asked = tokens.name_question(q)
        if asked is None:
            return (), None
        purpose = f"search {named.table} {viewer.pk} {asked.begin}"
        step, *below = unseal(purpose, cursor, 3) if cursor else (0, *_TOP)
        steps = (asked.exactly, f"({asked.begin}) & !{asked.exactly}")
        last = (below[0], below[1])
        shown: list[bytes] = []
        size = limit + SLACK
        for _ in range(ROUNDS_AT_MOST):
            rows = named.rows(steps[step], last, size)
            seen = named.seen(viewer, [key for _, key in rows]) if rows else {}
            for row in rows:
                if len(shown) == limit:
                    return shown, seal(purpose, step, *last)
                last = row
                if row[1] in seen:
                    shown.append(seen[row[1]])
            if len(rows) < size:
                if step == len(steps) - 1:
                    return shown, None
                step, last = step + 1, _TOP
            else:
                size = 2 * size
        return shown, seal(purpose, step, *last)

    return find


def _people(viewer: User, ids: Sequence[int]) -> Mapping[int, bytes]:
    found = User.objects.visible_to(viewer).with_ties_to(viewer).in_bulk(ids)
    return {pk: encode({"type": "person", "person": PersonOut(person).data}) for pk, person in found.items()}


def _cameos(viewer: User, ids: Sequence[int]) -> Mapping[int, bytes]:
    page = showing.shown_page(viewer, Page(consent.cameos_among(viewer, ids), None))
    return {shown.cameo.pk: encode({"type": "cameo", "cameo": CameoOut(shown).data}) for shown in page.items}


def _tags(viewer: User, ids: Sequence[int]) -> Mapping[int, bytes]:
    """A tag of which none of the newest posts is for the viewer to see is not theirs to know of."""
    public = PostTag.objects.filter(
        tag=OuterRef(OuterRef("tag")), post__visibility=Visibility.PUBLIC, post__deleted_at=None, post__removed_at=None
    )
    newest = public.order_by("-post_id").values("post_id")[:TAG_LOOKS_AT]
    open_to_me = Post.objects.listed_for(viewer).filter(pk__in=Subquery(newest))
    found = Tag.objects.filter(Exists(open_to_me), pk__in=ids)
    return {tag.pk: encode({"type": "tag", "tag": {"tag": tag.tag, "posts": tag.post_count}}) for tag in found}


_FINDERS: Mapping[str, Callable[[User, str, str, int], Hits]] = {
    "posts": _posts,
    "people": _names(_Named("feeds_personwords", "person_id", "weight", _people)),
    "cameos": _names(_Named("feeds_cameowords", "cameo_id", "weight", _cameos)),
    "tags": _names(_Named("feeds_tag", "id", "post_count", _tags, among="post_count > 0")),
}
