"""Who may use the service at all: the permission of every path but `/v1/me` and the few open ones."""

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
    seen = request.headers.get(settings.COUNTRY_HEADER, "") if settings.COUNTRY_HEADER else ""
    return (seen or declared).upper()


def is_open_to(country: str) -> bool:
    return not settings.OPEN_COUNTRIES or country in settings.OPEN_COUNTRIES


class SignedIn(BasePermission):
    """Signed in and not suspended, admitted or still waiting."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        person = request.user
        if not isinstance(person, User):
            raise NotAuthenticated
        if not person.is_active:
            raise PermissionDenied("This account is suspended.", code="suspended")
        return True


class Admitted(SignedIn):
    """Signed in, past the waitlist, and in a country where the service is open."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        super().has_permission(request, view)
        person: User = request.user  # type: ignore[assignment]
        if person.admitted_at is None:
            raise PermissionDenied("You are on the waitlist; it will not be long.", code="waitlisted")
        if not is_open_to(country_of(request, person.country)):
            raise PermissionDenied("Not open in your country yet.", code="unsupported_country_code")
        return True
