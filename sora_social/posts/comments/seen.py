"""A comment together with what is between it and who reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sora_social.posts.comments.mentions import Mention
from sora_social.posts.models import Comment


@dataclass(frozen=True)
class SeenComment:
    """`walled` are people behind a block from the reader: of them nobody is named."""

    comment: Comment
    liked: bool = False
    replies: int = 0
    walled: frozenset[int] = frozenset()

    @property
    def mentions(self) -> Sequence[Mention]:
        return [one for one in self.comment.mentions if one["id"] not in self.walled]
