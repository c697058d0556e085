"""Watching a post: its files, by a link that is short-lived and asked again."""

import time

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sora_social.accounts.models import User
from sora_social.core.errors import NotFound
from sora_social.media import delivery, links
from sora_social.posts.models import Post

NOBODY = 0  # whom links on pages are for that need no account: nobody has this id
POSTER = "poster.jpg"


def poster_url(post_id: int) -> str:
    """Where the still picture of a post is, for whoever reads a page that needs no account; good for a minute."""
    prefix, _ = links.media_prefix("p", post_id, NOBODY, int(time.time()))
    return prefix.decode() + POSTER


def _serve_poster(request: HttpRequest, post_id: int, name: str) -> HttpResponseBase:
    post = Post.objects.open_to_all().select_related("clip").filter(pk=post_id).first() if name == POSTER else None
    if post is None:
        raise NotFound
    return delivery.deliver(request, post.clip, name)


def serve_media(request: HttpRequest, post_id: int, *, grant: str, name: str) -> HttpResponseBase:
    """A file of a post for whom the link was made, if they may still see the post. Raises NotFound."""
    viewer_id = links.viewer_of("p", post_id, grant, now=int(time.time()))
    if viewer_id == NOBODY:
        return _serve_poster(request, post_id, name)
    viewer = User.objects.filter(pk=viewer_id, is_active=True).first()
    if viewer is None:
        raise NotFound
    post = Post.objects.visible_to(viewer).select_related("clip").filter(pk=post_id).first()
    if post is None:
        raise NotFound
    return delivery.deliver(request, post.clip, name)
