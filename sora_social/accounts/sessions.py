"""Signing in: allauth does it, these are the places where it meets this product.

The token of a mobile client is the key of a server-side session: it is revoked by deleting the session. Each request
costs one cached session look-up and one read of the person's row, so that a ban, a new password or a logout acts on
the next request.
"""

from collections.abc import Collection
from importlib import import_module
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.adapter import DefaultHeadlessAdapter
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from sora_social.accounts import people
from sora_social.accounts.models import User
from sora_social.core.errors import Invalid
from sora_social.core.problems import problem

TOKEN_HEADER = "X-Session-Token"  # noqa: S105 - the name of a header


def person_of_session(token: str) -> User | None:
    """The person whom a session token stands for, if the session is alive and their password is still the same."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(token)
    person_id = session.get(SESSION_KEY)
    if person_id is None:
        return None
    person: User | None = User.objects.filter(pk=person_id).first()
    if person is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
        return None
    return person


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
            raise AuthenticationFailed("This session is over. Sign in again.")
        return person, token

    def authenticate_header(self, request: Request) -> str:
        return 'SessionToken realm="sora-social"'


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """A handle is taken in the `@` namespace together with the account, or neither is made."""

    def clean_username(self, username: str, shallow: bool = False) -> str:  # noqa: FBT001, FBT002 - allauth's signature
        try:
            handle = people.well_formed_handle(username)
        except Invalid as error:
            raise self.validation_error("invalid_username") from error
        return str(super().clean_username(handle, shallow=shallow))

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        super().save_user(request, user, form, commit=False)
        user.birthday = form.cleaned_data.get("birthday")
        user.country = form.cleaned_data.get("country", "")
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
