"""What sockets are told of messages. A post that was shared is not in a frame: each reader asks for it themselves."""

from typing import Any

from sora_social.inbox.conversations.seen import SeenMessage
from sora_social.inbox.conversations.wire import MessageOut
from sora_social.inbox.models import Message


def message_words(message: Message, *, is_mine: bool, silent: bool) -> dict[str, Any]:
    return {
        "conversation_id": str(message.conversation_id),
        "seq": message.seq,
        "message": MessageOut(SeenMessage(message, is_mine=is_mine)).data,
        "silent": silent,
    }
