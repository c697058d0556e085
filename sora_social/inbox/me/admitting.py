"""Who may listen to what is theirs: asked at the door, and again and again while the socket is open."""

from collections.abc import Mapping, Sequence

from sora_social.accounts import admission, sessions
from sora_social.accounts.models import User
from sora_social.core.errors import DomainError
from sora_social.posts.live import tickets
from sora_social.posts.live.admitting import Pass, require_admitted


def enter(ticket: str, *, headers: Mapping[str, str]) -> Pass:
    """Let the holder of a ticket in. Raises TicketRefused, Forbidden (suspended, waitlisted, country), Unavailable."""
    person, token = tickets.redeem(ticket)
    country = admission.country_seen(headers)
    require_admitted(person, country)
    return Pass(
        person_id=person.pk,
        post_id=0,
        token=token,
        password_mark=person.get_session_auth_hash(),
        country=country,
        walled=frozenset(),
    )


def ask_again(passes: Sequence[Pass]) -> list[DomainError | None]:
    """What refuses each of these now, if anything: session, password, standing. Two queries, however many."""
    people = User.objects.in_bulk({held.person_id for held in passes})
    alive = sessions.alive_among({held.token for held in passes})
    return [_refusal(held, people.get(held.person_id), is_alive=held.token in alive) for held in passes]


def _refusal(held: Pass, person: User | None, *, is_alive: bool) -> DomainError | None:
    if person is None or not is_alive or person.get_session_auth_hash() != held.password_mark:
        return tickets.TicketRefused()
    try:
        require_admitted(person, held.country)
    except DomainError as refusal:
        return refusal
    return None
