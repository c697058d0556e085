"""Signing in: allauth does it, these are the places where it meets this product.

The token of a mobile client is the key of a server-side session: it is revoked by deleting the session. Each request
asks the database once, for the session and the person together, so that a ban, a new password or a logout acts on the
next request.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.adapter import DefaultHeadlessAdapter
from django import forms
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import Subquery
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from sora_social.accounts import people
from sora_social.accounts.models import User
from sora_social.core.errors import Invalid
from sora_social.core.http import SESSION_TOKEN
from sora_social.core.prepared import Prepared
from sora_social.core.problems import problem

TOKEN_HEADER = "X-Session-Token"  # noqa: S105 - the name of a header


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a session says, read once by each process: whom it is of, and which password opened it."""

    data: str  # as stored; when it changes, it is read again
    person_id: int
    password_hash: str


_REMEMBERED_AT_MOST = 10_000
_opened: dict[str, _Opened] = {}

_PERSON_FIELDS = tuple(field.attname for field in User._meta.concrete_fields)
_PERSON = Prepared(
    lambda token, person: (
        User.objects.filter(pk=person)
        .annotate(
            session=Subquery(
                Session.objects.filter(session_key=token, expire_date__gt=Now()).values("session_data"),
            )
        )
        .values_list(*_PERSON_FIELDS, "session")
    ),
    "token",
    "person",
)


def person_of_session(token: str) -> User | None:
    """The person whom a session token stands for, if the session is alive and their password is still the same.

    Asked of the database each time, session and person in one query; only what the session's data mean is remembered.
    """
    if not SESSION_TOKEN.fullmatch(token):
        return None
    opened = _opened.get(token) or _read(token)
    while opened is not None:
        rows = _PERSON.rows(token=token, person=opened.person_id)
        *fields, data = rows[0] if rows else (None,)
        if data is None:
            _opened.pop(token, None)
            return None
        if data == opened.data:
            person = User.from_db("default", _PERSON_FIELDS, fields)
            return person if constant_time_compare(opened.password_hash, _password_hash(person.password)) else None
        opened = _read(token)
    return None


def _read(token: str) -> _Opened | None:
    session = Session.objects.filter(session_key=token, expire_date__gt=timezone.now()).first()
    words = session.get_decoded() if session else {}
    if session is None or SESSION_KEY not in words:
        return None
    while len(_opened) >= _REMEMBERED_AT_MOST:
        _opened.pop(next(iter(_opened)), None)
    opened = _Opened(session.session_data, int(words[SESSION_KEY]), words.get(HASH_SESSION_KEY, ""))
    _opened[token] = opened
    return opened


@lru_cache(maxsize=_REMEMBERED_AT_MOST)
def _password_hash(password: str) -> str:
    """`get_session_auth_hash` of whoever has this (hashed) password."""
    return User(password=password).get_session_auth_hash()


def forget_ended() -> None:
    """Delete the rows of sessions whose time is over."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def alive_among(tokens: Collection[str]) -> set[str]:
    """Which of these sessions are still there, in one query. (The password is the caller's to compare.)"""
    alive = Session.objects.filter(session_key__in=tokens, expire_date__gt=timezone.now())
    return set(alive.values_list("session_key", flat=True))


def open_session(person: User) -> str:
    """Sign somebody in without asking them, for a command that an operator runs. Gives the session's token."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def close_session(token: str) -> None:
    import_module(settings.SESSION_ENGINE).SessionStore(token).delete()


class SessionTokenAuthentication(BaseAuthentication):
    """`X-Session-Token`, as allauth headless gives it to apps."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        token = request.headers.get(TOKEN_HEADER)
        if not token:
            return None
        person = person_of_session(token)
        if person is None:
            raise AuthenticationFailed(
                "Nobody is signed in by this token: it ended, or its e-mail address is not confirmed yet."
            )
        return person, token

    def authenticate_header(self, request: Request) -> str:
        return 'SessionToken realm="sora-social"'


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """A handle is taken in the `@` namespace together with the account, or neither is made."""

    def clean_username(self, username: str, shallow: bool = False) -> str:  # noqa: FBT001, FBT002 - allauth's signature
        try:
            handle = people.well_formed_handle(username)
        except Invalid as error:
            raise forms.ValidationError(error.detail, code="invalid_handle") from error
        return str(super().clean_username(handle, shallow=shallow))

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        super().save_user(request, user, form, commit=False)
        user.birthday = form.cleaned_data.get("birthday")
        user.country = form.cleaned_data.get("country", "")
        user.time_zone = form.cleaned_data.get("time_zone", "")
        try:
            with transaction.atomic():
                people.join(user, invite_code=form.cleaned_data.get("invite_code", ""))
        except IntegrityError as error:
            taken = {"username": [{"code": "handle_taken", "message": "This handle is taken."}]}
            raise ImmediateHttpResponse(problem(409, "handle_taken", errors=taken)) from error
        return user

    def respond_email_verification_sent(self, request: HttpRequest, user: User) -> HttpResponse:
        """Headless clients get allauth's own JSON; the pages it would lead a browser to are not mounted."""
        return HttpResponseRedirect("/")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return problem(403, "suspended", detail="This account is suspended.")


class HeadlessAdapter(DefaultHeadlessAdapter):  # type: ignore[misc]
    """What allauth says of a person who is signing in."""

    def serialize_user(self, user: User) -> dict[str, Any]:
        said = dict(super().serialize_user(user))
        if user.pk:
            said.update(id=str(user.pk), handle=user.handle, waitlisted=user.admitted_at is None)
        return said
