"""Shapes of leaderboards on the wire. Pages themselves are assembled as bytes; these say what they are."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from cameos.wire import CameoOut
from feeds.discovery.leaderboards import BOARDS
from feeds.models import Window
from sora_social.core.wire import PageIn
from sora_social.posts.wire import PostOut

BOARD = OpenApiParameter("board", {"type": "string", "enum": [*BOARDS]}, OpenApiParameter.PATH)


class LeaderboardIn(PageIn):
    window = serializers.ChoiceField(Window.choices, required=False, default=Window.WEEK)


class PlaceOut(serializers.Serializer[Any]):
    """`makers` is how many other people made something of the post, or with the cameo: each counts once. `rising`: who
    did so for the first time within a day. There is a `post`, or for `cast` a `cameo`."""

    rank = serializers.IntegerField()
    makers = serializers.IntegerField()
    post = PostOut(required=False)
    cameo = CameoOut(required=False)


class LeaderboardPageOut(serializers.Serializer[Any]):
    items = PlaceOut(many=True)
    next = serializers.CharField(allow_null=True)
