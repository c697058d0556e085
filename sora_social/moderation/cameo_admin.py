"""The pages of the desk for faces: enrolments to look at, and names to close."""

from typing import Any

from django.contrib.admin import display
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cameos.models import Cameo, CameoStatus, Memorial, MemorialStatus
from sora_social.moderation import deciding, viewing
from sora_social.moderation.base_admin import Decision, DeskAdmin, label, link_to, short, state_filter
from sora_social.moderation.models import SubjectType


class CameosPage(DeskAdmin):
    subject_type = SubjectType.CAMEO
    heading = "Cameos"
    case_template = "moderation/cameo.html"
    reason_note = "Reason (kept in the audit log; that of a rejection is told to the owner)"
    search_fields = ("display_name",)
    search_help_text = "An id, or the beginning of a handle"
    list_filter = (state_filter("State", "state", viewing.CAMEO_STATES), "kind", "created_at")
    list_display = ("picture", "who", "kind", "standing", "doubts", "owner_link", "created_at")
    list_display_links = ("picture", "who")
    sortable_by = ()
    decisions = {
        "approve": Decision("approve", "Approve", deciding.approve_cameo, "Approved: the cameo is in force."),
        "reject": Decision(
            "reject", "Reject", deciding.reject_cameo, "Rejected: the owner is told why.", is_grave=True
        ),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.cameos()

    def searched(self, rows: Any, term: str) -> Any:
        return viewing.search_cameos(rows, term)

    def case(self, subject_id: int) -> viewing.CameoCase:
        return viewing.cameo_case(subject_id)

    def has_player(self, case: viewing.CameoCase) -> bool:
        return bool(case.recording)

    def offered(self, case: viewing.CameoCase) -> list[str]:
        return ["approve", "reject"] if case.cameo.status == CameoStatus.PENDING_REVIEW else []

    def after_decision(self, object_id: int) -> str:
        return f"{reverse('admin:cameos_cameo_changelist')}?state=to_review"

    @display(description="portrait")
    def picture(self, cameo: Cameo) -> SafeString | str:
        if not cameo.portrait_key:
            return "—"
        portrait = reverse("admin:cameo_file", args=[cameo.pk, "portrait.jpg"])
        return format_html('<img class="desk-thumbnail" src="{}" alt="" loading="lazy">', portrait)

    @display(description="cameo")
    def who(self, cameo: Cameo) -> str:
        return f"@{cameo.handle} · {cameo.display_name}" if cameo.display_name else f"@{cameo.handle}"

    @label(description="state", label={"pending_review": "warning", "active": "success", "rejected": "danger"})
    def standing(self, cameo: Cameo) -> tuple[str, str]:
        return cameo.status, cameo.get_status_display()

    @display(description="not passed")
    def doubts(self, cameo: Cameo) -> str:
        return viewing.doubts_of(cameo)

    @display(description="owner")
    def owner_link(self, cameo: Cameo) -> SafeString:
        return link_to(cameo.owner)


class MemorialsPage(DeskAdmin):
    subject_type = SubjectType.MEMORIAL
    heading = "Memorials"
    case_template = "moderation/memorial.html"
    list_filter = ("status", "created_at")
    list_display = ("name", "standing", "relation", "words", "claimant_link", "created_at")
    sortable_by = ()
    decisions = {
        "close": Decision(
            "close", "Close the names", deciding.close_memorial, "Closed: prompts with them are refused."
        ),
        "decline": Decision("decline", "Decline", deciding.decline_memorial, "Declined.", is_grave=True),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.memorials()

    def case(self, subject_id: int) -> viewing.MemorialCase:
        return viewing.memorial_case(subject_id)

    def offered(self, case: viewing.MemorialCase) -> list[str]:
        if case.memorial.status == MemorialStatus.PENDING:
            return [*self.decisions]
        return ["decline"] if case.memorial.status == MemorialStatus.CLOSED else ["close"]

    @label(description="state", label={"pending": "warning", "closed": "success"})
    def standing(self, memorial: Memorial) -> tuple[str, str]:
        return memorial.status, memorial.get_status_display()

    @display(description="evidence")
    def words(self, memorial: Memorial) -> str:
        return short(memorial.evidence)

    @display(description="claimed by")
    def claimant_link(self, memorial: Memorial) -> SafeString:
        return link_to(memorial.claimant)
