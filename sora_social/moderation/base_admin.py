"""What the pages of the desk share: lists and cases to look at, and decisions with a reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.admin import SimpleListFilter
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.admin import ModelAdmin
from unfold.decorators import display as unfold_display

from sora_social.media.models import Clip
from sora_social.moderation import viewing
from sora_social.moderation.models import SubjectType

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Decision:
    """A button with a reason beside it: what it is called, and the activity it hands over to."""

    name: str
    label: str
    act: Callable[..., None]
    done: str
    is_grave: bool = False


class DeskAdmin(ModelAdmin):  # type: ignore[misc]
    """Lists and cases to look at. Nothing is added, edited or deleted here; things change by decisions alone."""

    subject_type = SubjectType.PAGE
    heading = ""
    case_template = ""
    reason_note = "Reason (kept in the audit log)"
    decisions: Mapping[str, Decision] = {}

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filters that the page offers: no column can be asked for letter by letter."""
        offered = {offer if isinstance(offer, str) else offer.parameter_name for offer in self.list_filter}
        return lookup.partition("__")[0] in offered

    list_per_page = 30
    list_max_show_all = 30
    show_full_result_count = False
    list_filter_submit = False
    list_fullwidth = True
    list_disable_select_all = True
    actions: Sequence[Any] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    has_module_permission = has_view_permission

    def searched(self, rows: Any, term: str) -> Any:
        return rows

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return self.searched(queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_decide"
        view = self.admin_site.admin_view(self.decide_view)
        view.model_admin = self
        return [path("<id:object_id>/decide/<slug:decision>/", view, name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        answer: HttpResponseBase = super().changelist_view(request, {"title": self.heading, **(extra_context or {})})
        return answer

    def case(self, subject_id: int) -> Any:
        """What the page of one subject shows. Raises NotFound."""
        raise Http404

    def offered(self, case: Any) -> list[str]:
        """The names of the decisions that make sense for this case now."""
        return []

    def has_player(self, case: Any) -> bool:
        """Whether the page begins with a clip."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        if not object_id.isdecimal() or int(object_id) >= 2**63:
            raise Http404
        case = self.case(int(object_id))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.heading,
            "subtitle": object_id,
            "case": case,
            "subject_type": self.subject_type,
            "object_id": object_id,
            "decisions": [self.decisions[name] for name in self.offered(case)],
            "reason_note": self.reason_note,
            "has_player": self.has_player(case),
            "decide_url": f"admin:{self.opts.app_label}_{self.opts.model_name}_decide",
        }
        request.current_app = self.admin_site.name  # read by `url`
        return TemplateResponse(request, self.case_template, context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponseBase:
        log = reverse("admin:moderation_auditentry_changelist")
        return HttpResponseRedirect(f"{log}?{urlencode({'q': object_id})}")

    def decide_view(self, request: HttpRequest, object_id: int, decision: str) -> HttpResponseBase:
        chosen = self.decisions.get(decision)
        if chosen is None or request.method != "POST":
            raise Http404
        chosen.act(request.user, object_id, reason=request.POST.get("reason", ""))
        messages.success(request, chosen.done)
        return HttpResponseRedirect(self.after_decision(object_id))

    def after_decision(self, object_id: int) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id])


def state_filter(heading: str, name: str, states: Mapping[str, tuple[str, viewing.Narrow]]) -> type[SimpleListFilter]:
    """A filter of a list whose choices are declared in `viewing`."""

    class StateFilter(SimpleListFilter):
        title = heading
        parameter_name = name

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(key, words) for key, (words, _) in states.items()]

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            chosen = states.get(self.value() or "")
            return chosen[1](queryset) if chosen else queryset

    return StateFilter


def label(**options: Any) -> Callable[[F], F]:
    """A coloured label in a list."""
    return cast(Callable[[F], F], unfold_display(**options))


def link_to(subject: Any, text: str = "") -> SafeString:
    meta = subject._meta
    return format_html(
        '<a class="desk-link" href="{}">{}</a>',
        reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[subject.pk]),
        text or str(subject),
    )


def thumbnail(clip: Clip) -> SafeString:
    poster = reverse("admin:clip", args=[clip.pk, "poster.jpg"])
    return format_html('<img class="desk-thumbnail" src="{}" alt="" loading="lazy">', poster)


def short(text: str) -> str:
    return Truncator(text).chars(90)
