"""Tickets for sockets: a browser and an app can put no header on a socket, so a signed-in request buys one use."""

import hashlib
import secrets
from typing import TypedDict

import orjson
import redis

from sora_social.accounts import sessions
from sora_social.accounts.models import User
from sora_social.core import bus
from sora_social.core.errors import DomainError, Unavailable

GOOD_FOR_SECONDS = 30


class Ticket(TypedDict):
    ticket: str
    expires_in: int


class TicketRefused(DomainError):
    """Unknown, used, or too old; or its session is over."""

    status = 401
    code = "not_authenticated"
    title = "Ask for a new ticket"


def issue(person: User, *, session_token: str) -> Ticket:
    """A ticket that stands for `person` and their session, once, for 30 s. Raises Unavailable."""
    ticket = secrets.token_urlsafe(24)
    words = orjson.dumps([person.pk, session_token])
    try:
        bus.client().set(_key(ticket), words, ex=GOOD_FOR_SECONDS)
    except redis.RedisError as error:
        raise Unavailable(retry_after=2) from error
    return {"ticket": ticket, "expires_in": GOOD_FOR_SECONDS}


def redeem(ticket: str) -> tuple[User, str]:
    """Use a ticket up: the person and the session token it stands for. Raises TicketRefused, Unavailable."""
    try:
        words = bus.client().getdel(_key(ticket))
    except redis.RedisError as error:
        raise Unavailable(retry_after=2) from error
    if words is None:
        raise TicketRefused
    person_id, token = orjson.loads(words)
    person = sessions.person_of_session(token)
    if person is None or person.pk != person_id:
        raise TicketRefused
    return person, str(token)


def _key(ticket: str) -> str:
    return "live:ticket:" + hashlib.sha256(ticket.encode()).hexdigest()
