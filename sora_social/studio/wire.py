"""Shapes of the studio on the wire."""

import time
from typing import Any

import orjson
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cameos.casting import CAST_AT_MOST
from remix.lineage import Source
from remix.models import EdgeKind
from remix.rules import SOURCES_AT_MOST
from sora_social.accounts.wire import PersonRefOut
from sora_social.core.wire import IdText, Input, PlainText
from sora_social.credits.models import HoldState
from sora_social.media import links
from sora_social.media.models import Clip
from sora_social.posts import presenting
from sora_social.posts.models import PromptVisibility, RemixPolicy, Visibility
from sora_social.posts.wire import CastMemberOut, ChallengeRefOut, MediaOut, SourceOut, TemplateRefOut
from sora_social.studio.cocreating import Circle
from sora_social.studio.models import CoCreator, CoCreatorState, Draft, DraftStatus, Generation, JobStatus
from sora_social.studio.providers.preview.recipe import CAMERAS, STYLES
from sora_social.studio.submitting import SEEDS

SECONDS = (5, 10, 15)
ORIENTATIONS = ("portrait", "landscape", "square")
SHOTS_AT_MOST = 8


class ShotIn(Input):
    text = serializers.CharField(max_length=500)
    seconds = serializers.IntegerField(min_value=1, max_value=15)


class SourceIn(Input):
    post_id = IdText()
    kind = serializers.ChoiceField(["remix", "stitch", "extend"])


def _challenge() -> IdText:
    return IdText(
        required=False, default=None, allow_null=True, help_text="A challenge that is open, to enter at publishing."
    )


class MakingIn(Input):
    """How many clips, with whom, and for what."""

    variations = serializers.IntegerField(required=False, default=1, min_value=1, max_value=4)
    is_ad = serializers.BooleanField(
        required=False, default=False, help_text="The clip is to advertise something: who is cast may not allow that."
    )
    cast = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        default=list,
        max_length=CAST_AT_MOST,
        help_text="Cameos, each by id or @handle. Who is named by @handle in the prompt is cast, too.",
    )
    challenge_id = _challenge()


class WordsIn(MakingIn):
    """What a clip shall be."""

    prompt = serializers.CharField(max_length=2000)
    seconds = serializers.ChoiceField(SECONDS, required=False, default=5)
    orientation = serializers.ChoiceField(ORIENTATIONS, required=False, default="portrait")
    style = serializers.ChoiceField(STYLES, required=False, default="none")  # type: ignore[assignment]
    camera = serializers.ChoiceField(
        [camera for camera in CAMERAS if camera], required=False, default="", allow_blank=True
    )
    negative_prompt = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)
    shots = serializers.ListField(child=ShotIn(), required=False, default=list, max_length=SHOTS_AT_MOST)
    seed = serializers.IntegerField(required=False, default=None, allow_null=True, min_value=0, max_value=SEEDS - 1)


def _replacements() -> serializers.DictField:
    names = serializers.CharField(max_length=40, allow_null=True)
    return serializers.DictField(child=names, required=False, default=dict)


class GenerationIn(WordsIn):
    """`sources`: one post to remix or extend, or several to stitch, in their order. `cast_replacements` takes members
    of the cast of a remixed post out: `{"@one": "@other"}`, or null for nobody in their place."""

    from_post_id = IdText(
        required=False,
        default=None,
        allow_null=True,
        help_text="The post from which the composer was opened, when it is no source. Nothing is taken from it.",
    )
    cast_replacements = _replacements()

    sources = serializers.ListField(child=SourceIn(), required=False, default=list, max_length=SOURCES_AT_MOST)

    def validate_sources(self, rows: list[dict[str, Any]]) -> list[Source]:
        return [Source(row["post_id"], row["kind"], ordinal) for ordinal, row in enumerate(rows)]


class RemixIn(WordsIn):
    """`cast_replacements` takes members of the post's cast out: `{"@one": "@other"}`, or null for nobody."""

    cast_replacements = _replacements()
    kind = serializers.ChoiceField([EdgeKind.REMIX, EdgeKind.EXTEND], required=False, default=EdgeKind.REMIX)


class PublishIn(Input):
    caption = PlainText(required=False, default="", max_length=2200, allow_blank=True)
    visibility = serializers.ChoiceField(Visibility.choices, required=False, default=Visibility.PUBLIC)
    remix_policy = serializers.ChoiceField(RemixPolicy.choices, required=False, default=RemixPolicy.EVERYONE)
    prompt_visibility = serializers.ChoiceField(
        PromptVisibility.choices, required=False, default=PromptVisibility.PUBLIC
    )
    publish_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    undo_s = serializers.IntegerField(required=False, default=0, min_value=0, max_value=60)


