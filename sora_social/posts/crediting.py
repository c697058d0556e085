"""Co-creators of posts: credited when it is published, by themselves no more whenever they like.

A credit is a name, and no key: it opens no post that its holder could not open without. Between a viewer and whoever is
credited a block is as total as one with the author; that is asked in `PostQuerySet`.
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.functions import Now

from sora_social.accounts.events import PersonBlocked
from sora_social.accounts.models import User
from sora_social.core.errors import NotFound
from sora_social.core.prepared import Prepared, ids_param
from sora_social.posts.models import Post, PostCredit


def credit(post: Post, people: Iterable[User]) -> None:
    """Name these people beside the author, in their order. In the transaction that makes the post."""
    PostCredit.objects.bulk_create(
        PostCredit(post=post, person=person, ordinal=ordinal) for ordinal, person in enumerate(people)
    )


def leave(actor: User, post_id: int) -> None:
    """Take one's own name off a post, for good, also off one that is not there for oneself. May be repeated.

    Raises NotFound where one was never credited.
    """
    credited = PostCredit.objects.filter(post=post_id, person=actor)
    if not credited.exists():
        raise NotFound
    credited.standing().update(ended_at=Now())


def end_across_wall(event: PersonBlocked) -> None:
    """A block ends what two people are credited with on each other's posts, for good. In its transaction."""
    one, other = event.blocker_id, event.blocked_id
    between = Q(post__author=one, person=other) | Q(post__author=other, person=one)
    PostCredit.objects.standing().filter(between).update(ended_at=Now())


# shown


class Credited(NamedTuple):
    """A credit in its shape, under the version of what was read; without a shape where nobody is named."""

    version: int
    shape: dict[str, Any] | None


_CREDITS = Prepared(
    lambda ids: (
        PostCredit.objects.filter(post__any=ids)
        .order_by("ordinal")
        .values_list(
            "post_id",
            "person_id",
            "person__version",
            "person__handle",
            "person__display_name",
            "person__is_active",
            "ended_at",
        )
    ),
    "ids",
)


def credits_of_posts(post_ids: Collection[int]) -> dict[int, list[Credited]]:
    """Who is credited on each of these posts, without who is suspended. One query, none for no posts."""
    found: dict[int, list[Credited]] = {}
    for post_id, pk, version, handle, display_name, is_active, ended_at in (
        _CREDITS.rows(ids=ids_param(post_ids)) if post_ids else ()
    ):
        is_named = is_active and ended_at is None
        shape = {"id": str(pk), "handle": handle, "display_name": display_name or handle, "avatar_url": None}
        found.setdefault(post_id, []).append(Credited(version + (ended_at is not None), shape if is_named else None))
    return found


def credited_on(post_ids: Collection[int]) -> dict[int, set[int]]:
    """The ids of those who are credited on each of these posts. One query, none for no posts."""
    found: dict[int, set[int]] = {}
    rows = PostCredit.objects.standing().filter(post__in=post_ids).values_list("post_id", "person_id")
    for post_id, person_id in rows if post_ids else ():
        found.setdefault(post_id, set()).add(person_id)
    return found
