"""The pages of the desk for the ranker's models: which there are, how each fared, which one ranks."""

from typing import Any

from django.contrib.admin import display
from django.http import HttpRequest

from feeds.models import RankingModel
from sora_social.moderation import deciding, ranking_viewing
from sora_social.moderation.base_admin import Decision, DeskAdmin, label, short
from sora_social.moderation.models import SubjectType
from sora_social.moderation.ranking_viewing import ModelCase


class ModelsPage(DeskAdmin):
    subject_type = SubjectType.MODEL
    heading = "Ranking models"
    case_template = "moderation/ranking_model.html"
    list_filter = ("state",)
    list_display = ("version", "standing", "gained", "told", "impression_count", "created_at", "promoted_at")
    sortable_by = ()
    decisions = {
        "promote": Decision(
            "promote", "Promote", deciding.promote_model, "Promoted: it ranks in every process within seconds."
        ),
        "roll_back": Decision(
            "roll_back", "Take it back", deciding.roll_back_model, "Taken back: the one before ranks.", is_grave=True
        ),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return ranking_viewing.models()

    def case(self, subject_id: int) -> ModelCase:
        return ranking_viewing.model_case(subject_id)

    def offered(self, case: ModelCase) -> list[str]:
        return ["roll_back"] if case.is_live else ["promote"]

    @label(description="state", label={"live": "success", "candidate": "info"})
    def standing(self, model: RankingModel) -> tuple[str, str]:
        return model.state, model.get_state_display()

    @display(description="NDCG")
    def gained(self, model: RankingModel) -> str:
        return ranking_viewing.gain(model)

    @display(description="verdict")
    def told(self, model: RankingModel) -> str:
        return short(model.verdict)
