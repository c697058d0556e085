"""Shapes of conversations and messages on the wire."""

from typing import Any

import orjson
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sora_social.accounts.wire import PersonRefOut
from sora_social.core.wire import IdText, Input, PageIn, PlainText
from sora_social.inbox.conversations.seen import SeenConversation, SeenMessage
from sora_social.inbox.models import MessageKind, Role, Seat
from sora_social.posts.wire import PostOut

LARGEST_NUMBER = 2**63 - 1
CLIENT_ID = r"^[\x21-\x7e]{0,64}$"


class MessageOut(serializers.Serializer[SeenMessage]):
    """A message, or something that happened: somebody was `added` or `removed` (`about`), `left`, or gave the group
    the name in `text` (`titled`). One that was taken back stays as a tombstone: `deleted`, without its words.
    """

    id = IdText(source="message.pk")
    conversation_id = IdText(source="message.conversation_id")
    seq = serializers.IntegerField(source="message.seq")
    changed_seq = serializers.IntegerField(source="message.changed_seq")
    kind = serializers.ChoiceField(MessageKind.choices, source="message.kind")
    author = PersonRefOut(source="message.author")
    about = PersonRefOut(source="message.about", allow_null=True)
    text = serializers.SerializerMethodField()
    shares_post = serializers.BooleanField(help_text="A post was shared; `post` is null where it is not for me to see.")
    post = serializers.SerializerMethodField()
    client_id = serializers.SerializerMethodField(help_text="Mine alone: empty in what others said.")
    created_at = serializers.DateTimeField(source="message.created_at")
    deleted = serializers.SerializerMethodField()

    def get_text(self, seen: SeenMessage) -> str:
        return "" if seen.message.deleted_at else seen.message.text

    @extend_schema_field(PostOut(allow_null=True))
    def get_post(self, seen: SeenMessage) -> Any:
        return None if seen.post is None else orjson.Fragment(seen.post)

    def get_client_id(self, seen: SeenMessage) -> str:
        return seen.message.client_id if seen.is_mine else ""

    def get_deleted(self, seen: SeenMessage) -> bool:
        return seen.message.deleted_at is not None


class MessagesPageOut(serializers.Serializer[Any]):
    """`seq` is the number after which `after_seq` goes on without a gap."""

    items = MessageOut(many=True)
    next = serializers.CharField(allow_null=True)
    seq = serializers.IntegerField()


class ConversationMemberOut(serializers.Serializer[Seat]):
    """`read_seq` is up to which number they read; null while a request is open, theirs or mine."""

    person = PersonRefOut()
    state = serializers.ChoiceField(["in", "asked"])
    role = serializers.ChoiceField(Role.choices)
    read_seq = serializers.IntegerField(allow_null=True, source="shown_read_seq")


class ConversationViewerOut(serializers.Serializer[SeenConversation]):
    """My place in it. While I am `asked` it is a request: I see one message, and accept or decline."""

    state = serializers.ChoiceField(["in", "asked"], source="seat.state")
    role = serializers.ChoiceField(Role.choices, source="seat.role")
    muted = serializers.BooleanField(source="seat.is_muted")
    read_seq = serializers.IntegerField(source="seat.read_seq")
    unread_count = serializers.IntegerField(source="unread", help_text="Stops at 99.")


class ConversationOut(serializers.Serializer[SeenConversation]):
    id = IdText(source="seat.conversation_id")
    kind = serializers.SerializerMethodField()
    title = serializers.CharField(source="seat.conversation.title", allow_blank=True)
    seq = serializers.IntegerField(source="seat.conversation.seq", help_text="The number of its newest event.")
    members = ConversationMemberOut(many=True)
    last_message = MessageOut(source="last", allow_null=True)
    viewer = ConversationViewerOut(source="*")
    created_at = serializers.DateTimeField(source="seat.conversation.created_at")

    @extend_schema_field(serializers.ChoiceField(["direct", "group"]))
    def get_kind(self, seen: SeenConversation) -> str:
        return "group" if seen.seat.conversation.is_group else "direct"


class ConversationsPageOut(serializers.Serializer[Any]):
    """`unread_count` is how many conversations have something unread, without those and the people that I muted;
    `request_count` how many requests wait for my answer. Both stop at 99."""

    items = ConversationOut(many=True)
    next = serializers.CharField(allow_null=True)
    unread_count = serializers.IntegerField()
    request_count = serializers.IntegerField()


class ConversationsIn(PageIn):
    folder = serializers.ChoiceField(["inbox", "requests"], required=False, default="inbox")


class ConversationIn(Input):
    """One handle is a conversation of two, several make a group; with the first message, if there is one."""

    handles = serializers.ListField(child=serializers.CharField(max_length=30), min_length=1, max_length=31)
    title = PlainText(required=False, default="", max_length=80, allow_blank=True, help_text="For groups.")
    text = serializers.CharField(
        required=False, default="", max_length=4000, allow_blank=True, trim_whitespace=False, help_text="2,000 at most."
    )
    post_id = IdText(required=False, allow_null=True, default=None)


class ConversationPatchIn(Input):
    title = PlainText(required=False, max_length=80, allow_blank=True, help_text="For groups.")
    muted = serializers.BooleanField(required=False)


class MessageIn(Input):
    """Words, a post, or both."""

    text = serializers.CharField(
        required=False, default="", max_length=4000, allow_blank=True, trim_whitespace=False, help_text="2,000 at most."
    )
    post_id = IdText(required=False, allow_null=True, default=None)
    client_id = serializers.RegexField(CLIENT_ID, required=False, default="", allow_blank=True)


class MessagesIn(PageIn):
    """The newest first, or those before number `before`; with `after_seq`, all that changed after that number, in the
    order in which it did."""

    before = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=LARGEST_NUMBER
    )
    after_seq = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=LARGEST_NUMBER
    )


class ReadMarkIn(Input):
    seq = serializers.IntegerField(min_value=0, max_value=LARGEST_NUMBER)
