"""The control: the same two pages the way Django REST framework's own guide would have them.

Generic list views, a QuerySet built for each request with `select_related` and `prefetch_related`, page-number
pagination, nested serializers. Who may see what is asked by the same QuerySet methods, sign-in and permissions are the
product's, the fields are the same. For You takes the same ranked order from the same snapshot.
"""

import os
from pathlib import Path
from time import time
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import JSONRenderer

from cameos.models import Appearance
from feeds.models import ServedPage
from feeds.moments import new_page_id
from feeds.order import chronological, ranked, snapshots
from feeds.order.places import Place
from sora_social.accounts.models import Follow, User
from sora_social.media import links
from sora_social.media.models import Clip
from sora_social.posts.models import Post, PostCredit, PromptVisibility
from sora_social.posts.presenting import disclosure


class AuthorSerializer(serializers.ModelSerializer):
    id = serializers.CharField()
    display_name = serializers.CharField(source="name")
    avatar_url = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "handle", "display_name", "avatar_url")

    def get_avatar_url(self, person: User) -> None:
        return None


class MediaSerializer(serializers.ModelSerializer):
    class Meta:
        model = Clip
        fields = ("width", "height", "duration_ms", "mime")

    def to_representation(self, post: Post) -> dict[str, Any]:
        prefix, expires_at = links.media_prefix("p", post.pk, self.context["request"].user.pk, int(time()))
        base = prefix.decode()
        return {
            **super().to_representation(post.clip),
            "url": f"{base}video.mp4",
            "poster_url": f"{base}poster.jpg",
            "captions_url": f"{base}captions.vtt" if post.clip.captions_key else None,
            "expires_at": orjson.loads(expires_at),
        }


class LineageSerializer(serializers.ModelSerializer):
    sources = serializers.SerializerMethodField()
    root_id = serializers.SerializerMethodField()

    class Meta:
        model = Post
        fields = ("sources", "root_id", "depth", "remix_count", "descendant_count")

    def get_sources(self, post: Post) -> list[dict[str, Any]]:
        return [
            {"post_id": source["post_id"] if int(source["post_id"]) in post.known else None, "kind": source["kind"]}
            for source in post.sources
        ]

    def get_root_id(self, post: Post) -> str | None:
        root_id = post.root_id or post.pk
        return str(root_id) if root_id in post.known else None


class CountsSerializer(serializers.Serializer):
    likes = serializers.IntegerField(source="like_count")
    comments = serializers.IntegerField(source="comment_count")
    remixes = serializers.IntegerField(source="remix_count")
    saves = serializers.IntegerField(source="save_count")
    views = serializers.IntegerField(source="view_count")
    shares = serializers.IntegerField(source="share_count")


class ViewerSerializer(serializers.Serializer):
    liked = serializers.BooleanField()
    saved = serializers.BooleanField()
    may_remix = serializers.BooleanField()
    may_comment = serializers.SerializerMethodField()

    def get_may_comment(self, post: Post) -> bool:
        return True


class CardSerializer(serializers.ModelSerializer):
    id = serializers.CharField(source="cameo_id")
    handle = serializers.CharField(source="cameo.handle")
    display_name = serializers.CharField(source="cameo.title")
    kind = serializers.CharField(source="cameo.kind")

    class Meta:
        model = Appearance
        fields = ("id", "handle", "display_name", "kind")


class PostSerializer(serializers.ModelSerializer):
    id = serializers.CharField()
    author = AuthorSerializer()
    media = MediaSerializer(source="*")
    prompt = serializers.SerializerMethodField()
    cast = CardSerializer(source="appearances", many=True)
    co_creators = AuthorSerializer(many=True)
    lineage = LineageSerializer(source="*")
    counts = CountsSerializer(source="*")
    viewer = ViewerSerializer(source="*")
    ai_disclosure = serializers.SerializerMethodField()
    challenge = serializers.SerializerMethodField()

    class Meta:
        model = Post
        fields = (
            "id",
            "author",
            "caption",
            "media",
            "visibility",
            "remix_policy",
            "prompt_visibility",
            "prompt",
            "cast",
            "co_creators",
            "lineage",
            "template",
            "counts",
            "viewer",
            "ai_disclosure",
            "challenge",
            "created_at",
            "edited_at",
        )

    def get_prompt(self, post: Post) -> str | None:
        viewer = self.context["request"].user
        shown = (
            post.prompt_visibility == PromptVisibility.PUBLIC
            or post.author_id == viewer.pk
            or (post.prompt_visibility == PromptVisibility.REMIXERS and post.may_remix)
        )
        return post.prompt if shown else None

    def get_ai_disclosure(self, post: Post) -> dict[str, Any]:
        return disclosure(post.pk, post.provider, post.model, manifest_id=post.clip.manifest_id)

    def get_challenge(self, post: Post) -> None:
        return None


