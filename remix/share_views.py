"""Doors for those without an account: the page of a post, and what unfurls its link."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from remix import sharing
from remix.wire import OembedIn
from sora_social.core.problems import encode

_FOR_NOBODY_TO_KEEP = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_POLICY = "default-src 'none'; img-src 'self' https:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@require_safe
def share_page(request: HttpRequest, post_id: int) -> HttpResponse:
    """A post for everybody: what it is, that it is AI-made, and whom it comes from. No script, no cookie."""
    page = render_to_string("remix/share.html", {"shared": sharing.shared_post(request, post_id)})
    policy = {"Content-Security-Policy": f"{_POLICY}; frame-ancestors 'none'", "X-Frame-Options": "DENY"}
    return HttpResponse(page, headers={**_FOR_NOBODY_TO_KEEP, **policy})


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """oEmbed 1.0 for the links of posts."""
    said = sharing.oembed(request, **OembedIn.checked(request.GET))
    return HttpResponse(encode(said), content_type="application/json", headers=_FOR_NOBODY_TO_KEEP)
