"""Lists of posts: somebody's, a tag's, what I saved."""

from cameos.models import Appearance, Cameo, CameoKind
from sora_social.accounts import people
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, PreparedList
from sora_social.posts.models import Post, PostTag, Save

_BY = PreparedList(
    lambda viewer, author: Post.objects.listed_for(viewer).filter(author=author).only("pk"), "viewer", "author"
)
_CASTING = PreparedList(
    lambda viewer, owner: Appearance.objects.filter(
        cameo=Cameo.objects.owned_by(owner).filter(kind=CameoKind.PERSON).values("pk")[:1],  # there is one at most
        post_id__isnull=False,
        withdrawn_at=None,
        post_id__in=Post.objects.listed_for(viewer).not_muted_by(viewer).values("pk"),
    ),
    "viewer",
    "owner",
    order=("-post_id",),
)
_TAGGED = PreparedList(
    lambda viewer, tag: PostTag.objects.filter(
        tag=tag, post__in=Post.objects.listed_for(viewer).not_muted_by(viewer).values("pk")
    ),
    "viewer",
    "tag",
    order=("-post_id",),
)
_SAVED = PreparedList(
    lambda viewer: Save.objects.filter(person=viewer, post__in=Post.objects.visible_to(viewer).values("pk")), "viewer"
)


def posts_by(viewer: User, handle: str, *, cursor: str, limit: int) -> Page[int]:
    """The posts of a person that `viewer` may see listed, newest first. Raises NotFound."""
    person = people.person_for(viewer, handle)
    page = _BY.page(viewer=viewer.pk, author=person.pk, purpose=f"posts {person.pk}", cursor=cursor, limit=limit)
    return Page([post.pk for post in page.items], page.next)


def posts_casting(viewer: User, handle: str, *, cursor: str, limit: int) -> Page[int]:
    """The posts in which somebody's own face appears and that `viewer` may see listed, newest first.

    Raises NotFound.
    """
    person = people.person_for(viewer, handle)
    page = _CASTING.page(viewer=viewer.pk, owner=person.pk, purpose=f"casting {person.pk}", cursor=cursor, limit=limit)
    return Page([row.post_id for row in page.items if row.post_id], page.next)


def posts_tagged(viewer: User, tag: str, *, cursor: str, limit: int) -> Page[int]:
    """Posts with a #tag, newest first. A tag that nobody used is an empty list."""
    tag = tag.casefold()
    page = _TAGGED.page(viewer=viewer.pk, tag=tag, purpose=f"tag {tag}", cursor=cursor, limit=limit)
    return Page([row.post_id for row in page.items], page.next)


def saved_by(viewer: User, *, cursor: str, limit: int) -> Page[int]:
    """What `viewer` saved and may still see, newest save first."""
    page = _SAVED.page(viewer=viewer.pk, purpose=f"saved {viewer.pk}", cursor=cursor, limit=limit)
    return Page([row.post_id for row in page.items], page.next)
