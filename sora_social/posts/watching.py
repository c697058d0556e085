"""Watching a post: its files, by a link that is short-lived and asked again."""

import time

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sora_social.accounts.models import User
from sora_social.core.errors import NotFound
from sora_social.media import delivery, links
from sora_social.posts.models import Post


def serve_media(request: HttpRequest, post_id: int, *, grant: str, name: str) -> HttpResponseBase:
    """A file of a post for whom the link was made, if they may still see the post. Raises NotFound."""
    viewer_id = links.viewer_of("p", post_id, grant, now=int(time.time()))
    viewer = User.objects.filter(pk=viewer_id, is_active=True).first()
    if viewer is None:
        raise NotFound
    post = Post.objects.visible_to(viewer).select_related("clip").filter(pk=post_id).first()
    if post is None:
        raise NotFound
    return delivery.deliver(request, post.clip, name)
