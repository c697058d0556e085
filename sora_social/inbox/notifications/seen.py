"""Notifications as their reader may see them now: what is gone, or behind a block, is not told of.

| kind | `subject_id` | `thing_id` of each occurrence |
|---|---|---|
| follow | – | – |
| like | my post | – |
| comment | my post | the comment |
| reply | my comment | the reply |
| mention | the post it is under | the comment |
| remix | my post | the remix |
| template | my post, whose template it is | what was made with it |
| cast_in_draft, cast_in_post | my cameo | the appearance |
| cast_request | the request | the appearance |
| cast_answer, co_creator_veto | my draft | |
| co_creator_invite | the draft of who invites me | – |
| co_creator_accepted | my draft | – |
| co_creator_post | the post that I am credited on | – |
| generation | my job | |
| credits, invite | the invite | |
| moderation | the number of the decision | |

Whoever cast my face is told of across a block too, without their name: nobody's face without their say.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from cameos.models import Appearance, Cameo, CastRequest, RequestState
from sora_social.accounts.models import Follow, User
from sora_social.core.prepared import PreparedModels, ids_param
from sora_social.inbox.models import Kind, Notification
from sora_social.posts.models import Comment, Like, Post
from sora_social.studio.models import Draft, Generation

DEPTH = 50  # of the occurrences of one notification, so many are looked at: the newest
NAMED = 3
_BY_NOBODY = frozenset({Kind.CAST_ANSWER, Kind.CO_CREATOR_VETO, Kind.GENERATION, Kind.CREDITS, Kind.MODERATION})
_OF_MY_FACE = frozenset({Kind.CAST_IN_DRAFT, Kind.CAST_IN_POST, Kind.CAST_REQUEST})
_WITH_DERIVATIONS = frozenset({Kind.REMIX, Kind.TEMPLATE})
_ABOUT_POSTS = frozenset({Kind.LIKE, Kind.COMMENT, Kind.MENTION, Kind.CO_CREATOR_POST, *_WITH_DERIVATIONS})
_ABOUT_MY_DRAFTS = frozenset({Kind.CAST_ANSWER, Kind.CO_CREATOR_ACCEPTED, Kind.CO_CREATOR_VETO})
_WITH_COMMENTS = frozenset({Kind.COMMENT, Kind.REPLY, Kind.MENTION})


@dataclass(frozen=True)
class Seen:
    """A notification as its reader sees it. `actors` are the newest, each once; None is somebody without a name."""

    row: Notification
    actors: Sequence[User | None] = ()
    actor_count: int = 0
    caused_by: int | None = None  # who did it last, also where they are not named
    refs: dict[str, int] = field(default_factory=dict)  # what a client may open: `post_id`, `comment_id`, …
    facts: dict[str, Any] = field(default_factory=dict)  # what its text needs


@dataclass(frozen=True)
class _Occurred:
    actor_id: int
    thing_id: int


def seen_by(reader: User, rows: Sequence[Notification]) -> list[Seen]:
    """Those of one's own notifications that may be seen now, in order. As many queries for one as for a hundred.

    Counts agree with what is seen: who is hidden is not counted. Of more than 50 occurrences the newest decide.
    """
    known = _Known(reader, rows, _occurrences([row.pk for row in rows if row.kind not in _BY_NOBODY]))
    found = (known.seen(row) for row in rows)
    return [seen for seen in found if seen is not None]


def _occurrences(notification_ids: Sequence[int]) -> dict[int, list[_Occurred]]:
    """The newest occurrences of each notification, newest first, in one query."""
    found: dict[int, list[_Occurred]] = {}
    if notification_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT o.notification_id, o.actor_id, o.thing_id FROM unnest(%s::bigint[]) AS n(id)
                   CROSS JOIN LATERAL (SELECT * FROM inbox_occurrence WHERE notification_id = n.id
                                       ORDER BY id DESC LIMIT %s) AS o
                   ORDER BY o.id DESC""",
                [list(notification_ids), DEPTH],
            )
            for notification_id, actor_id, thing_id in cursor.fetchall():
                found.setdefault(notification_id, []).append(_Occurred(actor_id, thing_id))
    return found


