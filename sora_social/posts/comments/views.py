"""Doors to comments and to the live rooms."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest
from sora_social.core.idempotency import idempotent_while
from sora_social.core.wire import PageIn
from sora_social.posts.comments import commenting, reading
from sora_social.posts.comments.room_wire import ReasonIn
from sora_social.posts.comments.wire import (
    CommentIn,
    CommentOut,
    CommentPatchIn,
    CommentsIn,
    CommentsPageOut,
    LiveTicketOut,
)
from sora_social.posts.live import tickets
from sora_social.posts.posting import post_for


def _post_stands(request: PersonRequest, shown: Any) -> None:
    """The answer is given again as long as the post is there for who asks."""
    post_for(request.user, int(shown["post_id"]))


class CommentsView(APIView):
    @extend_schema(parameters=[CommentsIn], responses=CommentsPageOut)
    def get(self, request: PersonRequest, post_id: int) -> Response:
        """The threads under a post; or all comments as they come in the video; or all that happened since a number."""
        asked = CommentsIn.checked(request.query_params)
        return Response(CommentsPageOut(reading.page_of(request.user, post_id, **asked)).data)

    @extend_schema(request=CommentIn, responses={201: CommentOut})
    @idempotent_while(_post_stands)
    def post(self, request: PersonRequest, post_id: int) -> Response:
        """Comment, or reply. With a `client_id` a repeat gives the first comment again."""
        comment = commenting.say(request.user, post_id, **CommentIn.checked(request.data))
        return Response(CommentOut(reading.seen_one(request.user, comment)).data, status=201)


class CommentView(APIView):
    @extend_schema(request=CommentPatchIn, responses=CommentOut)
    def patch(self, request: PersonRequest, comment_id: int) -> Response:
        """Change the words of my comment, within five minutes."""
        comment = commenting.edit(request.user, comment_id, **CommentPatchIn.checked(request.data))
        return Response(CommentOut(reading.seen_one(request.user, comment)).data)

    @extend_schema(parameters=[ReasonIn], responses={204: None})
    def delete(self, request: PersonRequest, comment_id: int) -> Response:
        """Remove my comment, or one under my post. May be repeated."""
        commenting.remove(request.user, comment_id, **ReasonIn.checked(request.query_params))
        return Response(status=204)


class CommentLikeView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: PersonRequest, comment_id: int) -> Response:
        """Like a comment. May be repeated."""
        commenting.like(request.user, comment_id)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, comment_id: int) -> Response:
        """Like it no more. May be repeated."""
        commenting.unlike(request.user, comment_id)
        return Response(status=204)


class RepliesView(APIView):
    @extend_schema(parameters=[PageIn], responses=CommentsPageOut)
    def get(self, request: PersonRequest, comment_id: int) -> Response:
        """The replies of a thread, oldest first."""
        page = reading.replies_to(request.user, comment_id, **PageIn.checked(request.query_params))
        return Response(CommentsPageOut(page).data)


class LiveTicketView(APIView):
    @extend_schema(request=None, responses={201: LiveTicketOut})
    def post(self, request: PersonRequest) -> Response:
        """A ticket for one socket, good for one use within 30 s."""
        ticket = tickets.issue(request.user, session_token=str(request.auth))
        return Response(LiveTicketOut(ticket).data, status=201)
