"""The pages of the desk for templates: which there are, what they say, to remove one and to bring it back."""

from typing import Any

from django.contrib.admin import display
from django.http import HttpRequest

from sora_social.moderation import deciding, viewing
from sora_social.moderation.base_admin import Decision, DeskAdmin, label, link_to, short, state_filter
from sora_social.moderation.models import SubjectType
from sora_social.studio.templates.models import Template


class TemplatesPage(DeskAdmin):
    subject_type = SubjectType.TEMPLATE
    heading = "Templates"
    case_template = "moderation/template.html"
    list_filter = (state_filter("State", "state", viewing.TEMPLATE_STATES),)
    list_display = ("title", "standing", "words", "author", "uses", "people", "created_at")
    sortable_by = ()
    decisions = {
        "remove": Decision("remove", "Remove", deciding.remove_template, "Removed.", is_grave=True),
        "restore": Decision("restore", "Restore", deciding.restore_template, "Restored."),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.templates()

    def case(self, subject_id: int) -> viewing.TemplateCase:
        return viewing.template_case(subject_id)

    def offered(self, case: viewing.TemplateCase) -> list[str]:
        return ["remove" if case.template.removed_at is None else "restore"]

    @display(description="title")
    def title(self, template: Template) -> str:
        return template.recipe.title

    @label(description="state", label={"in use": "success", "removed": "danger"})
    def standing(self, template: Template) -> str:
        return viewing.state_of_template(template)

    @display(description="what it says")
    def words(self, template: Template) -> str:
        return short(template.recipe.prompt)

    @display(description="author")
    def author(self, template: Template) -> str:
        return link_to(template.author)

    @display(description="uses")
    def uses(self, template: Template) -> int:
        return template.use_count

    @display(description="people")
    def people(self, template: Template) -> int:
        return template.person_count
