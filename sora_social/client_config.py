"""What a client must know before anybody signs in."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feeds.pages import FEEDS
from sora_social.accounts import admission
from sora_social.studio.providers.preview import STYLES


class ConfigOut(serializers.Serializer[Any]):
    live_url = serializers.CharField()
    limits = serializers.DictField(child=serializers.IntegerField())
    styles = serializers.ListField(child=serializers.CharField())
    feeds = serializers.ListField(child=serializers.CharField())
    region = serializers.DictField()


class ConfigView(APIView):
    authentication_classes = []
    permission_classes = []

    @extend_schema(responses=ConfigOut, auth=[])
    def get(self, request: Request) -> Response:
        """Where the sockets are, what the limits are, what there is to choose from."""
        country = admission.country_of(request, "")
        return Response(
            {
                "live_url": settings.LIVE_URL,
                "limits": {
                    "prompt_chars": 2000,
                    "caption_chars": 2200,
                    "comment_chars": 500,
                    "clips_per_day": settings.CLIPS_PER_DAY,
                    "clips_at_once": settings.CLIPS_AT_ONCE,
                    "variations": 4,
                    "page": 100,
                    "media_link_s": settings.MEDIA_LINK_SECONDS,
                },
                "styles": list(STYLES),
                "feeds": list(FEEDS),
                "region": {"country": country or None, "open": admission.is_open_to(country)},
            }
        )
