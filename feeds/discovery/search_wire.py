"""Shapes of search on the wire. Pages themselves are assembled as bytes in `search`; these say what they are."""

from typing import Any

from rest_framework import serializers

from cameos.wire import CameoOut
from feeds.discovery.search import TYPES
from sora_social.accounts.wire import PersonOut
from sora_social.core.wire import PageIn, PlainText
from sora_social.posts.wire import PostOut


class SearchIn(PageIn):
    q = PlainText(max_length=200, help_text="Words, #tags, @handles; in any script.")
    type = serializers.ChoiceField(TYPES, required=False, default="posts")


class TagOut(serializers.Serializer[Any]):
    """A #tag, and how many public posts have it."""

    tag = serializers.CharField()
    posts = serializers.IntegerField()


class SearchHitOut(serializers.Serializer[Any]):
    """Of `post`, `person`, `cameo` and `tag` there is the one that `type` names."""

    type = serializers.ChoiceField(["post", "person", "cameo", "tag"])
    post = PostOut(required=False)
    person = PersonOut(required=False)
    cameo = CameoOut(required=False)
    tag = TagOut(required=False)


class SearchPageOut(serializers.Serializer[Any]):
    items = SearchHitOut(many=True)
    next = serializers.CharField(allow_null=True)
