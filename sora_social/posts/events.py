"""What the posts room tells the rooms above, and its own processes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PostPublished:
    """Handled from the moment on when others may see the post; it may have been taken back until then."""

    post_id: int


@dataclass(frozen=True)
class PostWithdrawn:
    """Deleted by its author, taken back within the undo window, removed by a moderator, or not its cast's will."""

    post_id: int


@dataclass(frozen=True)
class PostVisibilityChanged:
    post_id: int


@dataclass(frozen=True)
class PostRestored:
    post_id: int
