"""Shapes of the graph on the wire."""

from typing import Any

from rest_framework import serializers

from remix.models import EdgeKind
from remix.tree import ORDERS
from sora_social.core.wire import IdText, Input, PageIn
from sora_social.posts.wire import LineageOut, PostOut


class RemixesIn(PageIn):
    sort = serializers.ChoiceField(["new", "top"], required=False, default="new")


class SiblingsIn(PageIn):
    """Earlier ones lie to the left, later ones to the right."""

    direction = serializers.ChoiceField(["left", "right"])


class TreeIn(PageIn):
    """`order`: depth first, or flat by age or likes."""

    order = serializers.ChoiceField(ORDERS, required=False, default="depth")


class PathIn(PageIn):
    to = IdText()


class DecisionIn(Input):
    """What is left out stays as it is."""

    hidden = serializers.BooleanField(required=False)
    detached = serializers.BooleanField(required=False)


class AncestorOut(serializers.Serializer[Any]):
    """`post` is null where there is only a tombstone for me, and `post_id` too where it is not for me to know of:
    behind a block, private, unlisted, or not shown yet."""

    post_id = IdText(allow_null=True)
    distance = serializers.IntegerField()
    post = PostOut(allow_null=True)


class PeopleOut(serializers.Serializer[Any]):
    """People beside the author, each once: who made something directly from the post, and who made anything below."""

    direct = serializers.IntegerField()
    total = serializers.IntegerField()


class LineageAnswerOut(serializers.Serializer[Any]):
    post_id = IdText()
    lineage = LineageOut()
    people = PeopleOut()
    ancestors = AncestorOut(many=True)
    next = serializers.CharField(allow_null=True)


class TreeNodeOut(serializers.Serializer[Any]):
    """A node of the subtree; `post` is null where there is only a tombstone for me.

    Posts that are not for me to know of are left out: what was made from them stands under the nearest that is.
    """

    post_id = IdText()
    parent_id = IdText()
    depth = serializers.IntegerField()
    post = PostOut(allow_null=True)


class TreePageOut(serializers.Serializer[Any]):
    items = TreeNodeOut(many=True)
    next = serializers.CharField(allow_null=True)


class StepOut(serializers.Serializer[Any]):
    """A post on the way; `direction` is up to a source or down to a derivation, and `kind` that derivation's. Both are
    null for the first. `post_id` and `post` are null as in ancestors."""

    post_id = IdText(allow_null=True)
    kind = serializers.ChoiceField(EdgeKind.choices, allow_null=True)
    direction = serializers.ChoiceField(["up", "down"], allow_null=True)
    post = PostOut(allow_null=True)


class PathOut(serializers.Serializer[Any]):
    """`length` is the number of steps. Where two posts have nothing in common it is 0, and there are no items.
    `common_id` is null then, and where the common ancestor is not for me to know of."""

    length = serializers.IntegerField()
    common_id = IdText(allow_null=True)
    items = StepOut(many=True)
    next = serializers.CharField(allow_null=True)


class DerivationOut(serializers.Serializer[Any]):
    """Something made from my post, and what I decided about it. `post` is null where only its tombstone is left."""

    post_id = IdText()
    kind = serializers.ChoiceField(EdgeKind.choices)
    hidden = serializers.BooleanField()
    detached = serializers.BooleanField()
    post = PostOut(allow_null=True)


class DerivationsPageOut(serializers.Serializer[Any]):
    items = DerivationOut(many=True)
    next = serializers.CharField(allow_null=True)


class ExportedNodeOut(serializers.Serializer[Any]):
    """A post of a lineage. Of a tombstone there is the id, and where it stands: all else is null."""

    post_id = IdText()
    relation = serializers.ChoiceField(["ancestor", "post", "descendant"])
    is_tombstone = serializers.BooleanField()
    author = serializers.CharField(allow_null=True, help_text="The handle.")
    co_creators = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Handles of those credited beside the author."
    )
    caption = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)
    kind = serializers.ChoiceField(EdgeKind.choices, allow_null=True, help_text="Of its first source.")
    template = serializers.CharField(allow_null=True, help_text="The title of the template that it was made with.")
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
