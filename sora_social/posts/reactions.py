"""Likes and saves: each may be repeated, and counts once."""

from django.db import transaction

from sora_social.accounts.models import LIKES_RECEIVED, User
from sora_social.core import outbox
from sora_social.core.errors import Forbidden
from sora_social.posts.events import PostLiked
from sora_social.posts.models import LIKES, SAVES, SHARES, Like, Save, Share, Visibility
from sora_social.posts.posting import post_for


def like(actor: User, post_id: int) -> None:
    """Raises NotFound when the post is not visible to `actor`."""
    with transaction.atomic():
        post = post_for(actor, post_id)
        _, created = Like.objects.get_or_create(post=post, person=actor)
        if created:
            LIKES.add(post_id)
            LIKES_RECEIVED.add(post.author_id)
            outbox.announce(PostLiked(post_id=post_id, author_id=post.author_id, person_id=actor.pk))


def unlike(actor: User, post_id: int) -> None:
    with transaction.atomic():
        post = post_for(actor, post_id)
        gone, _ = Like.objects.filter(post=post, person=actor).delete()
        if gone:
            LIKES.add(post_id, -1)
            LIKES_RECEIVED.add(post.author_id, -1)


def save(actor: User, post_id: int) -> None:
    with transaction.atomic():
        _, created = Save.objects.get_or_create(post=post_for(actor, post_id), person=actor)
        if created:
            SAVES.add(post_id)


def unsave(actor: User, post_id: int) -> None:
    with transaction.atomic():
        gone, _ = Save.objects.filter(post=post_for(actor, post_id), person=actor).delete()
        if gone:
            SAVES.add(post_id, -1)


def note_share(actor: User, post_id: int) -> None:
    """Count that somebody took the link of a post out of here: a person counts once, however often they do.

    Raises NotFound, and Forbidden for a post that its link would not open for others.
    """
    with transaction.atomic():
        post = post_for(actor, post_id)
        if post.visibility not in {Visibility.PUBLIC, Visibility.UNLISTED}:
            raise Forbidden("Only a public or an unlisted post opens by its link.", code="not_shareable")
        _, created = Share.objects.get_or_create(post=post, person=actor)
        if created:
            SHARES.add(post_id)
