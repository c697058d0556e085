"""Shapes of people on the wire."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from ranking.quiet_hours import Window
from sora_social.accounts.models import Block, Invite, MessagesFrom, User
from sora_social.core.wire import IdText, Input, PlainText, TimeOfDay


class PersonCountsOut(serializers.Serializer[User]):
    followers = serializers.IntegerField(source="follower_count")
    following = serializers.IntegerField(source="following_count")
    posts = serializers.IntegerField(source="post_count")
    likes = serializers.IntegerField(source="like_count")
    remixes = serializers.IntegerField(source="remix_count")
    castings = serializers.IntegerField(source="casting_count")


class PersonViewerOut(serializers.Serializer[User]):
    """What is between the person and who asks. Needs `with_ties_to`."""

    follows = serializers.BooleanField()
    followed_by = serializers.BooleanField()
    blocks = serializers.BooleanField()
    mutes = serializers.BooleanField()


class PersonRefOut(serializers.Serializer[User]):
    """A person, as named beside something of theirs."""

    id = IdText()
    handle = serializers.CharField()
    display_name = serializers.CharField(source="name")
    avatar_url = serializers.SerializerMethodField()

    def get_avatar_url(self, person: User) -> str | None:
        return None


class PersonOut(PersonRefOut):
    bio = serializers.CharField(allow_blank=True)
    counts = PersonCountsOut(source="*")
    viewer = PersonViewerOut(source="*")


class PeoplePageOut(serializers.Serializer[Any]):
    items = PersonOut(many=True)
    next = serializers.CharField(allow_null=True)


class MeOut(PersonRefOut):
    """Everything the service holds of one's own account."""

    bio = serializers.CharField(allow_blank=True)
    counts = PersonCountsOut(source="*")
    email = serializers.EmailField()
    birthday = serializers.DateField(allow_null=True)
    country = serializers.CharField(allow_blank=True)
    time_zone = serializers.SerializerMethodField()
    next_time_zone = serializers.CharField(allow_blank=True, help_text="A teen's change holds from its time on.")
    next_time_zone_at = serializers.DateTimeField(allow_null=True)
    messages_from = serializers.ChoiceField(MessagesFrom.choices)
    joined_at = serializers.DateTimeField()
    waitlisted = serializers.SerializerMethodField()

    def get_time_zone(self, person: User) -> str:
        return person.zone_name(timezone.now())

    def get_waitlisted(self, person: User) -> bool:
        return person.admitted_at is None


class MePatchIn(Input):
    display_name = PlainText(required=False, max_length=60, allow_blank=True)
    bio = PlainText(required=False, max_length=300, allow_blank=True)
    handle = serializers.CharField(required=False, min_length=3, max_length=30)
    time_zone = serializers.CharField(required=False, max_length=40, help_text="An IANA name, as Europe/Amsterdam.")
    messages_from = serializers.ChoiceField(
        MessagesFrom.choices,
        required=False,
        help_text="Whose first message reaches me at once; a teen's mutuals alone, whatever is chosen.",
    )


class InviteOut(serializers.Serializer[Invite]):
    code = serializers.CharField()
    redeemed_by = serializers.CharField(
        allow_null=True, help_text="Null too when there is a block between the two of you."
    )
    redeemed_at = serializers.DateTimeField(allow_null=True)


class InvitesOut(serializers.Serializer[Any]):
    items = InviteOut(many=True)
    next = serializers.CharField(allow_null=True)


class WaitlistIn(Input):
    email = serializers.EmailField(max_length=254)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, default="")


class BlockedOut(serializers.Serializer[Block]):
    handle = serializers.CharField(source="blocked.handle")
    display_name = serializers.CharField(source="blocked.name")


class BlockedPageOut(serializers.Serializer[Any]):
    items = BlockedOut(many=True)
    next = serializers.CharField(allow_null=True)


class QuietHoursOut(serializers.Serializer[Window]):
    begins = TimeOfDay()
    ends = TimeOfDay()


class QuietHoursIn(Input):
    begins = TimeOfDay()
    ends = TimeOfDay()

    def validate(self, attrs: dict[str, Any]) -> Any:
        if attrs["begins"] == attrs["ends"]:
            raise serializers.ValidationError({"ends": ["Quiet hours have an end."]}, code="invalid")
        return Window(**attrs)
