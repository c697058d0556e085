"""The devices that a person wants woken."""

import re
from collections.abc import Sequence

from django.db import transaction

from sora_social.accounts.models import User
from sora_social.core.errors import Invalid, NotFound
from sora_social.core.languages import Language
from sora_social.inbox.models import Device, Mailbox, Platform

AT_MOST = 10  # of one person; the oldest makes way
_TOKENS = {Platform.FCM: re.compile(r"[A-Za-z0-9_:\-]{20,400}"), Platform.APNS: re.compile(r"[0-9a-fA-F]{64,200}")}


def register(person: User, *, platform: str, token: str, session_token: str, language: Language) -> Device:
    """Wake this device from now on, as long as the session lasts that asks for it. May be repeated.

    A device that somebody else had named before is theirs no more. Raises Invalid for what is no token of the platform.
    """
    if not _TOKENS[Platform(platform)].fullmatch(token):
        raise Invalid.field("token", f"This is no token of {platform}.")
    token = token.lower() if platform == Platform.APNS else token
    with transaction.atomic():
        Mailbox.objects.hold([person.pk])  # one at a time: there are never more than ten
        device, _ = Device.objects.update_or_create(
            platform=platform,
            token=token,
            defaults={"owner": person, "session_token": session_token, "language": language},
        )
        others = Device.objects.filter(owner=person).exclude(pk=device.pk).order_by("-id")
        Device.objects.filter(pk__in=list(others.values_list("pk", flat=True)[AT_MOST - 1 :])).delete()
    return device


def devices_of(person: User) -> Sequence[Device]:
    """The newest first."""
    return list(Device.objects.filter(owner=person).order_by("-id"))


def forget(person: User, device_id: int) -> None:
    """Wake a device of one's own no more. Raises NotFound."""
    gone, _ = Device.objects.filter(owner=person, pk=device_id).delete()
    if not gone:
        raise NotFound
