"""Doors to the consent ledger."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cameos import anchoring, evidence, receipts, releases, signing
from cameos.ledger_wire import ConsentKeysOut, LedgerPageOut, ReceiptAnswerOut, ReleaseTermsOut, record_on_wire
from cameos.throttling import EvidenceThrottle
from sora_social.accounts.admission import InAnyStanding, PersonRequest
from sora_social.core.http import JSONRenderer
from sora_social.core.wire import PageIn

ZIP = "application/zip"


class ZipRenderer(BaseRenderer):
    """So that a client may ask for a ZIP; what answers it is no DRF response."""

    media_type = ZIP
    format = "zip"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:
        return data


class ReleaseTermsView(APIView):
    authentication_classes = []
    permission_classes = []

    @extend_schema(operation_id="get_release_terms", responses=ReleaseTermsOut, auth=[])
    def get(self, request: Request, version: str) -> Response:
        """The text that a person agrees to before anything is recorded, in any version there was. Needs no account."""
        return Response(ReleaseTermsOut(releases.terms(version)).data)


class ConsentKeysView(APIView):
    authentication_classes = []
    permission_classes = []

    @extend_schema(operation_id="get_consent_keys", responses=ConsentKeysOut, auth=[])
    def get(self, request: Request) -> Response:
        """The keys that receipts, evidence and anchors are signed with. Needs no account."""
        anchor = anchoring.newest_anchor()
        newest = anchor and {"number": anchor.number, "root": bytes(anchor.root).hex(), "at": anchor.published_at}
        return Response({**signing.key_set(), "anchor": newest})


class ReceiptView(APIView):
    permission_classes = [InAnyStanding]

    @extend_schema(responses=ReceiptAnswerOut)
    def get(self, request: PersonRequest, record_id: int) -> Response:
        """The signed receipt of a record of my cameo, or of a grant to me."""
        receipt = receipts.receipt_for(request.user, record_id)
        return Response({"receipt": receipt.content, "jws": receipt.jws})


class LedgerView(APIView):
    permission_classes = [InAnyStanding]

    @extend_schema(parameters=[PageIn], responses=LedgerPageOut)
    def get(self, request: PersonRequest, cameo_id: int) -> Response:
        """What was agreed to with my cameo, newest first. It stays when the cameo is erased."""
        page = receipts.records_of(request.user, cameo_id, **PageIn.checked(request.query_params))
        unnamed = receipts.behind_walls_of(request.user)
        return Response(
            {"items": [record_on_wire(record, unnamed=unnamed) for record in page.items], "next": page.next}
        )


class EvidenceView(APIView):
    permission_classes = [InAnyStanding]
    renderer_classes = [JSONRenderer, ZipRenderer]
    throttle_classes = [EvidenceThrottle]

    @extend_schema(responses={(200, ZIP): OpenApiTypes.BINARY})
    def get(self, request: PersonRequest, cameo_id: int) -> HttpResponse:
        """All evidence about my cameo in one signed archive, with a script that verifies it anywhere."""
        archive = evidence.evidence_of(request.user, cameo_id)
        name = f'attachment; filename="evidence-{cameo_id}.zip"'
        return HttpResponse(archive, content_type=ZIP, headers={"Content-Disposition": name})
