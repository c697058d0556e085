"""The site of the staff: what is registered here and nothing else. `gate` stands before all of it."""

from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, reverse
from unfold.sites import UnfoldAdminSite

from sora_social.core import paths  # noqa: F401 - registers the converters
from sora_social.media import delivery
from sora_social.moderation import viewing
from sora_social.moderation.models import SubjectType

_NOT_HERE = {"password_change", "password_change_done", "view_on_site"}


class Desk(UnfoldAdminSite):  # type: ignore[misc]
    index_template = "moderation/overview.html"
    index_title = "Overview"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        clip = path("clips/<id:clip_id>/<str:name>", self.admin_view(clip_file), name="clip")
        cameo = path("faces/<id:cameo_id>/<str:name>", self.admin_view(cameo_file), name="cameo_file")
        return [clip, cameo, *(url for url in super().get_urls() if getattr(url, "name", None) not in _NOT_HERE)]

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Who comes this far is signed in; everybody else was sent to the sign-in page by the gate."""
        return HttpResponseRedirect(reverse("admin:index"))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        answer: HttpResponseBase = super().index(request, {"figures": viewing.figures(), **(extra_context or {})})
        return answer


def clip_file(request: HttpRequest, clip_id: int, name: str) -> HttpResponseBase:
    """A file of any clip, with ranges: drafts and removed posts play here too."""
    return delivery.deliver(request, viewing.clip(clip_id), name)


def cameo_file(request: HttpRequest, cameo_id: int, name: str) -> HttpResponseBase:
    """The portrait of any cameo, or the recording that it was enrolled with, with ranges."""
    return delivery.send(request, viewing.cameo_part(cameo_id, name))


cameo_file.subject_type = SubjectType.CAMEO  # type: ignore[attr-defined]  # for the log
clip_file.subject_type = SubjectType.CLIP  # type: ignore[attr-defined]  # for the log

desk = Desk(name="admin")
