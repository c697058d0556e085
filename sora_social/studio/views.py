"""Doors to the studio."""

from typing import Any

import orjson
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest, country_of
from sora_social.core.idempotency import idempotent, idempotent_while
from sora_social.core.wire import PageIn
from sora_social.posts import posting, presenting
from sora_social.posts.wire import PostOut
from sora_social.studio import cancelling, cocreating, drafts, listing, publishing, submitting
from sora_social.studio.wire import (
    CoCreatorsOut,
    DraftOut,
    DraftsPageOut,
    GenerationIn,
    GenerationOut,
    GenerationsPageOut,
    InvitationsPageOut,
    PublishIn,
    RemixIn,
)


def _country(request: PersonRequest) -> str:
    return country_of(request, request.user.country)


class GenerationsView(APIView):
    @extend_schema(parameters=[PageIn], responses=GenerationsPageOut)
    def get(self, request: PersonRequest) -> Response:
        """My jobs, newest first."""
        page = listing.jobs_of(request.user, **PageIn.checked(request.query_params))
        return Response(GenerationsPageOut(page).data)

    @extend_schema(request=GenerationIn, responses={202: GenerationOut})
    @idempotent
    def post(self, request: PersonRequest) -> Response:
        """Ask for clips. A request that the safety rules stop is accepted too, and comes back as `refused`."""
        job = submitting.submit(request.user, country=_country(request), **GenerationIn.checked(request.data))
        return Response(GenerationOut(listing.job_for(request.user, job.pk)).data, status=202)


class GenerationView(APIView):
    @extend_schema(responses=GenerationOut)
    def get(self, request: PersonRequest, job_id: int) -> Response:
        """One of my jobs, with its drafts."""
        return Response(GenerationOut(listing.job_for(request.user, job_id)).data)


class CancelView(APIView):
    @extend_schema(request=None, responses=GenerationOut)
    def post(self, request: PersonRequest, job_id: int) -> Response:
        """Stop my job; its clips come back to my quota. May be repeated."""
        cancelling.cancel(request.user, job_id)
        return Response(GenerationOut(listing.job_for(request.user, job_id)).data)


class RerollView(APIView):
    @extend_schema(request=None, responses={202: GenerationOut})
    @idempotent
    def post(self, request: PersonRequest, job_id: int) -> Response:
        """The same again, with another seed."""
        job = submitting.reroll(request.user, job_id, country=_country(request))
        return Response(GenerationOut(listing.job_for(request.user, job.pk)).data, status=202)


class RemixView(APIView):
    @extend_schema(request=RemixIn, responses={202: GenerationOut})
    @idempotent
    def post(self, request: PersonRequest, post_id: int) -> Response:
        """Make something of this post: change it (`remix`) or go on from its end (`extend`)."""
        job = submitting.remix(request.user, post_id, country=_country(request), **RemixIn.checked(request.data))
        return Response(GenerationOut(listing.job_for(request.user, job.pk)).data, status=202)


class DraftsView(APIView):
    @extend_schema(parameters=[PageIn], responses=DraftsPageOut)
    def get(self, request: PersonRequest) -> Response:
        """My drafts, newest first."""
        page = listing.drafts_of(request.user, **PageIn.checked(request.query_params))
        return Response(DraftsPageOut(page).data)


class DraftView(APIView):
    @extend_schema(responses=DraftOut)
    def get(self, request: PersonRequest, draft_id: int) -> Response:
        """A draft of mine, or one into which I am invited, with fresh media links."""
        return Response(DraftOut(listing.draft_for(request.user, draft_id)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, draft_id: int) -> Response:
        """Throw my draft away, with its files. A post made of it stays."""
        drafts.delete_draft(request.user, draft_id)
        return Response(status=204)


class InvitationsView(APIView):
    @extend_schema(parameters=[PageIn], responses=InvitationsPageOut)
    def get(self, request: PersonRequest) -> Response:
        """Drafts of others into which I am invited, the newest invitation first."""
        page = listing.invitations_of(request.user, **PageIn.checked(request.query_params))
        return Response(InvitationsPageOut(page).data)


class CoCreatorsView(APIView):
    @extend_schema(responses=CoCreatorsOut)
    def get(self, request: PersonRequest, draft_id: int) -> Response:
        """Who is invited into a draft, for its owner and who is invited."""
        return Response(CoCreatorsOut(cocreating.circle_of(request.user, draft_id)).data)


class CoCreatorView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: PersonRequest, draft_id: int, handle: str) -> Response:
        """Invite a mutual into my draft. May be repeated."""
        cocreating.invite(request.user, draft_id, handle)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, draft_id: int, handle: str) -> Response:
        """Take an invitation into my draft back, or, with my own handle, leave somebody else's."""
        cocreating.end(request.user, draft_id, handle)
        return Response(status=204)


class AcceptInvitationView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: PersonRequest, draft_id: int) -> Response:
        """Be credited when the draft is published; takes my veto back. May be repeated."""
        cocreating.accept(request.user, draft_id)
        return Response(status=204)


class VetoView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: PersonRequest, draft_id: int) -> Response:
        """Stop a draft into which I am invited from being published. Nobody is told who did. May be repeated."""
        cocreating.veto(request.user, draft_id)
        return Response(status=204)


def _stands(request: PersonRequest, shown: Any) -> None:
    """The answer to a publication is given again as long as its author may see the post."""
    posting.post_for(request.user, int(shown["id"]))


class PublishView(APIView):
    @extend_schema(request=PublishIn, responses={201: PostOut})
    @idempotent_while(_stands)
    def post(self, request: PersonRequest, draft_id: int) -> Response:
        """Make a post of my draft."""
        post = publishing.publish_draft(request.user, draft_id, **PublishIn.checked(request.data))
        return Response(orjson.loads(presenting.present_one(request.user, post.pk)), status=201)


@require_safe
def draft_media(request: HttpRequest, draft_id: int, grant: str, name: str) -> HttpResponseBase:
    """A file of my draft, by a signed link."""
    return drafts.serve_media(request, draft_id, grant=grant, name=name)