class ItemSerializer(serializers.Serializer):
    type = serializers.CharField()
    id = serializers.CharField()
    impression_id = serializers.CharField()
    why = serializers.JSONField()
    post = PostSerializer()


class Pages(PageNumberPagination):
    page_size = 20
    page_size_query_param = "limit"
    max_page_size = 100


class FeedListView(ListAPIView):
    serializer_class = ItemSerializer
    pagination_class = Pages
    renderer_classes = [JSONRenderer]
    feed: str

    def posts(self) -> QuerySet[Post]:
        viewer = self.request.user
        visible = Post.objects.listed_for(viewer).not_muted_by(viewer).as_seen_by(viewer)
        return visible.select_related("author", "clip")

    def items(self, posts: list[Post], places: list[Any]) -> list[dict[str, Any]]:
        self.say_which_origins_are_known(posts)
        self.say_who_is_cast(posts)
        self.say_who_is_credited(posts)
        request_id = new_page_id()
        ServedPage.objects.create(
            pk=request_id,
            viewer=self.request.user,
            feed=self.feed,
            snapshot_id=request_id,
            candidate_set_hash=0,
            model="control",
            first_rank=0,
            post_ids=[post.pk for post in posts],
            scores=[place.score for place in places],
            propensities=[place.propensity for place in places],
            reasons=[place.why for place in places],
        )
        return [
            {
                "type": "post",
                "id": f"{request_id}-{index}",
                "impression_id": f"{request_id}-{index}",
                "why": orjson.loads(place.why),
                "post": post,
            }
            for index, (post, place) in enumerate(zip(posts, places, strict=True))
        ]

    def say_which_origins_are_known(self, posts: list[Post]) -> None:
        others = {int(source["post_id"]) for post in posts for source in post.sources}
        others |= {post.root_id for post in posts if post.root_id}
        known = set(Post.objects.known_to(self.request.user).filter(pk__in=others).values_list("pk", flat=True))
        for post in posts:
            post.known = known | {post.pk}

    def say_who_is_cast(self, posts: list[Post]) -> None:
        """What `prefetch_related` would do, were there a relation: a post's cast is known by its number alone."""
        rows = Appearance.objects.filter(post_id__in=[post.pk for post in posts]).select_related("cameo__owner")
        cast: dict[int, list[Appearance]] = {}
        for row in rows.order_by("id"):
            cast.setdefault(row.post_id, []).append(row)
        for post in posts:
            post.appearances = cast.get(post.pk, [])

    def say_who_is_credited(self, posts: list[Post]) -> None:
        together = [post.pk for post in posts if post.credit_count]
        rows = PostCredit.objects.standing().filter(post__in=together, person__is_active=True).select_related("person")
        credited: dict[int, list[User]] = {}
        for row in rows.order_by("ordinal") if together else ():
            credited.setdefault(row.post_id, []).append(row.person)
        for post in posts:
            post.co_creators = credited.get(post.pk, [])


class FollowingView(FeedListView):
    feed = "following"

    def get_queryset(self) -> QuerySet[Post]:
        followed = Follow.objects.filter(follower=self.request.user).values("followee")
        return self.posts().filter(Q(author__in=followed) | Q(author=self.request.user)).order_by("-pk")

    def paginate_queryset(self, queryset: QuerySet[Post]) -> list[dict[str, Any]]:
        posts = super().paginate_queryset(queryset)
        mine = self.request.user.pk
        why = [chronological.MINE if post.author_id == mine else chronological.WHY["following"] for post in posts]
        return self.items(posts, [Place(post.pk, 0.0, 1.0, word) for post, word in zip(posts, why, strict=True)])


class ForYouView(FeedListView):
    """The ranked ids are in the cache, as ours are: `?snapshot=<id>&page=<n>`."""

    feed = "for_you"

    def get_queryset(self) -> list[Any]:
        found = snapshots.places_from(
            ranked.owner(self.request.user), int(self.request.query_params["snapshot"]), 0, 200
        )
        return found[1] if found else []

    def paginate_queryset(self, queryset: list[Any]) -> list[dict[str, Any]]:
        places = {place.post_id: place for place in super().paginate_queryset(queryset)}
        found = self.posts().in_bulk(list(places))
        posts = [found[post_id] for post_id in places if post_id in found]
        return self.items(posts, [places[post.pk] for post in posts])


def static_page(request: HttpRequest) -> HttpResponse:
    """The same bytes for everybody: what Django itself costs, with the product's middleware and nothing else."""
    return HttpResponse(_BODY, content_type="application/json")


_BODY = Path(os.environ["BENCH_BODY"]).read_bytes()

urlpatterns = [
    path("v1/control/static", static_page),
    path("v1/control/following", FollowingView.as_view()),
    path("v1/control/for_you", ForYouView.as_view()),
    path("", include("sora_social.urls")),
]