_PEOPLE = PreparedModels(lambda reader, ids: User.objects.visible_to(reader).filter(pk__any=ids), "reader", "ids")
_POSTS = PreparedModels(
    lambda reader, ids: Post.objects.visible_to(reader).filter(pk__any=ids).only("pk"), "reader", "ids"
)
_COMMENTS = PreparedModels(
    lambda reader, ids: (
        Comment.objects.visible_to(reader).filter(pk__any=ids, deleted_at=None).only("post_id", "mentions")
    ),
    "reader",
    "ids",
)
_APPEARANCES = PreparedModels(
    lambda reader, ids: Appearance.objects.filter(pk__any=ids, cameo__owner=reader).in_force(), "reader", "ids"
)
_CAMEOS = PreparedModels(
    lambda reader, ids: Cameo.objects.owned_by(reader).select_related("owner", "name").filter(pk__any=ids),
    "reader",
    "ids",
)
_INVITATIONS = PreparedModels(
    lambda reader, ids: Draft.objects.readable_by(reader).filter(pk__any=ids).only("pk"), "reader", "ids"
)


def _found(asked: PreparedModels, reader: User, ids: Collection[int]) -> dict[int, Any]:
    """By id; no query for none."""
    return {row.pk: row for row in asked.all(reader=reader.pk, ids=ids_param(ids))} if ids else {}


