"""The pages of the desk for topics: the words by which posts are found to be about something, and steering is heard."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import display
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from feeds.models import Topic
from sora_social.moderation import deciding, viewing
from sora_social.moderation.base_admin import DeskAdmin, label, short
from sora_social.moderation.models import SubjectType

_AREA = forms.Textarea(attrs={"rows": 6})


class TopicForm(forms.Form):
    """What may be changed of a topic."""

    name_en = forms.CharField(max_length=40, label="English name")
    name_zh = forms.CharField(max_length=40, label="Chinese name")
    words_en = forms.CharField(
        required=False,
        widget=_AREA,
        label="English words",
        help_text="Between commas or lines; plurals count too. With ~ a verb in all forms, with ? only a hint",
    )
    words_zh = forms.CharField(
        required=False, widget=_AREA, label="Chinese words", help_text="Found wherever they stand"
    )
    part_of = forms.SlugField(
        required=False, label="Part of", help_text="The code of a wider topic: no to it is no to this"
    )
    is_sensitive = forms.BooleanField(required=False, label="Sensitive", help_text="Never taken from imported words")
    is_active = forms.BooleanField(required=False, initial=True, label="In use")
    reason = forms.CharField(max_length=2000, help_text="Kept in the audit log")


class NewTopicForm(TopicForm):
    code = forms.SlugField(max_length=40, help_text="For good: small letters, digits, underscores")
    field_order = ("code",)


class TopicsPage(DeskAdmin):
    subject_type = SubjectType.TOPIC
    heading = "Topics"
    case_template = "moderation/topic.html"
    change_list_template = "moderation/topics.html"
    list_display = ("code", "name_en", "name_zh", "words", "part_of", "standing")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.topics()

    def get_urls(self) -> list[URLPattern]:
        add, edit = (self.admin_site.admin_view(view) for view in (self.new_view, self.edit_view))
        add.model_admin = edit.model_admin = self
        own = [
            path("new/", add, name="feeds_topic_new"),
            path("<id:object_id>/edit/", edit, name="feeds_topic_edit"),
        ]
        return [*own, *super().get_urls()]

    def case(self, subject_id: int) -> viewing.TopicCase:
        return viewing.topic_case(subject_id)

    def new_view(self, request: HttpRequest) -> HttpResponseBase:
        form = NewTopicForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            topic = deciding.add_topic(request.user, **form.cleaned_data)  # type: ignore[arg-type]  # the gate
            messages.success(request, "Added: posts are found to be about it from now on.")
            return HttpResponseRedirect(reverse("admin:feeds_topic_change", args=[topic.pk]))
        return self._form(request, form, "Add a topic")

    def edit_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        topic = viewing.topic_case(object_id).topic
        known = {name: getattr(topic, name) for name in TopicForm.base_fields if name != "reason"}
        form = TopicForm(request.POST if request.method == "POST" else None, initial=known)
        if request.method == "POST" and form.is_valid():
            deciding.change_topic(request.user, object_id, **form.cleaned_data)  # type: ignore[arg-type]  # the gate
            messages.success(request, "Changed: it counts for posts and instructions from now on.")
            return HttpResponseRedirect(reverse("admin:feeds_topic_change", args=[object_id]))
        return self._form(request, form, f"Change {topic.code}")

    def _form(self, request: HttpRequest, form: forms.Form, title: str) -> HttpResponseBase:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "form": form}
        request.current_app = self.admin_site.name  # read by `url`
        return TemplateResponse(request, "moderation/topic_form.html", context)

    @display(description="words")
    def words(self, topic: Topic) -> str:
        return short(f"{topic.words_en}, {topic.words_zh}")

    @label(description="state", label={"in use": "success", "sensitive": "warning", "not in use": "danger"})
    def standing(self, topic: Topic) -> str:
        if not topic.is_active:
            return "not in use"
        return "sensitive" if topic.is_sensitive else "in use"
