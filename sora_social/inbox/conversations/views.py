"""Doors to conversations and direct messages."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest
from sora_social.core.idempotency import idempotent_while
from sora_social.inbox.conversations import conversing, listing, messaging
from sora_social.inbox.conversations.throttling import BeginningThrottle
from sora_social.inbox.conversations.wire import (
    ConversationIn,
    ConversationOut,
    ConversationPatchIn,
    ConversationsIn,
    ConversationsPageOut,
    MessageIn,
    MessageOut,
    MessagesIn,
    MessagesPageOut,
    ReadMarkIn,
)


def _message_stands(request: PersonRequest, shown: Any) -> None:
    """The answer is given again as long as conversation, message and the post in it are there for who asks."""
    _stands(request, shown["conversation_id"], shown)


def _conversation_stands(request: PersonRequest, shown: Any) -> None:
    _stands(request, shown["id"], shown["last_message"])


def _stands(request: PersonRequest, conversation_id: str, message: Any) -> None:
    message_id = int(message["id"]) if message else None
    post_id = int(message["post"]["id"]) if message and message["post"] else None
    listing.require_shown(request.user, int(conversation_id), message_id, post_id)


class ConversationsView(APIView):
    throttle_classes = [*APIView.throttle_classes, BeginningThrottle]

    @extend_schema(parameters=[ConversationsIn], responses=ConversationsPageOut)
    def get(self, request: PersonRequest) -> Response:
        """My conversations, or the requests to me: the one with the newest message first."""
        asked = ConversationsIn.checked(request.query_params)
        return Response(ConversationsPageOut(listing.conversations_of(request.user, **asked)).data)

    @extend_schema(request=ConversationIn, responses={201: ConversationOut})
    @idempotent_while(_conversation_stands)
    def post(self, request: PersonRequest) -> Response:
        """Open my conversation with somebody, or make a group. Two people have one conversation, whoever begins it."""
        begun = conversing.begin(request.user, **ConversationIn.checked(request.data))
        return Response(ConversationOut(listing.conversation_for(request.user, begun.pk)).data, status=201)


class ConversationView(APIView):
    @extend_schema(responses=ConversationOut)
    def get(self, request: PersonRequest, conversation_id: int) -> Response:
        """One conversation, with who is in it."""
        return Response(ConversationOut(listing.conversation_for(request.user, conversation_id)).data)

    @extend_schema(request=ConversationPatchIn, responses=ConversationOut)
    def patch(self, request: PersonRequest, conversation_id: int) -> Response:
        """Give a group another name, for everybody; mute a conversation, for me."""
        conversing.change(request.user, conversation_id, **ConversationPatchIn.checked(request.data))
        return Response(ConversationOut(listing.conversation_for(request.user, conversation_id)).data)


class MessagesView(APIView):
    @extend_schema(parameters=[MessagesIn], responses=MessagesPageOut)
    def get(self, request: PersonRequest, conversation_id: int) -> Response:
        """What was said, the newest first; with `after_seq`, all that changed since."""
        asked = MessagesIn.checked(request.query_params)
        return Response(MessagesPageOut(listing.messages_of(request.user, conversation_id, **asked)).data)

    @extend_schema(request=MessageIn, responses={201: MessageOut})
    @idempotent_while(_message_stands)
    def post(self, request: PersonRequest, conversation_id: int) -> Response:
        """Say something, share a post, or both. With a `client_id` a repeat gives the first message again."""
        message = messaging.send(request.user, conversation_id, **MessageIn.checked(request.data))
        return Response(MessageOut(listing.seen_one(request.user, message)).data, status=201)


class ReadMarkView(APIView):
    @extend_schema(operation_id="read_conversation", request=ReadMarkIn, responses={204: None})
    def put(self, request: PersonRequest, conversation_id: int) -> Response:
        """Say up to which number I have read. It never goes back."""
        messaging.mark_read(request.user, conversation_id, **ReadMarkIn.checked(request.data))
        return Response(status=204)


class AcceptView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: PersonRequest, conversation_id: int) -> Response:
        """Accept a request: from now on it is a conversation. May be repeated."""
        conversing.accept(request.user, conversation_id)
        return Response(status=204)


class DeclineView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: PersonRequest, conversation_id: int) -> Response:
        """Turn a request down. Who asked is not told, and cannot ask again. May be repeated."""
        conversing.decline(request.user, conversation_id)
        return Response(status=204)


class MemberView(APIView):
    throttle_classes = ConversationsView.throttle_classes

    @extend_schema(operation_id="add_conversation_member", request=None, responses={204: None})
    def put(self, request: PersonRequest, conversation_id: int, handle: str) -> Response:
        """Bring somebody into a group, or ask them in. They see what is said from then on. May be repeated."""
        conversing.add(request.user, conversation_id, handle)
        return Response(status=204)

    @extend_schema(operation_id="remove_conversation_member", responses={204: None})
    def delete(self, request: PersonRequest, conversation_id: int, handle: str) -> Response:
        """Leave a group, or take somebody out of mine. May be repeated."""
        conversing.remove(request.user, conversation_id, handle)
        return Response(status=204)


class MessageView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, message_id: int) -> Response:
        """Take back what I said. A tombstone stays; may be repeated."""
        messaging.delete(request.user, message_id)
        return Response(status=204)
