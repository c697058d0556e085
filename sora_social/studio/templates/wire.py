"""Shapes of templates on the wire."""

from typing import Any

from rest_framework import serializers

from sora_social.accounts.wire import PersonRefOut
from sora_social.core.wire import IdText, Input, PageIn, PlainText
from sora_social.studio.providers.preview.recipe import CAMERAS, STYLES
from sora_social.studio.submitting import SEEDS
from sora_social.studio.templates.reading import TemplateShown
from sora_social.studio.templates.recipes import LOCKABLE, NAME, SLOTS_AT_MOST, VALUE_AT_MOST, Slot
from sora_social.studio.wire import ORIENTATIONS, SECONDS, SHOTS_AT_MOST, MakingIn, ShotIn, ShotOut

SLOT_KINDS = ("text", "cast")


class SlotIn(Input):
    """A place to fill, `{name}` in the words. `default` is taken when nothing is given; `example` is only shown."""

    name = serializers.RegexField(rf"^{NAME}$", max_length=30)
    kind = serializers.ChoiceField(SLOT_KINDS, required=False, default="text")
    label = PlainText(required=False, default="", max_length=80, allow_blank=True)  # type: ignore[assignment]
    example = PlainText(required=False, default="", max_length=VALUE_AT_MOST, allow_blank=True)
    default = PlainText(required=False, default="", max_length=VALUE_AT_MOST, allow_blank=True)
    max_length = serializers.IntegerField(required=False, default=200, min_value=1, max_value=VALUE_AT_MOST)
    optional = serializers.BooleanField(required=False, default=False)


class LooksIn(Input):
    """Parts of a recipe, none of which must be given."""

    prompt = serializers.CharField(required=False, max_length=2000)
    shots = serializers.ListField(child=ShotIn(), required=False, max_length=SHOTS_AT_MOST)
    negative_prompt = serializers.CharField(required=False, max_length=500, allow_blank=True)
    style = serializers.ChoiceField(STYLES, required=False)  # type: ignore[assignment]
    camera = serializers.ChoiceField([camera for camera in CAMERAS if camera], required=False, allow_blank=True)
    orientation = serializers.ChoiceField(ORIENTATIONS, required=False)
    seconds = serializers.ChoiceField(SECONDS, required=False)


class TemplatePatchIn(LooksIn):
    """A new version: what is not given stays as it is. `slots` and `locked` are given whole."""

    title = PlainText(required=False, max_length=80)
    slots = serializers.ListField(child=SlotIn(), required=False, max_length=SLOTS_AT_MOST)
    locked = serializers.ListField(
        child=serializers.ChoiceField(LOCKABLE),
        required=False,
        max_length=len(LOCKABLE),
        help_text="Parts that a user may not change. A locked prompt is filled by its slots alone.",
    )

    def validate_slots(self, rows: list[dict[str, Any]]) -> list[Slot]:
        return [Slot(**row) for row in rows]

    def validate_locked(self, names: list[str]) -> list[str]:
        return [name for name in LOCKABLE if name in names]


class TemplateIn(TemplatePatchIn):
    """What is not given of the recipe is taken from the job behind the post. Of the seed only whether it is locked."""

    post_id = IdText()
    title = PlainText(max_length=80)
    slots = serializers.ListField(child=SlotIn(), required=False, default=list, max_length=SLOTS_AT_MOST)
    locked = serializers.ListField(
        child=serializers.ChoiceField(LOCKABLE),
        required=False,
        default=list,
        max_length=len(LOCKABLE),
        help_text="Parts that a user may not change. A locked prompt is filled by its slots alone.",
    )


class TemplateUseIn(LooksIn, MakingIn):
    """`slots` by their names; one of the cast is filled with a @handle. Other parts of the recipe may be given in place
    of the template's, unless they are locked."""

    slots = serializers.DictField(
        child=serializers.CharField(max_length=VALUE_AT_MOST, allow_blank=True), required=False, default=dict
    )
    version = serializers.IntegerField(
        required=False,
        default=None,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="The version that was read: 409 `template_changed` when there is a newer one.",
    )
    seed = serializers.IntegerField(required=False, min_value=0, max_value=SEEDS - 1)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        changes = {name: given.pop(name) for name in LOCKABLE if name in given}
        return {**given, "changes": changes}


class TemplatesIn(PageIn):
    mine = serializers.BooleanField(required=False, default=False)
    sort = serializers.ChoiceField(["popular", "new"], required=False, default="popular")


class SlotOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.ChoiceField(SLOT_KINDS)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    example = serializers.CharField(allow_blank=True)
    default = serializers.CharField(allow_blank=True)
    max_length = serializers.IntegerField()
    optional = serializers.BooleanField()


class TemplateCountsOut(serializers.Serializer[Any]):
    """Clips that were made with it, and the people who made some, each once and without its author; within seconds."""

    uses = serializers.IntegerField(source="use_count")
    people = serializers.IntegerField(source="person_count")


class TemplateViewerOut(serializers.Serializer[TemplateShown]):
    may_use = serializers.BooleanField()


class TemplateOut(serializers.Serializer[TemplateShown]):
    """A recipe with named slots, in its newest version. `prompt`, `shots` and `negative_prompt` are null where they are
    locked and not for me to read. `seed` is there when it is locked."""

    id = IdText(source="template.pk")
    version = serializers.IntegerField(source="recipe.number")
    title = serializers.CharField(source="recipe.title")
    author = PersonRefOut(source="template.author")
    post_id = IdText(source="template.post_id")
    prompt = serializers.CharField(allow_null=True)
    shots = ShotOut(many=True, allow_null=True)
    negative_prompt = serializers.CharField(allow_null=True, allow_blank=True)
    style = serializers.CharField(source="recipe.style")  # type: ignore[assignment]
    camera = serializers.CharField(source="recipe.camera", allow_blank=True)
    orientation = serializers.ChoiceField(ORIENTATIONS, source="recipe.orientation")
    seconds = serializers.IntegerField(source="recipe.seconds")
    seed = serializers.IntegerField(source="recipe.seed", allow_null=True)
    slots = SlotOut(source="recipe.slots", many=True)
    locked = serializers.ListField(child=serializers.ChoiceField(LOCKABLE), source="recipe.locked")
    counts = TemplateCountsOut(source="template")
    viewer = TemplateViewerOut(source="*")
    withdrawn = serializers.BooleanField(source="is_withdrawn")
    created_at = serializers.DateTimeField(source="template.created_at")
    edited_at = serializers.DateTimeField(source="recipe.created_at")


class TemplatesPageOut(serializers.Serializer[Any]):
    items = TemplateOut(many=True)
    next = serializers.CharField(allow_null=True)