class SpanOut(serializers.Serializer[Any]):
    """Where in the prompt, in characters; the end is excluded."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()


class RefusalOut(serializers.Serializer[Any]):
    """Why something was not made, and what may be tried instead. Nothing was charged. `limit` is which limit of
    somebody in the cast was broken, when `rule` is `cast_restriction`."""

    stage = serializers.ChoiceField(["prompt", "reference", "cast", "output"])
    rule = serializers.CharField()
    limit = serializers.CharField(allow_null=True, default=None)
    span = SpanOut(allow_null=True)
    message = serializers.CharField()
    suggestion = serializers.CharField()
    refunded = serializers.BooleanField()


class JobErrorOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class CostOut(serializers.Serializer[Any]):
    """Clips of the quota that this job holds or has used."""

    clips = serializers.IntegerField()


class ShotOut(serializers.Serializer[Any]):
    text = serializers.CharField()
    seconds = serializers.IntegerField()


class MadeWithOut(TemplateRefOut):
    """The template that a job is of, in the version that it is of, and what was put into its slots: null for whom
    somebody invited into the draft."""

    author = serializers.CharField(source="author_handle", help_text="Their handle.")
    slots = serializers.DictField(child=serializers.CharField(allow_blank=True), allow_null=True)


class DraftOut(serializers.Serializer[Draft]):
    """A private clip, or a refusal with its reason. `media` is null while there is nothing for me to watch."""

    id = IdText()
    generation_id = IdText()
    ordinal = serializers.IntegerField()
    status = serializers.ChoiceField(DraftStatus.choices, source="standing")
    media = serializers.SerializerMethodField()
    cast = CastMemberOut(source="generation.cast", many=True)
    sources = SourceOut(source="generation.sources", many=True)
    template = MadeWithOut(source="generation.made_with", allow_null=True)
    refusal = RefusalOut(allow_null=True)
    post_id = IdText(allow_null=True)
    created_at = serializers.DateTimeField()

    @extend_schema_field(MediaOut(allow_null=True))
    def get_media(self, draft: Draft) -> dict[str, Any] | None:
        watcher_id: int | None = getattr(draft, "watcher_id", draft.owner_id)
        if draft.clip is None or draft.standing == DraftStatus.WITHDRAWN or watcher_id is None:
            return None
        return media_of(draft.clip, "d", draft.pk, watcher_id)


def media_of(clip: Clip, kind: links.Kind, subject_id: int, viewer_id: int) -> dict[str, Any]:
    """A clip with links for one viewer."""
    head, expires_at = links.media_prefix(kind, subject_id, viewer_id, int(time.time()))
    prefix = head.decode()
    return {
        "url": f"{prefix}video.mp4",
        "poster_url": f"{prefix}poster.jpg",
        "captions_url": f"{prefix}captions.vtt" if clip.captions_key else None,
        "width": clip.width,
        "height": clip.height,
        "duration_ms": clip.duration_ms,
        "mime": clip.mime,
        "expires_at": orjson.loads(expires_at),
    }


class GenerationOut(serializers.Serializer[Generation]):
    """A job and what came of it. `prompt`, `shots` and `negative_prompt` are null where they are those of a template
    that keeps them to itself; `template` where its author is not for me to know of."""

    id = IdText()
    status = serializers.ChoiceField(JobStatus.choices)
    progress = serializers.FloatField()
    prompt = serializers.CharField(source="told.prompt", allow_null=True)
    negative_prompt = serializers.CharField(source="told.negative_prompt", allow_null=True, allow_blank=True)
    seconds = serializers.IntegerField()
    orientation = serializers.ChoiceField(ORIENTATIONS)
    style = serializers.CharField()  # type: ignore[assignment]
    camera = serializers.CharField(allow_blank=True)
    shots = ShotOut(source="told.shots", many=True, allow_null=True)
    seed = serializers.IntegerField()
    variations = serializers.IntegerField()
    is_ad = serializers.BooleanField()
    provider = serializers.CharField()
    model = serializers.CharField()
    cast = CastMemberOut(many=True)
    sources = SourceOut(many=True)
    template = MadeWithOut(source="made_with", allow_null=True)
    challenge = serializers.SerializerMethodField()
    drafts = DraftOut(many=True)
    refusal = RefusalOut(allow_null=True)
    error = JobErrorOut(allow_null=True)
    cost = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(ChallengeRefOut(allow_null=True))
    def get_challenge(self, job: Generation) -> dict[str, Any] | None:
        return presenting.challenge_ref(job.challenge)

    @extend_schema_field(CostOut)
    def get_cost(self, job: Generation) -> dict[str, int]:
        hold = job.hold
        if hold is None or hold.state == HoldState.RELEASED:
            return {"clips": 0}
        return {"clips": hold.captured_clips if hold.state == HoldState.CAPTURED else hold.clips}


class GenerationsPageOut(serializers.Serializer[Any]):
    items = GenerationOut(many=True)
    next = serializers.CharField(allow_null=True)


class DraftsPageOut(serializers.Serializer[Any]):
    items = DraftOut(many=True)
    next = serializers.CharField(allow_null=True)


class CoCreatorOut(serializers.Serializer[CoCreator]):
    """Somebody who is invited into a draft. `state` is null while a veto stands: nobody is told whose it is."""

    person = PersonRefOut()
    state = serializers.ChoiceField([CoCreatorState.INVITED, CoCreatorState.ACCEPTED], allow_null=True)
    invited_at = serializers.DateTimeField()


class CoCreatorViewerOut(serializers.Serializer[Any]):
    """My own answer; null when the draft is mine."""

    state = serializers.ChoiceField(CoCreatorState.choices, allow_null=True)


class CoCreatorsOut(serializers.Serializer[Circle]):
    """Who is invited into a draft, in the order of the invitations."""

    owner = PersonRefOut()
    items = CoCreatorOut(many=True)
    next = serializers.CharField(allow_null=True)
    vetoed = serializers.BooleanField(source="is_vetoed", help_text="It cannot be published while this holds.")
    viewer = CoCreatorViewerOut()


class InvitationOut(serializers.Serializer[CoCreator]):
    """A draft of somebody else into which I am invited, and what I answered."""

    draft = DraftOut()
    owner = PersonRefOut(source="draft.owner")
    state = serializers.ChoiceField(CoCreatorState.choices)
    invited_at = serializers.DateTimeField()


class InvitationsPageOut(serializers.Serializer[Any]):
    items = InvitationOut(many=True)
    next = serializers.CharField(allow_null=True)
