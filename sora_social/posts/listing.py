"""Lists of posts: somebody's, a tag's, what I saved."""

from cameos.models import Appearance, Cameo, CameoKind
from sora_social.accounts import people
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, keyset_page
from sora_social.posts.models import Post, PostTag, Save


def posts_by(viewer: User, handle: str, *, cursor: str, limit: int) -> Page[int]:
    """The posts of a person that `viewer` may see listed, newest first. Raises NotFound."""
    person = people.person_for(viewer, handle)
    posts = Post.objects.listed_for(viewer).filter(author=person)
    return _ids(keyset_page(posts.only("pk"), purpose=f"posts {person.pk}", cursor=cursor, limit=limit))


def posts_casting(viewer: User, handle: str, *, cursor: str, limit: int) -> Page[int]:
    """The posts in which somebody's own face appears and that `viewer` may see listed, newest first.

    Raises NotFound.
    """
    person = people.person_for(viewer, handle)
    faces = Cameo.objects.owned_by(person).filter(kind=CameoKind.PERSON)  # there is one at most
    listed = Post.objects.listed_for(viewer).not_muted_by(viewer)
    rows = Appearance.objects.filter(
        cameo=faces.values("pk")[:1], post_id__isnull=False, withdrawn_at=None, post_id__in=listed.values("pk")
    )
    page = keyset_page(rows, purpose=f"casting {person.pk}", cursor=cursor, limit=limit, order=("-post_id",))
    return Page([row.post_id for row in page.items if row.post_id], page.next)


def posts_tagged(viewer: User, tag: str, *, cursor: str, limit: int) -> Page[int]:
    """Posts with a #tag, newest first. A tag that nobody used is an empty list."""
    listed = Post.objects.listed_for(viewer).not_muted_by(viewer)
    rows = PostTag.objects.filter(tag=tag.casefold(), post__in=listed.values("pk"))
    page = keyset_page(rows, purpose=f"tag {tag.casefold()}", cursor=cursor, limit=limit, order=("-post_id",))
    return Page([row.post_id for row in page.items], page.next)


def saved_by(viewer: User, *, cursor: str, limit: int) -> Page[int]:
    """What `viewer` saved and may still see, newest save first."""
    rows = Save.objects.filter(person=viewer, post__in=Post.objects.visible_to(viewer).values("pk"))
    page = keyset_page(rows, purpose=f"saved {viewer.pk}", cursor=cursor, limit=limit)
    return Page([row.post_id for row in page.items], page.next)


def _ids(page: Page[Post]) -> Page[int]:
    return Page([post.pk for post in page.items], page.next)
