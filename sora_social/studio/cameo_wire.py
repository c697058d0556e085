"""Shapes of appearances and cast requests on the wire."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cameos.models import RequestState
from sora_social.accounts.wire import PersonRefOut
from sora_social.core.wire import IdText
from sora_social.posts.models import Visibility
from sora_social.posts.wire import CastMemberOut, MediaOut
from sora_social.studio.appearing import Sighting
from sora_social.studio.wire import RefusalOut, media_of

STATUSES = (
    *("queued", "in_progress", "completed", "failed", "refused", "cancelled"),
    *("ready", "awaiting_cast", "posted", "withdrawn", "deleted"),
)


class AppearanceOut(serializers.Serializer[Sighting]):
    """One of my cameos in one job, draft or post. `by` is null when there is a block between us."""

    id = IdText(source="appearance.pk")
    cameo_id = IdText(source="cameo.pk")
    kind = serializers.ChoiceField(["job", "draft", "post"])
    status = serializers.ChoiceField(STATUSES)
    by = PersonRefOut(allow_null=True)
    prompt = serializers.CharField(allow_null=True)
    refusal = RefusalOut(source="job.refusal", allow_null=True, default=None)
    post_id = IdText(source="appearance.post_id", allow_null=True)
    visibility = serializers.ChoiceField(Visibility.choices, source="post.visibility", allow_null=True, default=None)
    media = serializers.SerializerMethodField()
    is_inherited = serializers.BooleanField(source="appearance.is_inherited")
    consent_record_id = IdText(source="appearance.record_id", allow_null=True)
    created_at = serializers.DateTimeField(source="appearance.created_at")

    @extend_schema_field(MediaOut(allow_null=True))
    def get_media(self, seen: Sighting) -> dict[str, Any] | None:
        if seen.clip is None:
            return None
        return media_of(seen.clip, "a", seen.appearance.pk, seen.cameo.owner_id)


class AppearancesPageOut(serializers.Serializer[Any]):
    items = AppearanceOut(many=True)
    next = serializers.CharField(allow_null=True)


class DoubtOut(serializers.Serializer[Any]):
    """A limit of mine that the draft may break: a machine cannot tell."""

    limit = serializers.CharField()
    reason = serializers.CharField()


class CastRequestOut(serializers.Serializer[Any]):
    """A draft with my face that waits for me. `first_time`: its maker is new to me, and I want to be asked first."""

    id = IdText(source="asked.pk")
    cameo = CastMemberOut(source="card")
    state = serializers.ChoiceField(RequestState.choices, source="asked.state")
    first_time = serializers.BooleanField(source="asked.is_first_time")
    doubts = DoubtOut(source="asked.doubts", many=True)
    appearance = AppearanceOut(source="seen", allow_null=True)
    created_at = serializers.DateTimeField(source="asked.created_at")
    expires_at = serializers.DateTimeField(source="asked.expires_at")
    answered_at = serializers.DateTimeField(source="asked.answered_at", allow_null=True)


class CastRequestsPageOut(serializers.Serializer[Any]):
    items = CastRequestOut(many=True)
    next = serializers.CharField(allow_null=True)
