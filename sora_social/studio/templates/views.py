"""Doors to templates."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest, country_of
from sora_social.core.idempotency import idempotent, idempotent_while
from sora_social.studio import listing
from sora_social.studio.templates import authoring, reading, using
from sora_social.studio.templates.wire import (
    TemplateIn,
    TemplateOut,
    TemplatePatchIn,
    TemplatesIn,
    TemplatesPageOut,
    TemplateUseIn,
)
from sora_social.studio.wire import GenerationOut


def _stands(request: PersonRequest, shown: Any) -> None:
    """The answer to a making is given again as long as its author may see the template."""
    reading.template_for(request.user, int(shown["id"]))


class TemplatesView(APIView):
    @extend_schema(parameters=[TemplatesIn], responses=TemplatesPageOut)
    def get(self, request: PersonRequest) -> Response:
        """Templates to use: those that most people made something with first, or the newest; or mine."""
        page = reading.templates_page(request.user, **TemplatesIn.checked(request.query_params))
        return Response(TemplatesPageOut(page).data)

    @extend_schema(request=TemplateIn, responses={201: TemplateOut})
    @idempotent_while(_stands)
    def post(self, request: PersonRequest) -> Response:
        """Make a template of my post: its recipe, with places for others to fill."""
        template = authoring.make_template(request.user, **TemplateIn.checked(request.data))
        return Response(TemplateOut(reading.template_for(request.user, template.pk)).data, status=201)


class TemplateView(APIView):
    @extend_schema(responses=TemplateOut)
    def get(self, request: PersonRequest, template_id: int) -> Response:
        """One template, in its newest version."""
        return Response(TemplateOut(reading.template_for(request.user, template_id)).data)

    @extend_schema(request=TemplatePatchIn, responses=TemplateOut)
    def patch(self, request: PersonRequest, template_id: int) -> Response:
        """Change my template: a new version. What was made with an older one keeps that one."""
        authoring.edit_template(request.user, template_id, **TemplatePatchIn.checked(request.data))
        return Response(TemplateOut(reading.template_for(request.user, template_id)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, template_id: int) -> Response:
        """Withdraw my template: nobody uses it any more, what was made with it keeps its credit. May be repeated."""
        authoring.withdraw_template(request.user, template_id)
        return Response(status=204)


class UseView(APIView):
    @extend_schema(request=TemplateUseIn, responses={202: GenerationOut})
    @idempotent
    def post(self, request: PersonRequest, template_id: int) -> Response:
        """Shoot the same: a template's recipe with my words and faces in its slots."""
        country = country_of(request, request.user.country)
        job = using.use(request.user, template_id, country=country, **TemplateUseIn.checked(request.data))
        return Response(GenerationOut(listing.job_for(request.user, job.pk)).data, status=202)
