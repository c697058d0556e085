"""The pages of the desk for experiments with the cards of the feed: which there were, one to start, one to stop."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from feeds.models import Experiment
from ranking.experiments import ARMS
from sora_social.moderation import deciding, viewing
from sora_social.moderation.base_admin import Decision, DeskAdmin, label
from sora_social.moderation.models import SubjectType


class StartForm(forms.Form):
    """What an experiment is begun with; a share of 0 leaves an arm out."""

    name = forms.SlugField(max_length=40, help_text="Small letters, digits, hyphens: the report is asked for by it")
    control = forms.FloatField(min_value=0, initial=1, help_text="Share: logged, and shown no card")
    break_only = forms.FloatField(min_value=0, initial=1, help_text="Share: a break is offered")
    create_offer = forms.FloatField(min_value=0, initial=1, help_text="Share: what everybody has without an experiment")
    friend_offer = forms.FloatField(min_value=0, initial=1, help_text="Share: what a friend has part in comes first")
    days = forms.IntegerField(min_value=1, max_value=180, initial=28)
    minimum_people = forms.IntegerField(min_value=2, max_value=10_000_000, initial=1000, help_text="In each arm")
    minimum_effect = forms.FloatField(min_value=0.001, max_value=10, initial=0.2, help_text="Relative: 0.2 is a fifth")
    reason = forms.CharField(max_length=2000, help_text="Kept in the audit log")

    def terms(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        shares = {arm: said.pop(arm) for arm in ARMS}
        return {**said, "shares": shares}


class ExperimentsPage(DeskAdmin):
    subject_type = SubjectType.EXPERIMENT
    heading = "Experiments"
    case_template = "moderation/experiment.html"
    change_list_template = "moderation/experiments.html"
    list_display = ("name", "standing", "shares", "starts_at", "ends_at")
    sortable_by = ()
    decisions = {
        "stop": Decision("stop", "Stop", deciding.stop_experiment, "Stopped.", is_grave=True),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.experiments()

    def get_urls(self) -> list[URLPattern]:
        start = self.admin_site.admin_view(self.start_view)
        start.model_admin = self
        return [path("start/", start, name="feeds_experiment_start"), *super().get_urls()]

    def case(self, subject_id: int) -> viewing.ExperimentCase:
        return viewing.experiment_case(subject_id)

    def offered(self, case: viewing.ExperimentCase) -> list[str]:
        return ["stop"] if case.is_running else []

    def start_view(self, request: HttpRequest) -> HttpResponseBase:
        form = StartForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            experiment = deciding.start_experiment(
                request.user,  # type: ignore[arg-type]  # the gate let staff in
                **form.terms(),
            )
            messages.success(request, "Started: cards fall into its arms from now on.")
            return HttpResponseRedirect(reverse("admin:feeds_experiment_change", args=[experiment.pk]))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "Start", "form": form}
        return TemplateResponse(request, "moderation/start_experiment.html", context)

    @label(description="state", label={"running": "success", "over": "info"})
    def standing(self, experiment: Experiment) -> str:
        return "running" if experiment.is_running(timezone.now()) else "over"

    @display(description="shares")
    def shares(self, experiment: Experiment) -> str:
        return ", ".join(f"{arm} {share:g}" for arm, share in experiment.arms.items() if share)
