"""Shapes of notifications on the wire."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sora_social.accounts.wire import PersonRefOut, QuietHoursIn, QuietHoursOut
from sora_social.core.wire import IdText, Input, PageIn
from sora_social.inbox.models import Device, Kind, Platform
from sora_social.inbox.notifications import choices
from sora_social.inbox.notifications.seen import Seen
from sora_social.inbox.notifications.texts import text_of

LARGEST_NUMBER = 2**63 - 1


class RefsOut(serializers.Serializer[Any]):
    """What can be opened: each is there where the type has it."""

    post_id = IdText(required=False)
    comment_id = IdText(required=False)
    remix_id = IdText(required=False)
    cameo_id = IdText(required=False)
    appearance_id = IdText(required=False)
    request_id = IdText(required=False)
    draft_id = IdText(required=False)
    generation_id = IdText(required=False)


class NotificationOut(serializers.Serializer[Seen]):
    """Something that happened. `actors` are the newest three; null is somebody behind a block, who used my face."""

    id = IdText(source="row.pk")
    seq = serializers.IntegerField(source="row.seq", help_text="Grows with each change; `up_to` of a read mark.")
    type = serializers.ChoiceField(Kind.choices, source="row.kind")
    text = serializers.SerializerMethodField()
    actors = serializers.ListField(child=PersonRefOut(allow_null=True), read_only=True)
    actor_count = serializers.IntegerField()
    about = serializers.SerializerMethodField()
    happened_at = serializers.DateTimeField(source="row.moved_at")
    read = serializers.SerializerMethodField()

    def get_text(self, seen: Seen) -> str:
        return text_of(seen, self.context["language"])

    @extend_schema_field(RefsOut)
    def get_about(self, seen: Seen) -> Any:
        return RefsOut(seen.refs).data

    def get_read(self, seen: Seen) -> bool:
        return seen.row.read_at is not None


class UnreadOut(serializers.Serializer[Any]):
    """How many there are to see, of the newest 200 unread ones."""

    total = serializers.IntegerField()
    by_type = serializers.DictField(child=serializers.IntegerField())


class NotificationsPageOut(serializers.Serializer[Any]):
    """`seq` is the newest number there was: what comes later is above it."""

    items = NotificationOut(many=True)
    next = serializers.CharField(allow_null=True)
    seq = serializers.IntegerField()
    unread = UnreadOut()


class NotificationsIn(PageIn):
    type = serializers.ChoiceField(Kind.choices, required=False, default="", source="kind")


class ReadIn(Input):
    """Up to a number, or by name, or what is named as far as that number."""

    up_to = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=LARGEST_NUMBER
    )
    ids = serializers.ListField(
        child=IdText(), required=False, allow_null=True, default=None, min_length=1, max_length=100
    )


class ChoiceOut(serializers.Serializer[Any]):
    mailbox = serializers.BooleanField()
    push = serializers.BooleanField()


class ChoicesOut(serializers.Serializer[Any]):
    """`quiet_hours` are my own; in `always_quiet`, those of all teens, no device of mine is woken either way."""

    types = serializers.DictField(child=ChoiceOut())
    quiet_hours = QuietHoursOut(allow_null=True)
    always_quiet = QuietHoursOut(allow_null=True)


class ChoiceIn(Input):
    mailbox = serializers.BooleanField(required=False)
    push = serializers.BooleanField(required=False)


class PushChoiceIn(Input):
    """Messages are in their conversations and in no mailbox."""

    push = serializers.BooleanField(required=False)


class TypeChoicesIn(Input):
    """One field for each type of notification, and one for messages."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        types = {str(kind): ChoiceIn(required=False) for kind in Kind}
        return {**types, choices.MESSAGE: PushChoiceIn(required=False)}


class ChoicesIn(Input):
    types = TypeChoicesIn(required=False, default=dict)
    quiet_hours = QuietHoursIn(required=False, allow_null=True)


class DeviceIn(Input):
    platform = serializers.ChoiceField(Platform.choices)
    token = serializers.CharField(max_length=400)


class DeviceOut(serializers.Serializer[Device]):
    id = IdText()
    platform = serializers.ChoiceField(Platform.choices)
    added_at = serializers.DateTimeField()


class DevicesOut(serializers.Serializer[Any]):
    items = DeviceOut(many=True)
    next = serializers.CharField(allow_null=True)
