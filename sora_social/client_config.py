"""What a client must know before anybody signs in."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feeds.pages import FEEDS
from ranking.topics.vocabulary import BUILT_IN
from sora_social.accounts import admission
from sora_social.moderation.models import ReportReason
from sora_social.posts.models import RemixPolicy, Visibility
from sora_social.studio.providers.preview.recipe import CAMERAS, STYLES
from sora_social.studio.wire import ORIENTATIONS, SECONDS


class ClientLimitsOut(serializers.Serializer[Any]):
    prompt_chars = serializers.IntegerField()
    caption_chars = serializers.IntegerField()
    comment_chars = serializers.IntegerField()
    clips_per_day = serializers.IntegerField()
    clips_at_once = serializers.IntegerField()
    variations = serializers.IntegerField()
    page = serializers.IntegerField()
    media_link_s = serializers.IntegerField()


class RegionOut(serializers.Serializer[Any]):
    """`country` is what a trusted proxy says of this request; null when nobody says anything."""

    country = serializers.CharField(allow_null=True)
    open = serializers.BooleanField()


class ConfigOut(serializers.Serializer[Any]):
    live_url = serializers.CharField()
    limits = ClientLimitsOut()
    seconds = serializers.ListField(child=serializers.IntegerField())
    orientations = serializers.ListField(child=serializers.CharField())
    styles = serializers.ListField(child=serializers.CharField())
    cameras = serializers.ListField(child=serializers.CharField(allow_blank=True))
    visibilities = serializers.ListField(child=serializers.CharField())
    remix_policies = serializers.ListField(child=serializers.CharField())
    report_reasons = serializers.ListField(child=serializers.CharField())
    feeds = serializers.ListField(child=serializers.CharField())
    moods = serializers.ListField(child=serializers.CharField(), help_text="What the feed `mood` can be of.")
    release_terms = serializers.CharField(help_text="The version of the terms that a release of a likeness agrees to.")
    region = RegionOut()


class ConfigView(APIView):
    authentication_classes = []
    permission_classes = []

    @extend_schema(tags=["config"], responses=ConfigOut, auth=[])
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
                "seconds": list(SECONDS),
                "orientations": list(ORIENTATIONS),
                "styles": list(STYLES),
                "cameras": list(CAMERAS),
                "visibilities": Visibility.values,
                "remix_policies": RemixPolicy.values,
                "report_reasons": ReportReason.values,
                "feeds": list(FEEDS),
                "moods": [mood.code for mood in BUILT_IN.moods],
                "release_terms": settings.RELEASE_TERMS,
                "region": {"country": country or None, "open": admission.is_open_to(country)},
            }
        )
