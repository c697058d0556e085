"""A message wakes the devices of those who did not read it."""

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from sora_social.inbox.conversations import news
from sora_social.inbox.events import MessageSent
from sora_social.inbox.models import Device, Mailbox, Message, Seat
from sora_social.inbox.notifications import choices
from sora_social.inbox.push import delivering


def of_message(event: MessageSent) -> None:
    """Wake each listener once for all that they have not read. In quiet hours nobody: a message after them may.

    A seat that is held is passed over: its owner is reading, or a newer message is being written and will ask the same.
    So nothing waits here, and two at once open no seat twice.
    """
    if not delivering.is_on():
        return
    message = Message.objects.standing().select_related("author").filter(pk=event.message_id).first()
    if message is None:
        return
    now = timezone.now()
    reachable = news.waiting_for(message).filter(Exists(Device.objects.filter(owner=OuterRef("person"))))
    seats = list(reachable.select_related("person").select_for_update(of=("self",), skip_locked=True))
    mailboxes = Mailbox.objects.in_bulk([seat.person_id for seat in seats])
    woken = [seat for seat in seats if _may_wake(seat, mailboxes.get(seat.person_id), now)]
    Seat.objects.filter(pk__in=[seat.pk for seat in woken]).update(woken_at=Now())
    delivering.queue_messages({seat.person_id: seat.pk for seat in woken})


def _may_wake(seat: Seat, mailbox: Mailbox | None, now: datetime) -> bool:
    mailbox = mailbox or Mailbox(person=seat.person)
    return choices.MESSAGE not in mailbox.unpushed and not choices.is_quiet(seat.person, mailbox, now)
