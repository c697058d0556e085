"""Follow, block, mute: each act may be repeated, and says the same again."""

from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from sora_social.accounts import people
from sora_social.accounts.events import PersonBlocked, PersonFollowed, PersonUnfollowed
from sora_social.accounts.models import FOLLOWERS, FOLLOWING, Block, Follow, Mute, User
from sora_social.core import outbox
from sora_social.core.cursors import Page, PreparedList
from sora_social.core.errors import Invalid
from sora_social.core.prepared import PreparedModels, ids_param


def hold_tie(one_id: int, other_id: int, *, shared: bool = False) -> None:
    """Hold what is between two people until the end of the transaction: who changes it waits for who relies on it."""
    low, high = sorted((one_id, other_id))
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtextextended(%s, 0))", [f"tie {low} {high}"])


def _other(actor: User, handle: str) -> User:
    other = people.person_for(actor, handle)
    if other.pk == actor.pk:
        raise Invalid.field("handle", "That is you.", code="yourself")
    return other


def follow(actor: User, handle: str) -> None:
    """Raises NotFound across a block, Invalid for oneself."""
    other = _other(actor, handle)
    with transaction.atomic():
        hold_tie(actor.pk, other.pk)
        people.person_for(actor, handle)
        _, created = Follow.objects.get_or_create(follower=actor, followee=other)
        if created:
            FOLLOWERS.add(other.pk)
            FOLLOWING.add(actor.pk)
            outbox.announce(PersonFollowed(follower_id=actor.pk, followee_id=other.pk))


def unfollow(actor: User, handle: str) -> None:
    other = _other(actor, handle)
    with transaction.atomic():
        hold_tie(actor.pk, other.pk)
        _cut_follow(actor.pk, other.pk)


def _cut_follow(follower_id: int, followee_id: int) -> None:
    with transaction.atomic():
        gone, _ = Follow.objects.filter(follower_id=follower_id, followee_id=followee_id).delete()
        if gone:
            FOLLOWERS.add(followee_id, -1)
            FOLLOWING.add(follower_id, -1)
            outbox.announce(PersonUnfollowed(follower_id=follower_id, followee_id=followee_id))


def block(actor: User, handle: str) -> None:
    """Put a wall between two people: neither finds anything of the other from the next request on.

    Follows end in both directions and do not come back by themselves. What else follows is in `aftermath.py`.
    """
    if Block.objects.filter(blocker=actor, blocked__handles__name=handle).exists():
        return
    other = _other(actor, handle)
    with transaction.atomic():
        hold_tie(actor.pk, other.pk)
        _, created = Block.objects.get_or_create(blocker=actor, blocked=other)
        if created:
            _cut_follow(actor.pk, other.pk)
            _cut_follow(other.pk, actor.pk)
            outbox.announce(PersonBlocked(blocker_id=actor.pk, blocked_id=other.pk))


def unblock(actor: User, handle: str) -> None:
    """Take one's own block away. Raises NotFound when there is none and nobody visible of that name."""
    gone, _ = Block.objects.filter(blocker=actor, blocked__handles__name=handle).delete()
    if not gone:
        _other(actor, handle)


def blocked_by(actor: User) -> QuerySet[Block]:
    """The blocks that `actor` made, with the people behind them."""
    return Block.objects.filter(blocker=actor).select_related("blocked")


def walls_of(person_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """For each of these people, everybody behind a block, whoever made it. One query."""
    behind: dict[int, set[int]] = {person_id: set() for person_id in person_ids}
    walls = Block.objects.filter(Q(blocker__in=behind) | Q(blocked__in=behind))
    for blocker_id, blocked_id in walls.values_list("blocker_id", "blocked_id"):
        for person_id, other_id in ((blocker_id, blocked_id), (blocked_id, blocker_id)):
            if person_id in behind:
                behind[person_id].add(other_id)
    return {person_id: frozenset(others) for person_id, others in behind.items()}


def mute(actor: User, handle: str) -> None:
    Mute.objects.get_or_create(muter=actor, muted=_other(actor, handle))


def unmute(actor: User, handle: str) -> None:
    Mute.objects.filter(muter=actor, muted=_other(actor, handle)).delete()


_FOLLOWERS = PreparedList(
    lambda viewer, person: Follow.objects.filter(
        followee=person, follower__in=User.objects.visible_to(viewer).values("pk")
    ),
    "viewer",
    "person",
)
_FOLLOWING = PreparedList(
    lambda viewer, person: Follow.objects.filter(
        follower=person, followee__in=User.objects.visible_to(viewer).values("pk")
    ),
    "viewer",
    "person",
)
_KNOWN = PreparedModels(
    lambda viewer, ids: User.objects.visible_to(viewer).with_ties_to(viewer).filter(pk__any=ids), "viewer", "ids"
)


def followers_page(viewer: User, handle: str, *, cursor: str, limit: int) -> Page[User]:
    """Who follows this person, as far as `viewer` may know of them, newest first."""
    person = people.person_for(viewer, handle)
    purpose = f"followers {person.pk}"
    page = _FOLLOWERS.page(viewer=viewer.pk, person=person.pk, purpose=purpose, cursor=cursor, limit=limit)
    return Page(_known(viewer, [follow.follower_id for follow in page.items]), page.next)


def following_page(viewer: User, handle: str, *, cursor: str, limit: int) -> Page[User]:
    """Whom this person follows, as far as `viewer` may know of them, newest first."""
    person = people.person_for(viewer, handle)
    purpose = f"following {person.pk}"
    page = _FOLLOWING.page(viewer=viewer.pk, person=person.pk, purpose=purpose, cursor=cursor, limit=limit)
    return Page(_known(viewer, [follow.followee_id for follow in page.items]), page.next)


def _known(viewer: User, ids: Sequence[int]) -> list[User]:
    found = {person.pk: person for person in _KNOWN.all(viewer=viewer.pk, ids=ids_param(ids))}
    return [found[person_id] for person_id in ids if person_id in found]


def are_mutuals(one: User, other_id: int) -> bool:
    pairs = Q(follower=one, followee_id=other_id) | Q(follower_id=other_id, followee=one)
    return Follow.objects.filter(pairs).count() == 2
