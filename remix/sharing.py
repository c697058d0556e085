"""A post outside: its link, the page that the link opens for somebody without an account, and what unfurls it.

Nobody in particular reads these, so they show what everybody may open: public and unlisted posts that stand. All
else is the same 404. Each request asks anew, nothing on the way may keep an answer: what is taken back is gone at once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from remix import crediting
from remix.crediting import Credit
from sora_social.accounts import admission
from sora_social.accounts.models import User
from sora_social.core.errors import DomainError, Forbidden, NotFound
from sora_social.posts import presenting, reactions, watching
from sora_social.posts.models import Post
from sora_social.posts.posting import post_for


@dataclass(frozen=True)
class Shared:
    """A post as everybody sees it."""

    post: Post
    credit: Credit
    url: str
    poster_url: str
    oembed_url: str

    @property
    def title(self) -> str:
        """What a card says first, with the label, which no card may lose."""
        words = crediting.title_of(self.post) or f"A clip by @{self.post.author.handle}"
        return f"{words} · {self.credit.label}"

    @property
    def description(self) -> str:
        return self.credit.text


class NotImplementedFormat(DomainError):
    """oEmbed answers 501 for a format that a provider does not have."""

    status = 501
    code = "format_not_implemented"
    title = "Only JSON is served here"


def share(actor: User, post_id: int) -> Mapping[str, Any]:
    """The link of a post and the credit that goes with it; counts that it went out. Raises NotFound, Forbidden."""
    reactions.note_share(actor, post_id)
    return {
        "url": presenting.share_url(post_id),
        "credit": crediting.credit_of(post_for(actor, post_id), viewer=actor).text,
    }


def shared_post(request: HttpRequest, post_id: int) -> Shared:
    """A post that its link opens for everybody. Raises NotFound, and Forbidden where the service is not open."""
    country = admission.country_seen(request.headers)
    if country and not admission.is_open_to(country):
        raise Forbidden("Not open in your country yet.", code="unsupported_country_code")
    post = Post.objects.open_to_all().select_related("author", "clip").filter(pk=post_id).first()
    if post is None:
        raise NotFound
    url = presenting.share_url(post_id)
    return Shared(
        post=post,
        credit=crediting.credit_of(post),
        url=url,
        poster_url=watching.poster_url(post_id),
        oembed_url=f"{settings.PUBLIC_URL}/oembed?{urlencode({'url': url, 'format': 'json'})}",
    )


_ID = re.compile(r"/p/([0-9]{1,19})")


def oembed(request: HttpRequest, *, url: str, format: str, maxwidth: int, maxheight: int) -> Mapping[str, Any]:  # noqa: A002 - oEmbed's names
    """What the oEmbed provider says of the link of a post (oembed.com, 1.0): a link with a thumbnail.

    Raises NotFound for any other address, NotImplementedFormat, Forbidden.
    """
    if format != "json":
        raise NotImplementedFormat
    found = _ID.fullmatch(url.removeprefix(settings.PUBLIC_URL)) if url.startswith(settings.PUBLIC_URL) else None
    if found is None or int(found[1]) >= 2**63:
        raise NotFound
    shared = shared_post(request, int(found[1]))
    clip = shared.post.clip
    answer = {
        "version": "1.0",
        "type": "link",
        "title": shared.title,
        "author_name": f"@{shared.post.author.handle}",
        "provider_name": "sora-social",
        "provider_url": settings.PUBLIC_URL,
        "cache_age": 0,
        "ai_generated": True,
        "credit": shared.credit.text,
    }
    if clip.width <= maxwidth and clip.height <= maxheight:  # a thumbnail larger than asked for is none at all
        answer |= {
            "thumbnail_url": shared.poster_url,
            "thumbnail_width": clip.width,
            "thumbnail_height": clip.height,
        }
    return answer
