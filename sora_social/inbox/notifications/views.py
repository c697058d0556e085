"""Doors to my notifications: reading them, and what I want to hear of."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest
from sora_social.core.languages import Language, language_of
from sora_social.inbox.notifications import choices, mailbox
from sora_social.inbox.notifications.wire import (
    ChoicesIn,
    ChoicesOut,
    DeviceIn,
    DeviceOut,
    DevicesOut,
    NotificationsIn,
    NotificationsPageOut,
    ReadIn,
    UnreadOut,
)
from sora_social.inbox.push import devices


def _language(request: PersonRequest) -> Language:
    return language_of(request.headers.get("Accept-Language", ""))


class NotificationsView(APIView):
    @extend_schema(parameters=[NotificationsIn], responses=NotificationsPageOut)
    def get(self, request: PersonRequest) -> Response:
        """What happened to me and mine, the latest first, and how much of it I have not read."""
        page = mailbox.notifications_of(request.user, **NotificationsIn.checked(request.query_params))
        return Response(NotificationsPageOut(page, context={"language": _language(request)}).data)


class ReadView(APIView):
    @extend_schema(operation_id="mark_notifications_read", request=ReadIn, responses=UnreadOut)
    def post(self, request: PersonRequest) -> Response:
        """Mark as read, up to a number or by name. What changed since stays unread. May be repeated."""
        return Response(UnreadOut(mailbox.mark_read(request.user, **ReadIn.checked(request.data))).data)


class ChoicesView(APIView):
    @extend_schema(operation_id="get_notification_choices", responses=ChoicesOut)
    def get(self, request: PersonRequest) -> Response:
        """What I want to hear of, by which way, and when not."""
        return Response(ChoicesOut(choices.choices_of(request.user, timezone.now())).data)

    @extend_schema(operation_id="set_notification_choices", request=ChoicesIn, responses=ChoicesOut)
    def patch(self, request: PersonRequest) -> Response:
        """Change some of it. Quiet hours hold where I am (`time_zone` of my account)."""
        words = ChoicesIn.checked(request.data)
        return Response(ChoicesOut(choices.choose(request.user, timezone.now(), **words)).data)


class DevicesView(APIView):
    @extend_schema(responses=DevicesOut)
    def get(self, request: PersonRequest) -> Response:
        """The devices that are woken for me."""
        return Response(DevicesOut({"items": devices.devices_of(request.user), "next": None}).data)

    @extend_schema(request=DeviceIn, responses={201: DeviceOut})
    def post(self, request: PersonRequest) -> Response:
        """Wake this device from now on, until this session ends. May be repeated; the eleventh replaces the oldest."""
        words = DeviceIn.checked(request.data)
        device = devices.register(request.user, session_token=str(request.auth), language=_language(request), **words)
        return Response(DeviceOut(device).data, status=201)


class DeviceView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, device_id: int) -> Response:
        """Wake it no more."""
        devices.forget(request.user, device_id)
        return Response(status=204)
