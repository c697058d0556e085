"""Search: posts by their words, people, cameos, tags and templates by their names, each only for who may see it.

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
from feeds.discovery import tokens
from feeds.models import Tag
from feeds.order.filling import fill, listed_posts
from sora_social.accounts.models import User
from sora_social.accounts.wire import PersonOut
from sora_social.core.cursors import Page, seal, unseal
from sora_social.core.filling import Key
from sora_social.core.problems import encode
from sora_social.posts import presenting
from sora_social.posts.models import Post, PostTag, Visibility
from sora_social.studio.templates import reading
from sora_social.studio.templates.wire import TemplateOut

TYPES = ("posts", "people", "cameos", "tags", "templates")
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
    words = asked.most if is_lax and asked.most else asked.every
    shown, following = fill(_with_words(words), listed_posts(viewer), after=(before,), limit=limit)
    if not shown and following is None and not cursor and asked.most:
        is_lax = 1
        shown, following = fill(_with_words(asked.most), listed_posts(viewer), after=(before,), limit=limit)
    items = [b'{"type":"post","post":%b}' % post for _, post in shown]
    return items, None if following is None else seal(purpose, is_lax, *following)


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


def _with_words(words: str) -> Callable[[Key, int], list[Key]]:
    """The newest ids with these words, in three looks at most: the newest posts, a longer time, everything.

    A common word is found in the first, whatever their number; what is not found there is rare, and the index has it.
    Within a look the planner chooses between the two by what it knows of the words: the statement is planned each time.
    """

    def ask(after: Key, count: int) -> list[Key]:
        found: list[Key] = []
        (before,) = after
        with connection.cursor() as cursor:
            cursor.execute(_EDGES, [before, NEWEST])
            first, edge, there = cursor.fetchone()
            for since in (edge, edge - LONGER * (first - edge)) if there == NEWEST else ():
                cursor.execute(_WINDOW, [words, before, since, count - len(found)])
                found += cursor.fetchall()
                if len(found) == count:
                    return found
                before = since
            cursor.execute(_REST, [words, before, count - len(found)])
            found += cursor.fetchall()
        return found

    return ask


# what has a name: those that are exactly it first, then by weight


@dataclass(frozen=True)
class _Named:
    """A list of names; `seen` gives the JSON of those of these ids that a viewer may know of."""

    table: str
    key: str
    weight: str
    seen: Callable[[User, Sequence[int]], Mapping[int, bytes]]
    among: str = "true"

    def with_words(self, *steps: str) -> Callable[[Key, int], list[Key]]:
        """Ids in the order of the steps, and within each by weight; a key is the step, the weight and the id."""

        def ask(after: Key, count: int) -> list[Key]:
            found: list[Key] = []
            first, *last = after
            for step in range(first, len(steps)):
                if len(found) < count:
                    below = last if step == first else _TOP
                    found += [(step, *row) for row in self._rows(steps[step], below, count - len(found))]
            return found

        return ask

    def _rows(self, words: str, below: Sequence[int], count: int) -> list[tuple[int, int]]:
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
        after = unseal(purpose, cursor, 3) if cursor else (0, *_TOP)
        ask = named.with_words(asked.exactly, f"({asked.begin}) & !{asked.exactly}")
        shown, following = fill(ask, lambda ids: named.seen(viewer, ids), after=after, limit=limit)
        return [hit for _, hit in shown], None if following is None else seal(purpose, *following)

    return find


def _people(viewer: User, ids: Sequence[int]) -> Mapping[int, bytes]:
    found = list(User.objects.visible_to(viewer).with_ties_to(viewer).filter(pk__in=ids))
    # one serializer for all of them: making one costs more than a row
    rendered = PersonOut(found, many=True).data  # type: ignore[arg-type]  # the stubs do not know of many
    return {
        person.pk: encode({"type": "person", "person": words}) for person, words in zip(found, rendered, strict=True)
    }


def _cameos(viewer: User, ids: Sequence[int]) -> Mapping[int, bytes]:
    found = showing.shown_page(viewer, Page(consent.cameos_among(viewer, ids), None)).items
    rendered = CameoOut(found, many=True).data  # type: ignore[arg-type]  # the stubs do not know of many
    return {
        shown.cameo.pk: encode({"type": "cameo", "cameo": words}) for shown, words in zip(found, rendered, strict=True)
    }


def _tags(viewer: User, ids: Sequence[int]) -> Mapping[int, bytes]:
    """A tag of which none of the newest posts is for the viewer to see is not theirs to know of."""
    public = PostTag.objects.filter(
        tag=OuterRef(OuterRef("tag")), post__visibility=Visibility.PUBLIC, post__deleted_at=None, post__removed_at=None
    )
    newest = public.order_by("-post_id").values("post_id")[:TAG_LOOKS_AT]
    open_to_me = Post.objects.listed_for(viewer).filter(pk__in=Subquery(newest))
    found = Tag.objects.filter(Exists(open_to_me), pk__in=ids)
    return {tag.pk: encode({"type": "tag", "tag": {"tag": tag.tag, "posts": tag.post_count}}) for tag in found}


def _templates(viewer: User, ids: Sequence[int]) -> Mapping[int, bytes]:
    found = reading.listed_among(viewer, ids)
    rendered = TemplateOut(found, many=True).data  # type: ignore[arg-type]  # the stubs do not know of many
    return {
        shown.template.pk: encode({"type": "template", "template": words})
        for shown, words in zip(found, rendered, strict=True)
    }


_FINDERS: Mapping[str, Callable[[User, str, str, int], Hits]] = {
    "posts": _posts,
    "people": _names(_Named("feeds_personwords", "person_id", "weight", _people)),
    "cameos": _names(_Named("feeds_cameowords", "cameo_id", "weight", _cameos)),
    "tags": _names(_Named("feeds_tag", "id", "post_count", _tags, among="post_count > 0")),
    "templates": _names(_Named("feeds_templatewords", "template_id", "weight", _templates)),
}
