"""Doors to the rules of a room, and to what its host does there."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest
from sora_social.core.wire import PageIn
from sora_social.posts.comments import hosting, reading, rules
from sora_social.posts.comments.room_wire import (
    ReasonIn,
    RestraintOut,
    RestraintsPageOut,
    RoomOut,
    RoomPatchIn,
    TimeoutIn,
)
from sora_social.posts.comments.wire import CommentOut, CommentsPageOut


class RoomView(APIView):
    @extend_schema(responses=RoomOut)
    def get(self, request: PersonRequest, post_id: int) -> Response:
        """The rules of the room of a post, and whether I may speak there now."""
        return Response(RoomOut(rules.room_for(request.user, post_id)).data)

    @extend_schema(request=RoomPatchIn, responses=RoomOut)
    def patch(self, request: PersonRequest, post_id: int) -> Response:
        """Change the rules of the room of my post."""
        return Response(RoomOut(rules.set_room(request.user, post_id, **RoomPatchIn.checked(request.data))).data)


class RestraintsView(APIView):
    @extend_schema(parameters=[PageIn], responses=RestraintsPageOut)
    def get(self, request: PersonRequest, post_id: int) -> Response:
        """Who may only listen in my room, and who is hidden there, newest first."""
        page = hosting.restraints_of(request.user, post_id, **PageIn.checked(request.query_params))
        return Response(RestraintsPageOut(page).data)


class TimeoutView(APIView):
    @extend_schema(request=TimeoutIn, responses=RestraintOut)
    def put(self, request: PersonRequest, post_id: int, handle: str) -> Response:
        """Let somebody only listen in my room for a while. They are told. Begins anew when repeated."""
        words = TimeoutIn.checked(request.data)
        return Response(RestraintOut(hosting.silence(request.user, post_id, handle, **words)).data)

    @extend_schema(parameters=[ReasonIn], responses={204: None})
    def delete(self, request: PersonRequest, post_id: int, handle: str) -> Response:
        """Let them speak again. May be repeated."""
        hosting.end_silence(request.user, post_id, handle, **ReasonIn.checked(request.query_params))
        return Response(status=204)


class HiddenView(APIView):
    @extend_schema(request=ReasonIn, responses={204: None})
    def put(self, request: PersonRequest, post_id: int, handle: str) -> Response:
        """Let nobody but themselves see what somebody says in my room. They are not told. May be repeated."""
        hosting.hide(request.user, post_id, handle, **ReasonIn.checked(request.data))
        return Response(status=204)

    @extend_schema(parameters=[ReasonIn], responses={204: None})
    def delete(self, request: PersonRequest, post_id: int, handle: str) -> Response:
        """Show them again, with all that they said. May be repeated."""
        hosting.show(request.user, post_id, handle, **ReasonIn.checked(request.query_params))
        return Response(status=204)


class HeldCommentsView(APIView):
    @extend_schema(parameters=[PageIn], responses=CommentsPageOut)
    def get(self, request: PersonRequest, post_id: int) -> Response:
        """What waits for review in my room, oldest first."""
        page = reading.held_comments(request.user, post_id, **PageIn.checked(request.query_params))
        return Response(CommentsPageOut(page).data)


class ApprovalView(APIView):
    @extend_schema(request=ReasonIn, responses=CommentOut)
    def put(self, request: PersonRequest, comment_id: int) -> Response:
        """Let a comment that was held come to everybody. May be repeated."""
        comment = hosting.approve(request.user, comment_id, **ReasonIn.checked(request.data))
        return Response(CommentOut(reading.seen_one(request.user, comment)).data)


class PinView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: PersonRequest, comment_id: int) -> Response:
        """Pin a thread under my post, in place of the one that was pinned. May be repeated."""
        hosting.pin(request.user, comment_id)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, comment_id: int) -> Response:
        """Pin it no more. May be repeated."""
        hosting.unpin(request.user, comment_id)
        return Response(status=204)
