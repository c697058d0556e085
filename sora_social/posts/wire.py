"""Shapes of posts on the wire. Payloads themselves are assembled as bytes in `presenting`; these say what they are."""

from typing import Any

from rest_framework import serializers

from cameos.models import CameoKind
from sora_social.accounts.wire import PersonRefOut
from sora_social.core.wire import IdText, Input, PlainText
from sora_social.posts.models import PromptVisibility, RemixPolicy, Visibility

# of the edges of the graph, which is a room above
_KINDS = [(kind, kind.capitalize()) for kind in ("remix", "stitch", "extend", "template")]


class MediaOut(serializers.Serializer[Any]):
    """Links are for this viewer alone and end at `expires_at`; ask for the post again for new ones."""

    url = serializers.CharField()
    poster_url = serializers.CharField()
    captions_url = serializers.CharField(allow_null=True)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    mime = serializers.CharField()
    expires_at = serializers.DateTimeField()


class SourceOut(serializers.Serializer[Any]):
    """`post_id` is null where the source is not for me to know of."""

    post_id = IdText(allow_null=True)
    kind = serializers.ChoiceField(_KINDS)


class LineageOut(serializers.Serializer[Any]):
    """`root_id` is null where the root is not for me to know of."""

    sources = SourceOut(many=True)
    root_id = IdText(allow_null=True)
    depth = serializers.IntegerField()
    remix_count = serializers.IntegerField()
    descendant_count = serializers.IntegerField()


class PostCountsOut(serializers.Serializer[Any]):
    likes = serializers.IntegerField()
    comments = serializers.IntegerField()
    remixes = serializers.IntegerField()
    saves = serializers.IntegerField()
    views = serializers.IntegerField()
    shares = serializers.IntegerField()


class PostViewerOut(serializers.Serializer[Any]):
    """What I did, and what I may do."""

    liked = serializers.BooleanField()
    saved = serializers.BooleanField()
    may_remix = serializers.BooleanField()
    may_comment = serializers.BooleanField()


class DisclosureOut(serializers.Serializer[Any]):
    """Every post is AI-made and says so. `manifest_url` is null for one made before files had manifests."""

    generated = serializers.BooleanField()
    provider = serializers.CharField()
    model = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    manifest_url = serializers.CharField(allow_null=True)


class ManifestPostOut(serializers.Serializer[Any]):
    id = IdText()
    handle = serializers.CharField()


class ManifestIngredientOut(serializers.Serializer[Any]):
    """`post` is null where it is not for everybody, or not for me, to know of. `manifest` is how the source's own stood
    when it was used."""

    kind = serializers.ChoiceField(_KINDS)
    ordinal = serializers.IntegerField()
    manifest = serializers.ChoiceField(["valid", "invalid", "none", "not_used"])
    post = ManifestPostOut(allow_null=True)


class ManifestToolOut(serializers.Serializer[Any]):
    provider = serializers.CharField()
    model = serializers.CharField()
    digital_source_type = serializers.CharField()


class ManifestAuthorOut(serializers.Serializer[Any]):
    handle = serializers.CharField()


class ManifestCreditOut(serializers.Serializer[Any]):
    """`root` is null where it is one of the ingredients, or not for me to know of."""

    author = ManifestAuthorOut()
    root = ManifestPostOut(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]


class ManifestOut(serializers.Serializer[Any]):
    """`codes` say what does not hold; then nothing that the file says is repeated."""

    state = serializers.ChoiceField(["valid", "invalid"])
    codes = serializers.ListField(child=serializers.CharField())
    manifest_id = serializers.CharField()
    signed_by = serializers.CharField(allow_null=True)
    made_with = ManifestToolOut(allow_null=True)
    ingredients = ManifestIngredientOut(many=True, allow_null=True)
    credit = ManifestCreditOut(allow_null=True)


class CastMemberOut(serializers.Serializer[Any]):
    """Somebody in the cast, by the cameo they appear with."""

    id = IdText()
    handle = serializers.CharField()
    display_name = serializers.CharField()
    kind = serializers.ChoiceField(CameoKind.choices)


class ChallengeRefOut(serializers.Serializer[Any]):
    """A challenge, as named beside something made for it."""

    id = IdText()
    title = serializers.CharField()
    ends_at = serializers.DateTimeField()


class TemplateRefOut(serializers.Serializer[Any]):
    """A template, as named beside something made with it: the title it had, and the number of that version."""

    id = IdText()
    version = serializers.IntegerField()
    title = serializers.CharField()


class PostOut(serializers.Serializer[Any]):
    """`template` is null, too, where the post it was made from is not for me to know of. `prompt` is null where it is
    not for me to read: a template's that keeps its words to itself is for nobody."""

    id = IdText()
    author = PersonRefOut()
    caption = serializers.CharField(allow_blank=True)
    media = MediaOut()
    visibility = serializers.ChoiceField(Visibility.choices)
    remix_policy = serializers.ChoiceField(RemixPolicy.choices)
    prompt_visibility = serializers.ChoiceField(PromptVisibility.choices)
    prompt = serializers.CharField(allow_null=True, allow_blank=True)
    cast = CastMemberOut(many=True)
    co_creators = PersonRefOut(many=True, help_text="Who made it together with the author.")
    lineage = LineageOut()
    template = TemplateRefOut(allow_null=True)
    counts = PostCountsOut()
    viewer = PostViewerOut()
    ai_disclosure = DisclosureOut()
    challenge = ChallengeRefOut(allow_null=True)
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)


class PostsPageOut(serializers.Serializer[Any]):
    items = PostOut(many=True)
    next = serializers.CharField(allow_null=True)


class PostPatchIn(Input):
    caption = PlainText(required=False, max_length=2200, allow_blank=True)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    remix_policy = serializers.ChoiceField(RemixPolicy.choices, required=False)
    prompt_visibility = serializers.ChoiceField(PromptVisibility.choices, required=False)
