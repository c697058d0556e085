"""Who may be in a room: asked at the door, and again and again while the socket is open, by the rules of REST."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cameos import cards
from sora_social.accounts import admission, sessions, ties
from sora_social.accounts.models import Follow, User
from sora_social.core.errors import DomainError, Forbidden
from sora_social.posts import crediting
from sora_social.posts.live import tickets
from sora_social.posts.models import Post, Visibility
from sora_social.posts.posting import post_for


@dataclass(frozen=True)
class Pass:
    """What a socket was let in with; `post_id` is 0 when it is in no room."""

    person_id: int
    post_id: int
    token: str
    password_mark: str
    country: str
    walled: frozenset[int]


@dataclass(frozen=True)
class Verdict:
    """Whether a pass still holds, and who is behind a wall from its holder now."""

    refusal: DomainError | None
    walled: frozenset[int]


def enter(ticket: str, post_id: int, *, headers: Mapping[str, str]) -> Pass:
    """Let the holder of a ticket into the room of a post.

    Raises TicketRefused, Forbidden (suspended, waitlisted, country), NotFound, Unavailable.
    """
    person, token = tickets.redeem(ticket)
    country = admission.country_seen(headers)
    require_admitted(person, country)
    post_for(person, post_id)
    return Pass(
        person_id=person.pk,
        post_id=post_id,
        token=token,
        password_mark=person.get_session_auth_hash(),
        country=country,
        walled=ties.walls_of([person.pk])[person.pk],
    )


def ask_again(passes: Sequence[Pass]) -> list[Verdict]:
    """Whether each pass still holds: session, person, walls, post. A handful of queries, however many passes.

    Whatever looks as if it might have changed is decided by the same question as at the door.
    """
    people = User.objects.in_bulk({held.person_id for held in passes})
    standing = Post.objects.standing().filter(author__is_active=True).exclude(visibility=Visibility.PRIVATE)
    posts = standing.in_bulk({held.post_id for held in passes})
    faces = cards.owners_of_cast([post_id for post_id, post in posts.items() if post.cast_count])
    credited = crediting.credited_on([post_id for post_id, post in posts.items() if post.credit_count])
    alive = sessions.alive_among({held.token for held in passes})
    walls = ties.walls_of(people)
    authors = {post.author_id for post in posts.values() if post.visibility == Visibility.FOLLOWERS}
    follows = set(
        Follow.objects.filter(follower__in=people, followee__in=authors).values_list("follower_id", "followee_id")
        if authors
        else ()
    )
    marks = {person_id: person.get_session_auth_hash() for person_id, person in people.items()}
    verdicts = []
    for held in passes:
        person = people.get(held.person_id)
        if person is None or held.token not in alive or marks[held.person_id] != held.password_mark:
            verdicts.append(Verdict(tickets.TicketRefused(), held.walled))
            continue
        walled, post = walls[held.person_id], posts.get(held.post_id)
        plain = (
            post is not None
            and post.author_id not in walled
            and walled.isdisjoint(faces.get(held.post_id, ()))
            and walled.isdisjoint(credited.get(held.post_id, ()))
            and (post.visibility != Visibility.FOLLOWERS or (held.person_id, post.author_id) in follows)
        )
        verdicts.append(Verdict(_refusal(person, held, look_closer=not plain), walled))
    return verdicts


def _refusal(person: User, held: Pass, *, look_closer: bool) -> DomainError | None:
    try:
        require_admitted(person, held.country)
        if look_closer:
            post_for(person, held.post_id)
    except DomainError as refusal:
        return refusal
    return None


def require_admitted(person: User, country: str) -> None:
    """Raises Forbidden (suspended, waitlisted, country)."""
    refusal = admission.refusal_of(person, country or person.country)
    if refusal is not None:
        raise Forbidden(refusal.detail, code=refusal.code)
