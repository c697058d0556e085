"""A comment together with what is between it and who reads it."""

from dataclasses import dataclass

from sora_social.posts.models import Comment


@dataclass(frozen=True)
class SeenComment:
    comment: Comment
    liked: bool = False
    replies: int = 0