class _Known:
    """All that a reader may know of what these notifications are about, each kind of thing asked for once."""

    def __init__(self, reader: User, rows: Sequence[Notification], occurred: dict[int, list[_Occurred]]) -> None:
        self.reader, self.occurred = reader, occurred
        self.named_in: set[int] = set()  # comments whose words, as they are now, name the reader
        things = {row.pk: {one.thing_id for one in occurred.get(row.pk, ())} for row in rows}

        def subjects(*kinds: str) -> set[int]:
            return {row.subject_id for row in rows if row.kind in kinds}

        def things_of(*kinds: str) -> set[int]:
            return {thing for row in rows if row.kind in kinds for thing in things[row.pk]}

        actors = {one.actor_id for found in occurred.values() for one in found}
        self.people = _found(_PEOPLE, reader, actors)
        self.likes = self._likes(subjects(Kind.LIKE), actors)
        self.followers = self._followers(actors) if any(row.kind == Kind.FOLLOW for row in rows) else set()
        self.comments = self._comments(subjects(Kind.REPLY) | things_of(*_WITH_COMMENTS))
        self.posts = self._posts({*subjects(*_ABOUT_POSTS), *things_of(*_WITH_DERIVATIONS), *self.comments.values()})
        self.appearances = self._appearances(things_of(*_OF_MY_FACE))
        self.requests = self._requests(subjects(Kind.CAST_REQUEST))
        self.cameos = self._cameos({*subjects(Kind.CAST_IN_DRAFT, Kind.CAST_IN_POST), *self.requests.values()})
        self.drafts = self._drafts(subjects(*_ABOUT_MY_DRAFTS))
        self.invitations = self._invitations(subjects(Kind.CO_CREATOR_INVITE))
        self.jobs = self._jobs(subjects(Kind.GENERATION))

    def _comments(self, ids: Collection[int]) -> dict[int, int]:
        found = _found(_COMMENTS, self.reader, ids)
        self.named_in = {pk for pk, row in found.items() if self.reader.pk in {int(one["id"]) for one in row.mentions}}
        return {pk: row.post_id for pk, row in found.items()}

    def _likes(self, post_ids: Collection[int], people: Collection[int]) -> set[tuple[int, int]]:
        """Likes that stand: whoever took theirs back is not told of."""
        rows = Like.objects.filter(post__in=post_ids, person__in=people).values_list("post", "person")
        return set(rows) if post_ids else set()

    def _followers(self, people: Collection[int]) -> set[int]:
        rows = Follow.objects.filter(followee=self.reader, follower__in=people)
        return set(rows.values_list("follower", flat=True))

    def _posts(self, ids: Collection[int]) -> set[int]:
        return set(_found(_POSTS, self.reader, ids))

    def _appearances(self, ids: Collection[int]) -> dict[int, Appearance]:
        """Of my face, as long as they are in force and what they are in is there."""
        found = _found(_APPEARANCES, self.reader, ids)
        drafts = Draft.objects.filter(pk__in=[one.draft_id for one in found.values() if one.draft_id], deleted_at=None)
        there = set(drafts.values_list("pk", flat=True))
        posts = Post.objects.filter(
            pk__in=[one.post_id for one in found.values() if one.post_id], deleted_at=None, removed_at=None
        )
        posted = set(posts.values_list("pk", flat=True))
        return {
            pk: one
            for pk, one in found.items()
            if (one.post_id in posted if one.post_id is not None else one.draft_id in there)
        }

    def _requests(self, ids: Collection[int]) -> dict[int, int]:
        rows = CastRequest.objects.filter(pk__in=ids, cameo__owner=self.reader).exclude(state=RequestState.CLOSED)
        return dict(rows.values_list("pk", "cameo_id")) if ids else {}

    def _cameos(self, ids: Collection[int]) -> dict[int, Cameo]:
        return _found(_CAMEOS, self.reader, ids)

    def _drafts(self, ids: Collection[int]) -> dict[int, Draft]:
        return Draft.objects.owned_by(self.reader).in_bulk(ids) if ids else {}

    def _invitations(self, ids: Collection[int]) -> set[int]:
        return set(_found(_INVITATIONS, self.reader, ids))

    def _jobs(self, ids: Collection[int]) -> dict[int, Generation]:
        return Generation.objects.owned_by(self.reader).in_bulk(ids) if ids else {}

    # one notification

    def seen(self, row: Notification) -> Seen | None:
        refs, facts = self._subject(row)
        if refs is None:
            return None
        if row.kind in _BY_NOBODY:
            return Seen(row, refs=refs, facts=facts)
        occurred = self.occurred.get(row.pk, [])
        visible = [one for one in occurred if self._may_be_told(row, one)]
        if not visible:
            return None
        shown = {one.actor_id for one in visible}
        hidden = {one.actor_id for one in occurred} - shown
        newest = list(dict.fromkeys(one.actor_id for one in visible))[:NAMED]
        refs.update(self._thing(row, visible[0]))
        return Seen(
            row,
            actors=[self.people.get(actor_id) for actor_id in newest],
            actor_count=max(len(shown), row.actor_count - len(hidden)),
            caused_by=visible[0].actor_id,
            refs=refs,
            facts=facts,
        )

    def _subject(self, row: Notification) -> tuple[dict[str, int] | None, dict[str, Any]]:
        """What the subject may be called by a client, or None when there is none to be seen; and what is said of it."""
        pk = row.subject_id
        facts: dict[str, Any] = dict(row.words)
        refs: dict[str, int] | None = None
        match row.kind:
            case Kind.FOLLOW | Kind.CREDITS | Kind.INVITE | Kind.MODERATION:
                refs = {}
            case kind if kind in _ABOUT_POSTS and pk in self.posts:
                refs = {"post_id": pk}
            case Kind.REPLY if self.comments.get(pk) in self.posts:
                refs = {"post_id": self.comments[pk], "comment_id": pk}
            case Kind.CAST_IN_DRAFT | Kind.CAST_IN_POST if pk in self.cameos:
                refs, facts = {"cameo_id": pk}, {**facts, "cameo": self.cameos[pk].title}
            case Kind.CAST_REQUEST if self.requests.get(pk) in self.cameos:
                cameo = self.cameos[self.requests[pk]]
                refs, facts = {"cameo_id": cameo.pk, "request_id": pk}, {**facts, "cameo": cameo.title}
            case Kind.CAST_ANSWER | Kind.CO_CREATOR_ACCEPTED | Kind.CO_CREATOR_VETO if pk in self.drafts:
                refs = {"draft_id": pk}
            case Kind.CO_CREATOR_INVITE if pk in self.invitations:
                refs = {"draft_id": pk}
            case Kind.GENERATION if pk in self.jobs:
                refs, facts = {"generation_id": pk}, {**facts, "status": self.jobs[pk].status}
        return refs, facts

    def _may_be_told(self, row: Notification, one: _Occurred) -> bool:
        if row.kind in _OF_MY_FACE:
            return one.thing_id in self.appearances
        if one.actor_id not in self.people:
            return False
        if row.kind in _WITH_COMMENTS:
            is_there = self.comments.get(one.thing_id) in self.posts
            return is_there and (row.kind != Kind.MENTION or one.thing_id in self.named_in)
        if row.kind == Kind.LIKE:
            return (row.subject_id, one.actor_id) in self.likes
        if row.kind == Kind.FOLLOW:
            return one.actor_id in self.followers
        return row.kind not in _WITH_DERIVATIONS or one.thing_id in self.posts

    def _thing(self, row: Notification, newest: _Occurred) -> dict[str, int]:
        if row.kind in _WITH_COMMENTS:
            return {"comment_id": newest.thing_id}
        if row.kind in _WITH_DERIVATIONS:
            return {"remix_id": newest.thing_id}
        if row.kind in _OF_MY_FACE:
            return {"appearance_id": newest.thing_id}
        return {}
