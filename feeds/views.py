"""Doors to the feeds."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feeds import feedback, pages
from feeds.learning import serving_model
from feeds.scroll import scrolling
from feeds.throttling import FreshFeedThrottle
from feeds.wire import FeedIn, FeedPageOut, ImpressionsIn, RankingCardOut, StoredOut, WhyOut
from sora_social.accounts.admission import PersonRequest, country_of
from sora_social.core.languages import language_of
from sora_social.core.problems import json_bytes
from sora_social.core.wire import PageIn
from sora_social.posts import listing, presenting
from sora_social.posts.wire import PostsPageOut


class FeedView(APIView):
    throttle_classes = [FreshFeedThrottle]

    @extend_schema(parameters=[FeedIn], responses=FeedPageOut)
    def get(self, request: PersonRequest) -> HttpResponse:
        """A page of a feed; each item says why it is there."""
        words = FeedIn.checked(request.query_params)
        region = country_of(request, request.user.country)
        language = language_of(request.headers.get("Accept-Language", ""))
        return json_bytes(pages.page_for(request.user, region=region, language=language, **words))


class TagView(APIView):
    @extend_schema(operation_id="list_tag_posts", parameters=[PageIn], responses=PostsPageOut)
    def get(self, request: PersonRequest, tag: str) -> HttpResponse:
        """Posts with a #tag, newest first. 409 `pause_required` while the scroll pauses."""
        scrolling.require_none(request.user)
        page = listing.posts_tagged(request.user, tag, **PageIn.checked(request.query_params))
        return json_bytes(presenting.present_page(request.user, page))


class RankingCardView(APIView):
    @extend_schema(responses=RankingCardOut)
    def get(self, request: PersonRequest) -> Response:
        """The weights and rules that order For You, the model that they rest on, and its version."""
        return Response(RankingCardOut(serving_model.card()).data)


class ImpressionsView(APIView):
    @extend_schema(operation_id="report_impressions", request=ImpressionsIn, responses={202: StoredOut})
    def post(self, request: PersonRequest) -> Response:
        """What I saw of what I was served. May be repeated: the first word on an impression counts."""
        stored = feedback.report_watches(request.user, ImpressionsIn.checked(request.data)["items"])
        return Response({"stored": stored}, status=202)


class NotInterestedView(APIView):
    @extend_schema(operation_id="mark_not_interested", request=None, responses={204: None})
    def post(self, request: PersonRequest, post_id: int) -> Response:
        """Less like this, please."""
        feedback.not_interested(request.user, post_id)
        return Response(status=204)


class WhyView(APIView):
    @extend_schema(responses=WhyOut)
    def get(self, request: PersonRequest, post_id: int) -> Response:
        """Why was I shown this? The reasons logged with the impression."""
        return Response({"items": feedback.why(request.user, post_id)})
