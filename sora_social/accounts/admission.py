"""Who may use the service at all: the permission of every path but `/v1/me` and the few open ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from sora_social.accounts.models import User

if TYPE_CHECKING:  # DRF imports this module while it is importing its own views
    from rest_framework.views import APIView


class PersonRequest(Request):
    """A request by somebody signed in: what every view gets but the few open ones."""

    user: User


def country_of(request: HttpRequest | Request, declared: str) -> str:
    """The country of a request: what a trusted proxy says, else what the person declared."""
    return (country_seen(request.headers) or declared).upper()


def country_seen(headers: Mapping[str, str]) -> str:
    """What a trusted proxy says of where a request comes from; empty when none says anything."""
    wanted = settings.COUNTRY_HEADER.lower()
    return next((value.upper() for name, value in headers.items() if name.lower() == wanted), "") if wanted else ""


def is_open_to(country: str) -> bool:
    return not settings.OPEN_COUNTRIES or country in settings.OPEN_COUNTRIES


@dataclass(frozen=True)
class Refusal:
    code: str
    detail: str


def refusal_of(person: User, country: str) -> Refusal | None:
    """Why this person, being in this country, is not let in, over HTTP or a socket; None when they are."""
    if not person.is_active:
        return Refusal("suspended", "This account is suspended.")
    if person.admitted_at is None:
        return Refusal("waitlisted", "You are on the waitlist; it will not be long.")
    if not is_open_to(country):
        return Refusal("unsupported_country_code", "Not open in your country yet.")
    return None


class InAnyStanding(BasePermission):
    """Signed in: suspended, waiting and abroad count too. For taking consent back, and reading what was agreed."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.user, User):
            raise NotAuthenticated("Send the session token of a sign-in in the header X-Session-Token.")
        return True


class SignedIn(InAnyStanding):
    """Signed in and not suspended, admitted or still waiting."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        super().has_permission(request, view)
        person: User = request.user  # type: ignore[assignment]
        if not person.is_active:
            raise PermissionDenied("This account is suspended.", code="suspended")
        return True


class Admitted(SignedIn):
    """Signed in, past the waitlist, and in a country where the service is open."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        super().has_permission(request, view)
        person: User = request.user  # type: ignore[assignment]
        refusal = refusal_of(person, country_of(request, person.country))
        if refusal is not None:
            raise PermissionDenied(refusal.detail, code=refusal.code)
        return True


class AdmittedToMore(Admitted):
    """The verbs that the view names in `in_any_standing` are for everybody signed in, the others for the admitted."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.method in view.in_any_standing:  # type: ignore[attr-defined]
            return InAnyStanding().has_permission(request, view)
        return super().has_permission(request, view)
