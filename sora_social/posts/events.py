"""What the posts room tells the rooms above, and its own processes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class _OfOnePost:
    post_id: int

    @property
    def post_ids(self) -> list[int]:
        return [self.post_id]


@dataclass(frozen=True)
class PostPublished(_OfOnePost):
    """Handled from the moment on when others may see the post; it may have been taken back until then."""


@dataclass(frozen=True)
class PostsWithdrawn:
    """Deleted by their author, taken back within the undo window, removed by a moderator, or not their cast's will.

    One face may be in a hundred thousand posts: they are told of some hundred at once.
    """

    post_ids: list[int]


@dataclass(frozen=True)
class PostVisibilityChanged(_OfOnePost):
    pass


@dataclass(frozen=True)
class PostEdited(_OfOnePost):
    """Its caption, or who may read its prompt, was changed."""


@dataclass(frozen=True)
class PostRestored(_OfOnePost):
    pass


@dataclass(frozen=True)
class PostLiked(_OfOnePost):
    """Somebody likes a post who did not before."""

    author_id: int
    person_id: int


@dataclass(frozen=True)
class CommentSaid:
    """A comment can be read by others: it was said, or approved after it was held for review."""

    comment_id: int


@dataclass(frozen=True)
class RoomLookedInto:
    """A moderator was shown what else only the author of the post is shown of its room."""

    moderator_id: int
    post_id: int
    path: str


@dataclass(frozen=True)
class RoomModerated:
    """A moderator acted in a room that is not theirs; on a comment, on a person, or else on the room itself."""

    moderator_id: int
    post_id: int
    act: str
    reason: str
    comment_id: int | None = None
    person_id: int | None = None
