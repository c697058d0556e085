"""Shapes of comments on the wire."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sora_social.accounts.wire import PersonRefOut
from sora_social.core.wire import IdText, Input, PageIn
from sora_social.posts.comments.seen import SeenComment

LONGEST_VIDEO_MS = 24 * 3600 * 1000
LARGEST_NUMBER = 2**63 - 1


class MentionOut(serializers.Serializer[Any]):
    """Somebody whom the words name: `handle` as it stands in them."""

    handle = serializers.CharField()
    id = IdText()


class CommentCountsOut(serializers.Serializer[SeenComment]):
    likes = serializers.IntegerField(source="comment.like_count")
    replies = serializers.IntegerField()


class CommentViewerOut(serializers.Serializer[SeenComment]):
    liked = serializers.BooleanField()


class CommentOut(serializers.Serializer[SeenComment]):
    """A comment. A removed one stays as a tombstone: `deleted`, without its words. One that is `held` waits for review:
    only its author and the author of the post see it."""

    id = IdText(source="comment.pk")
    post_id = IdText(source="comment.post_id")
    seq = serializers.IntegerField(source="comment.seq")
    author = PersonRefOut(source="comment.author")
    text = serializers.SerializerMethodField()
    mentions = serializers.SerializerMethodField()
    parent_id = IdText(source="comment.parent_id", allow_null=True)
    at_ms = serializers.IntegerField(source="comment.at_ms", allow_null=True)
    counts = CommentCountsOut(source="*")
    viewer = CommentViewerOut(source="*")
    created_at = serializers.DateTimeField(source="comment.created_at")
    edited_at = serializers.DateTimeField(source="comment.edited_at", allow_null=True)
    deleted = serializers.SerializerMethodField()
    held = serializers.BooleanField(source="comment.is_held")
    pinned = serializers.BooleanField(source="comment.is_pinned")

    def get_text(self, seen: SeenComment) -> str:
        return "" if seen.comment.deleted_at else seen.comment.text

    @extend_schema_field(MentionOut(many=True))
    def get_mentions(self, seen: SeenComment) -> list[Any]:
        return [] if seen.comment.deleted_at else list(MentionOut(seen.mentions, many=True).data)

    def get_deleted(self, seen: SeenComment) -> bool:
        return seen.comment.deleted_at is not None


class CommentsPageOut(serializers.Serializer[Any]):
    """`seq` is the number after which a socket, or `after_seq`, goes on without a gap."""

    items = CommentOut(many=True)
    next = serializers.CharField(allow_null=True)
    seq = serializers.IntegerField()


class CommentIn(Input):
    text = serializers.CharField(max_length=2000, trim_whitespace=False, help_text="1 to 500 characters.")
    parent_id = IdText(required=False, allow_null=True, default=None)
    at_ms = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=LONGEST_VIDEO_MS
    )
    client_id = serializers.RegexField(r"^[\x21-\x7e]{0,64}$", required=False, default="", allow_blank=True)


class CommentPatchIn(Input):
    text = serializers.CharField(max_length=2000, trim_whitespace=False, help_text="1 to 500 characters.")


class CommentsIn(PageIn):
    """Threads by `sort`; by `at_ms`, threads and replies as they come in the video, from `from_ms` on and before
    `to_ms`; with `after_seq`, everything that happened in the room after that number."""

    sort = serializers.ChoiceField(["top", "new", "at_ms"], required=False, default="new")
    from_ms = serializers.IntegerField(required=False, default=0, min_value=0, max_value=LONGEST_VIDEO_MS)
    to_ms = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=LONGEST_VIDEO_MS
    )
    after_seq = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=LARGEST_NUMBER
    )


class LiveTicketOut(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    expires_in = serializers.IntegerField()
