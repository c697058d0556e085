"""Shapes of the graph on the wire."""

from typing import Any

from rest_framework import serializers

from sora_social.core.wire import IdText, PageIn
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
