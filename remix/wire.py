"""Shapes of the graph on the wire."""

from typing import Any

from rest_framework import serializers

from remix.models import EdgeKind
from sora_social.core.wire import IdText, Input, PageIn
from sora_social.posts.wire import LineageOut, PostOut


class RemixesIn(PageIn):
    sort = serializers.ChoiceField(["new", "top"], required=False, default="new")


class AncestorOut(serializers.Serializer[Any]):
    """`post` is null where there is only a tombstone for me, and `post_id` too where it is not for me to know of:
    behind a block, private, unlisted, or not shown yet."""

    post_id = IdText(allow_null=True)
    distance = serializers.IntegerField()
    post = PostOut(allow_null=True)


class LineageAnswerOut(serializers.Serializer[Any]):
    post_id = IdText()
    lineage = LineageOut()
    ancestors = AncestorOut(many=True)


class TreeNodeOut(serializers.Serializer[Any]):
    """A node of the subtree, depth first; `post` is null where there is only a tombstone for me.

    Posts that are not for me to know of are left out: what was made from them stands under the nearest that is.
    """

    post_id = IdText()
    parent_id = IdText()
    depth = serializers.IntegerField()
    post = PostOut(allow_null=True)


class TreePageOut(serializers.Serializer[Any]):
    items = TreeNodeOut(many=True)
    next = serializers.CharField(allow_null=True)


class ExportedNodeOut(serializers.Serializer[Any]):
    """A post of a lineage. Of a tombstone there is the id, and where it stands: all else is null."""

    post_id = IdText()
    relation = serializers.ChoiceField(["ancestor", "post", "descendant"])
    is_tombstone = serializers.BooleanField()
    author = serializers.CharField(allow_null=True, help_text="The handle.")
    caption = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)
    kind = serializers.ChoiceField(EdgeKind.choices, allow_null=True, help_text="Of its first source.")
    likes = serializers.IntegerField(allow_null=True)
    remixes = serializers.IntegerField(allow_null=True)
    descendants = serializers.IntegerField(allow_null=True)


class ExportedEdgeOut(serializers.Serializer[Any]):
    """`target` was made from `source`, the one of its sources that `ordinal` counts from 0."""

    source = IdText()  # type: ignore[assignment]  # the wire's name
    target = IdText()
    kind = serializers.ChoiceField(EdgeKind.choices)
    ordinal = serializers.IntegerField()


class LineageExportOut(serializers.Serializer[Any]):
    post_id = IdText()
    nodes = ExportedNodeOut(many=True)
    edges = ExportedEdgeOut(many=True)


class ShareOut(serializers.Serializer[Any]):
    """The link, and the credit in words: who made it, what from, and that it is AI-generated."""

    url = serializers.CharField()
    credit = serializers.CharField()


class OembedIn(Input):
    """What a consumer of oEmbed asks (oembed.com, 1.0)."""

    url = serializers.CharField(max_length=500)
    format = serializers.CharField(required=False, default="json", max_length=20)
    maxwidth = serializers.IntegerField(required=False, default=10_000, min_value=1, max_value=1_000_000)
    maxheight = serializers.IntegerField(required=False, default=10_000, min_value=1, max_value=1_000_000)
