"""What a `/me` socket is told first, and what it is reminded of."""

from collections.abc import Collection
from typing import Any

from sora_social.accounts.models import User
from sora_social.inbox.models import Mailbox
from sora_social.inbox.notifications import mailbox
from sora_social.posts.live.frames import Frame


def words_for(person_id: int) -> tuple[int, dict[str, Any]]:
    """The number of somebody's newest notification, and the words of `hello`: what they have not read."""
    person = User.objects.get(pk=person_id)
    seq = mailbox.newest_number(person)
    return seq, {"seq": seq, "unread": mailbox.unread_of(person)}


def numbers_of(person_ids: Collection[int]) -> dict[int, int]:
    """The numbers of the newest notifications of these people, in one query."""
    return dict(Mailbox.objects.filter(person__in=person_ids).values_list("person_id", "seq"))


def reminder(seq: int) -> Frame:
    """The frame for somebody who was not told that there is something new: it is to be fetched."""
    return Frame.of_text(Frame.of("notification", seq=seq).message["text"], seq=seq)
