"""The site of the staff: what is registered here and nothing else. `gate` stands before all of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from unfold.sites import UnfoldAdminSite

from remix.drawing import pictures
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
        lineage = path("lineages/<id:object_id>.svg", self.admin_view(lineage_picture), name="lineage")
        return [
            clip,
            cameo,
            lineage,
            *(url for url in super().get_urls() if getattr(url, "name", None) not in _NOT_HERE),
        ]

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


@xframe_options_sameorigin  # the page of the post shows it in a frame, apart from the page's own styles
def lineage_picture(request: HttpRequest, object_id: int) -> HttpResponseBase:
    """The lineage of any post, each post in it leading to its page."""
    picture = pictures.desk_picture(object_id, link_of=lambda pk: reverse("admin:posts_post_change", args=[pk]))
    policy = f"{pictures.POLICY}; frame-ancestors 'self'"
    return HttpResponse(picture, content_type=pictures.MIME, headers={"Content-Security-Policy": policy})


lineage_picture.subject_type = SubjectType.POST  # type: ignore[attr-defined]  # for the log
cameo_file.subject_type = SubjectType.CAMEO  # type: ignore[attr-defined]  # for the log
clip_file.subject_type = SubjectType.CLIP  # type: ignore[attr-defined]  # for the log

desk = Desk(name="admin")
