"""Doors to the accounts room."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts import invites, people, ties
from sora_social.accounts.admission import PersonRequest, SignedIn
from sora_social.accounts.wire import (
    BlockedPageOut,
    InvitesOut,
    MeOut,
    MePatchIn,
    PeoplePageOut,
    PersonOut,
    WaitlistIn,
)
from sora_social.core.cursors import keyset_page
from sora_social.core.wire import PageIn


class MeView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=MeOut)
    def get(self, request: PersonRequest) -> Response:
        """My account. The one path that answers people on the waitlist."""
        return Response(MeOut(request.user).data)

    @extend_schema(request=MePatchIn, responses=MeOut)
    def patch(self, request: PersonRequest) -> Response:
        """Change my profile. An old handle keeps leading to me."""
        return Response(MeOut(people.update_profile(request.user, **MePatchIn.checked(request.data))).data)


class BlockedView(APIView):
    @extend_schema(parameters=[PageIn], responses=BlockedPageOut)
    def get(self, request: PersonRequest) -> Response:
        """The people I blocked."""
        page = keyset_page(ties.blocked_by(request.user), purpose="blocked", **PageIn.checked(request.query_params))
        return Response(BlockedPageOut(page).data)


class PersonView(APIView):
    @extend_schema(responses=PersonOut)
    def get(self, request: PersonRequest, handle: str) -> Response:
        """A profile, by a handle that the person has or had."""
        return Response(PersonOut(people.person_for(request.user, handle)).data)


class FollowView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: PersonRequest, handle: str) -> Response:
        """Follow. May be repeated."""
        ties.follow(request.user, handle)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, handle: str) -> Response:
        """Follow no more. May be repeated."""
        ties.unfollow(request.user, handle)
        return Response(status=204)


class BlockView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: PersonRequest, handle: str) -> Response:
        """Block: two-way and total, from the next request on."""
        ties.block(request.user, handle)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, handle: str) -> Response:
        """Take my block away. Follows do not come back."""
        ties.unblock(request.user, handle)
        return Response(status=204)


class MuteView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: PersonRequest, handle: str) -> Response:
        """Keep somebody out of my feeds. They never learn of it."""
        ties.mute(request.user, handle)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, handle: str) -> Response:
        """Let them back into my feeds."""
        ties.unmute(request.user, handle)
        return Response(status=204)


class FollowersView(APIView):
    @extend_schema(parameters=[PageIn], responses=PeoplePageOut)
    def get(self, request: PersonRequest, handle: str) -> Response:
        """Who follows this person, newest first."""
        page = ties.followers_page(request.user, handle, **PageIn.checked(request.query_params))
        return Response(PeoplePageOut(page).data)


class FollowingView(APIView):
    @extend_schema(operation_id="list_person_following", parameters=[PageIn], responses=PeoplePageOut)
    def get(self, request: PersonRequest, handle: str) -> Response:
        """Whom this person follows, newest first."""
        page = ties.following_page(request.user, handle, **PageIn.checked(request.query_params))
        return Response(PeoplePageOut(page).data)


class InvitesView(APIView):
    @extend_schema(responses=InvitesOut)
    def get(self, request: PersonRequest) -> Response:
        """My invite codes, unused ones first."""
        return Response(InvitesOut({"items": invites.of(request.user), "next": None}).data)


class WaitlistView(APIView):
    authentication_classes = []
    permission_classes = []

    @extend_schema(operation_id="join_waitlist", request=WaitlistIn, responses={202: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Ask to be told when the doors open. Needs no account; the answer tells nothing of the address."""
        invites.join_waitlist(**WaitlistIn.checked(request.data))
        return Response(status=202)
