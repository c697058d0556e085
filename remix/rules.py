"""Who may derive from what: asked at submit, and again at publish."""

from collections.abc import Sequence

from sora_social.accounts.models import User
from sora_social.core.errors import Forbidden, NotFound
from sora_social.posts.models import Post

SOURCES_AT_MOST = 8


class RemixNotAllowed(Forbidden):
    """The author's remix policy does not include this person."""

    code = "remix_not_allowed"
    title = "This post may not be remixed by you"


def require_remixable(actor: User, post_ids: Sequence[int]) -> list[Post]:
    """The posts, in the order asked for, each visible to `actor` and open to remixing by them.

    Raises NotFound when one is not there for `actor`, RemixNotAllowed when a policy says no.
    """
    found = Post.objects.visible_to(actor).as_seen_by(actor).in_bulk(list(post_ids))
    if len(found) < len(set(post_ids)):
        raise NotFound("A source is not there.")
    posts = [found[post_id] for post_id in post_ids]
    if not all(getattr(post, "may_remix") for post in posts):  # noqa: B009 - an annotation
        raise RemixNotAllowed
    return posts
