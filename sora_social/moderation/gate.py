"""The one gate of the desk: whatever is under `/admin/` is for staff who used a second factor in this session.

It stands before URLs are resolved, so that no page can be forgotten: the theme's search, autocomplete and scripts are
behind it as much as a post. Somebody signed out is sent to sign in; somebody signed in without being staff meets the
same 404 as on any address that is not there. Each page is logged before it is made.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from sora_social.accounts.models import User
from sora_social.core.errors import DomainError, NotFound
from sora_social.core.problems import page_not_found
from sora_social.moderation import auditing
from sora_social.moderation.models import SubjectType

DESK = "/admin/"
_FILES = frozenset({"clip_id", "cameo_id"})  # what the addresses of files have


class StaffGate:
    """Middleware; needs the session, the signed-in person and allauth's request context before it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(DESK):
            return self.get_response(request)
        return _turned_away(request) or self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Mapping[str, Any]) -> None:
        if not request.path_info.startswith(DESK) or _is_part_of_a_page(request, kwargs):
            return
        assert isinstance(request.user, User)  # noqa: S101 - others were turned away
        desk = getattr(view, "model_admin", view)
        auditing.note_visit(
            request.user,
            subject_type=getattr(desk, "subject_type", SubjectType.PAGE),
            subject_id=_subject_id(kwargs),
            path=request.get_full_path(),
            is_form=request.method not in {"GET", "HEAD"},
        )

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A refusal is told on the page that the moderator came from."""
        if not request.path_info.startswith(DESK) or not isinstance(error, DomainError):
            return None
        if isinstance(error, NotFound):
            return page_not_found(request)
        messages.error(request, str(error))
        back = request.headers.get("Referer", "")
        is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(back if is_ours else reverse("admin:index"))


def _turned_away(request: HttpRequest) -> HttpResponse | None:
    person = request.user
    if not isinstance(person, User):
        return _to("account_login", request)
    if not (person.is_staff and person.is_active):
        return page_not_found(request)
    if not is_mfa_enabled(person, [Authenticator.Type.TOTP]):
        return _to("mfa_activate_totp", request)
    uses = [record["at"] for record in get_authentication_records(request, person) if record["method"] == "mfa"]
    if time.time() - max(uses, default=0.0) > settings.STAFF_SECOND_FACTOR.total_seconds():
        return _to("mfa_reauthenticate", request)
    return None


def _to(name: str, request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}")


def _is_part_of_a_page(request: HttpRequest, kwargs: Mapping[str, Any]) -> bool:
    """Pictures of a list, and the later bytes of a clip or recording whose beginning was logged."""
    if not _FILES & kwargs.keys():
        return False
    is_later = not request.headers.get("Range", "bytes=0-").startswith("bytes=0-")
    return is_later or kwargs.get("name") in {"poster.jpg", "captions.vtt", "portrait.jpg"}


def _subject_id(kwargs: Mapping[str, Any]) -> int | None:
    text = str(next((kwargs[name] for name in ("object_id", *_FILES) if name in kwargs), ""))
    return int(text) if text.isascii() and text.isdigit() and int(text) < 2**63 else None
