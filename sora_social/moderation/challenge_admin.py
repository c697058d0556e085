"""The pages of the desk for challenges: which there are, to announce one, change it, end it, take it off the list."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from sora_social.challenges.models import Challenge
from sora_social.core.plaintext import is_plain
from sora_social.moderation import deciding, viewing
from sora_social.moderation.base_admin import Decision, DeskAdmin, label, short, state_filter
from sora_social.moderation.models import SubjectType

_MOMENT = "%Y-%m-%dT%H:%M"


def _plain(text: str) -> None:
    if not is_plain(text):
        raise ValidationError("Control characters have no place here.")


def _moment(words: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format=_MOMENT, attrs={"type": "datetime-local"})
    return forms.DateTimeField(input_formats=[_MOMENT, f"{_MOMENT}:%S"], widget=widget, help_text=words)


class ChallengeForm(forms.Form):
    """What a challenge says, and when; with the reason for it."""

    title = forms.CharField(max_length=80, validators=[_plain])
    description = forms.CharField(
        max_length=1000, required=False, validators=[_plain], widget=forms.Textarea(attrs={"rows": 3})
    )
    prompt = forms.CharField(
        max_length=300, required=False, validators=[_plain], help_text="A suggestion that people begin with"
    )
    tag = forms.CharField(
        max_length=100, required=False, validators=[RegexValidator(r"^\w+$")], help_text="Without #: goes with it"
    )
    starts_at = _moment("UTC")
    ends_at = _moment("UTC; an entry may be published a little later")
    reason = forms.CharField(min_length=3, max_length=2000, help_text="Kept in the audit log")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        starts_at, ends_at = said.get("starts_at"), said.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "It ends after it starts.")
        return said


class ChallengesPage(DeskAdmin):
    subject_type = SubjectType.CHALLENGE
    heading = "Challenges"
    case_template = "moderation/challenge.html"
    change_list_template = "moderation/challenges.html"
    list_filter = (state_filter("State", "state", viewing.CHALLENGE_STATES),)
    list_display = ("title", "standing", "words", "entries", "people", "starts_at", "ends_at")
    sortable_by = ()
    decisions = {
        "end": Decision("end", "End now", deciding.end_challenge, "Ended.", is_grave=True),
        "unlist": Decision("unlist", "Take off the list", deciding.unlist_challenge, "Off the list.", is_grave=True),
        "list": Decision("list", "Put on the list", deciding.relist_challenge, "On the list again."),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.challenges()

    def get_urls(self) -> list[URLPattern]:
        forms_of = (("new/", self.announce_view, "announce"), ("<id:object_id>/edit/", self.edit_view, "edit"))
        urls = []
        for place, door, name in forms_of:
            view = self.admin_site.admin_view(door)
            view.model_admin = self
            urls.append(path(place, view, name=f"challenges_challenge_{name}"))
        return [*urls, *super().get_urls()]

    def case(self, subject_id: int) -> viewing.ChallengeCase:
        return viewing.challenge_case(subject_id)

    def offered(self, case: viewing.ChallengeCase) -> list[str]:
        ends = ["end"] if case.state == "open" else []
        return [*ends, "unlist" if case.challenge.is_listed else "list"]

    def announce_view(self, request: HttpRequest) -> HttpResponseBase:
        return self._form_view(request, deciding.announce_challenge, done="Announced.", title="New challenge")

    def edit_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        challenge = viewing.challenge_case(object_id).challenge

        def change(moderator: Any, **words: Any) -> Challenge:
            return deciding.change_challenge(moderator, object_id, **words)

        return self._form_view(request, change, done="Changed.", title=f"Change “{challenge}”", begin=challenge)

    def _form_view(
        self,
        request: HttpRequest,
        act: Callable[..., Challenge],
        *,
        done: str,
        title: str,
        begin: Challenge | None = None,
    ) -> HttpResponseBase:
        initial = {name: getattr(begin, name) for name in ChallengeForm.base_fields if hasattr(begin, name)}
        form = ChallengeForm(request.POST if request.method == "POST" else None, initial=initial)
        if request.method == "POST" and form.is_valid():
            challenge = act(request.user, **form.cleaned_data)
            messages.success(request, done)
            return HttpResponseRedirect(reverse("admin:challenges_challenge_change", args=[challenge.pk]))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "form": form}
        return TemplateResponse(request, "moderation/challenge_form.html", context)

    @label(description="state", label={"open": "success", "coming": "info", "not listed": "danger"})
    def standing(self, challenge: Challenge) -> str:
        return viewing.state_of_challenge(challenge)

    @display(description="what it says")
    def words(self, challenge: Challenge) -> str:
        return short(challenge.description or challenge.prompt)

    @display(description="entries")
    def entries(self, challenge: Any) -> int:
        return int(challenge.entry_count)

    @display(description="people")
    def people(self, challenge: Any) -> int:
        return int(challenge.person_count)
