"""The pages of the desk: what a list shows, and which decisions a case offers. Rules are in `deciding`."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import action, display, helpers
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cameos.models import Cameo, Memorial
from feeds.models import Experiment, RankingModel, Topic
from sora_social.accounts.models import Invite, User, WaitlistEntry
from sora_social.challenges.models import Challenge
from sora_social.moderation import deciding, room_viewing, viewing
from sora_social.moderation.base_admin import Decision, DeskAdmin, label, link_to, short, state_filter, thumbnail
from sora_social.moderation.cameo_admin import CameosPage, MemorialsPage
from sora_social.moderation.challenge_admin import ChallengesPage
from sora_social.moderation.desk import desk
from sora_social.moderation.models import AuditEntry, Report, ReportState, SubjectType
from sora_social.moderation.nudge_admin import ExperimentsPage
from sora_social.moderation.ranking_admin import ModelsPage
from sora_social.moderation.room_admin import ROOM_DECISIONS, CommentsPage, room_decisions
from sora_social.moderation.template_admin import TemplatesPage
from sora_social.moderation.topic_admin import TopicsPage
from sora_social.posts.models import Comment, Post
from sora_social.studio.models import Generation
from sora_social.studio.templates.models import Template


class PeoplePage(DeskAdmin):
    subject_type = SubjectType.PERSON
    heading = "People"
    case_template = "moderation/person.html"
    search_fields = ("handle",)
    search_help_text = "Beginning of a handle, or a whole e-mail address"
    ordering = ("-id",)
    list_filter = (state_filter("State", "state", viewing.PEOPLE_STATES), "joined_at")
    list_display = ("who", "email", "state", "open_reports", "posts", "followers", "likes", "joined_at")
    decisions = {
        "suspend": Decision("suspend", "Suspend", deciding.suspend_person, "Suspended.", is_grave=True),
        "reinstate": Decision("reinstate", "Reinstate", deciding.reinstate_person, "Reinstated."),
        "admit": Decision("admit", "Admit now", deciding.admit_person, "Admitted."),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.people()

    def searched(self, rows: Any, term: str) -> Any:
        return viewing.search_people(rows, term)

    def case(self, subject_id: int) -> viewing.PersonCase:
        return viewing.person_case(subject_id)

    def offered(self, case: viewing.PersonCase) -> list[str]:
        if case.person.is_staff:
            return []
        standing = "suspend" if case.person.is_active else "reinstate"
        return [standing] if case.person.admitted_at else ["admit", standing]

    @display(description="person", ordering="handle")
    def who(self, person: User) -> str:
        return f"{person} · {person.display_name}" if person.display_name else str(person)

    @label(label={"suspended": "danger", "waiting": "warning", "staff": "info", "member": "success"})
    def state(self, person: User) -> str:
        if not person.is_active:
            return "suspended"
        if person.is_staff:
            return "staff"
        return "member" if person.admitted_at else "waiting"

    @display(description="open reports", ordering="open_reports")
    def open_reports(self, person: Any) -> int:
        return int(person.open_reports)

    @display(ordering="post_count")
    def posts(self, person: User) -> int:
        return person.post_count

    @display(ordering="follower_count")
    def followers(self, person: User) -> int:
        return person.follower_count

    @display(ordering="like_count")
    def likes(self, person: User) -> int:
        return person.like_count


@dataclass(frozen=True)
class PostPage(viewing.PostCase):
    """A post with its room."""

    room: room_viewing.RoomSeen


class PostsPage(DeskAdmin):
    subject_type = SubjectType.POST
    heading = "Posts"
    case_template = "moderation/post.html"
    search_fields = ("prompt",)
    search_help_text = "Words of prompt or caption, an id, or @handle"
    ordering = ("-id",)
    list_filter = (
        state_filter("State", "state", viewing.POST_STATES),
        state_filter("Origin", "origin", viewing.POST_ORIGINS),
        "visibility",
        "created_at",
    )
    list_display = (
        "clip_picture",
        "words",
        "author_link",
        "state",
        "open_reports",
        "likes",
        "remixes",
        "views",
        "created_at",
    )
    list_display_links = ("clip_picture", "words")
    actions = ("remove_selected",)
    decisions = {
        "remove": Decision("remove", "Remove", deciding.remove_post, "Removed: nobody sees it now.", is_grave=True),
        "restore": Decision("restore", "Restore", deciding.restore_post, "Restored."),
        **ROOM_DECISIONS,
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.posts()

    def searched(self, rows: Any, term: str) -> Any:
        return viewing.search_posts(rows, term)

    def case(self, subject_id: int) -> PostPage:
        return PostPage(**vars(viewing.post_case(subject_id)), room=room_viewing.room_of(subject_id))

    def has_player(self, case: PostPage) -> bool:
        return True

    def offered(self, case: PostPage) -> list[str]:
        if case.post.deleted_at:
            return []
        return ["restore"] if case.post.removed_at else ["remove", *room_decisions(case.room)]

    @action(description="Remove…")
    def remove_selected(self, request: HttpRequest, queryset: Any) -> HttpResponseBase:
        ticked = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        chosen = [post for post in queryset if str(post.pk) in ticked and not post.is_tombstone]
        if "reason" in request.POST:
            deciding.remove_posts(
                request.user,  # type: ignore[arg-type]  # the gate let staff in
                [post.pk for post in chosen],
                reason=request.POST["reason"],
            )
            messages.success(request, f"Removed {len(chosen)} posts.")
            return HttpResponseRedirect(reverse("admin:posts_post_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Remove {len(chosen)} posts",
            "posts": chosen,
            "at_most": deciding.BULK_AT_MOST,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "moderation/remove_posts.html", context)

    @display(description="clip")
    def clip_picture(self, post: Post) -> SafeString:
        return thumbnail(post.clip)

    @display(description="caption and prompt")
    def words(self, post: Post) -> SafeString:
        return format_html("{}<br><small>{}</small>", short(post.caption) or "—", short(post.prompt))

    @display(description="author", ordering="author__handle")
    def author_link(self, post: Post) -> SafeString:
        return link_to(post.author)

    @label(label={"removed": "danger", "deleted": "warning", "public": "success"})
    def state(self, post: Post) -> str:
        if post.removed_at:
            return "removed"
        return "deleted" if post.deleted_at else post.visibility

    @display(description="open reports", ordering="open_reports")
    def open_reports(self, post: Any) -> int:
        return int(post.open_reports)

    @display(ordering="like_count")
    def likes(self, post: Post) -> int:
        return post.like_count

    @display(ordering="remix_count")
    def remixes(self, post: Post) -> int:
        return post.remix_count

    @display(ordering="view_count")
    def views(self, post: Post) -> int:
        return post.view_count


class JobsPage(DeskAdmin):
    subject_type = SubjectType.JOB
    heading = "Jobs"
    case_template = "moderation/job.html"
    search_fields = ("prompt",)
    search_help_text = "Words of the prompt, an id, or @handle"
    ordering = ("-id",)
    list_filter = ("status", "provider", "created_at")
    list_display = ("id", "words", "owner_link", "state", "percent", "attempts", "trouble", "provider", "created_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.jobs()

    def searched(self, rows: Any, term: str) -> Any:
        return viewing.search_jobs(rows, term)

    def case(self, subject_id: int) -> viewing.JobCase:
        return viewing.job_case(subject_id)

    @display(description="prompt")
    def words(self, job: Generation) -> str:
        return short(job.prompt)

    @display(description="owner", ordering="owner__handle")
    def owner_link(self, job: Generation) -> SafeString:
        return link_to(job.owner)

    @label(
        label={"completed": "success", "failed": "danger", "refused": "warning", "in_progress": "info"},
        ordering="status",
    )
    def state(self, job: Generation) -> str:
        return job.status

    @display(description="progress", ordering="progress")
    def percent(self, job: Generation) -> str:
        return f"{job.progress:.0%}"

    @display(description="error or refusal")
    def trouble(self, job: Generation) -> str:
        said = job.error or job.refusal or {}
        return str(said.get("code") or said.get("rule") or "") if isinstance(said, dict) else ""


class ReportsPage(DeskAdmin):
    subject_type = SubjectType.REPORT
    heading = "Reports"
    case_template = "moderation/report.html"
    list_filter = ("state", "reason", state_filter("Subject", "subject", viewing.REPORT_SUBJECTS), "created_at")
    list_display = ("why", "picture", "subject", "words", "standing", "created_at", "reporter_link")
    list_display_links = ("why", "picture")
    sortable_by = ()
    decisions = {
        "uphold": Decision("uphold", "Uphold and act", deciding.uphold_report, "Upheld.", is_grave=True),
        "dismiss": Decision("dismiss", "Dismiss", deciding.dismiss_report, "Dismissed."),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.reports()

    def case(self, subject_id: int) -> viewing.ReportCase:
        return viewing.report_case(subject_id)

    def has_player(self, case: viewing.ReportCase) -> bool:
        return case.report.post_id is not None

    def offered(self, case: viewing.ReportCase) -> list[str]:
        return ["uphold", "dismiss"] if case.report.state == ReportState.OPEN else []

    def after_decision(self, object_id: int) -> str:
        return reverse("admin:moderation_report_changelist")

    @label(description="reason", label={"minor_safety": "danger", "sexual": "danger", "likeness": "danger"})
    def why(self, report: Report) -> tuple[str, str]:
        return report.reason, report.get_reason_display()

    @display(description="clip")
    def picture(self, report: Report) -> SafeString | str:
        return thumbnail(report.post.clip) if report.post else "—"

    @display(description="about")
    def subject(self, report: Report) -> SafeString:
        if report.post:
            return format_html(
                "{} by {}", link_to(report.post, short(report.post.caption)), link_to(report.post.author)
            )
        if report.comment:
            words = link_to(report.comment, short(report.comment.text))
            return format_html("“{}” by {}", words, link_to(report.comment.author))
        if report.message:
            return format_html("a message by {}", link_to(report.message.author))
        return link_to(report.person)

    @display(description="what they said")
    def words(self, report: Report) -> str:
        return short(report.text) or "—"

    @label(description="state", label={"open": "warning", "upheld": "success"})
    def standing(self, report: Report) -> str:
        return report.state

    @display(description="reporter")
    def reporter_link(self, report: Report) -> SafeString:
        return link_to(report.reporter)


class AuditLogPage(DeskAdmin):
    heading = "Audit log"
    search_fields = ("reason",)
    search_help_text = "Words of a reason, the id of a subject, or @handle of a moderator"
    ordering = ("-id",)
    list_filter = (state_filter("Kind", "kind", viewing.AUDIT_KINDS), "action", "subject_type", "created_at")
    list_display = ("created_at", "actor_link", "deed", "about", "reason", "path")
    list_display_links = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.audit_log()

    def searched(self, rows: Any, term: str) -> Any:
        return viewing.search_log(rows, term)

    @display(description="who")
    def actor_link(self, entry: AuditEntry) -> SafeString:
        return link_to(entry.actor)

    @label(
        description="did",
        label={"removed": "danger", "suspended": "danger", "restored": "success", "reinstated": "success"},
    )
    def deed(self, entry: AuditEntry) -> tuple[str, str]:
        return entry.action, entry.get_action_display()

    @display(description="about")
    def about(self, entry: AuditEntry) -> SafeString | str:
        page = _PAGES.get(SubjectType(entry.subject_type))
        if page is None or entry.subject_id is None:
            return f"{entry.subject_type} {entry.subject_id or ''}"
        return format_html(
            '<a class="desk-link" href="{}">{} {}</a>',
            reverse(f"admin:{page}_change", args=[entry.subject_id]),
            entry.subject_type,
            entry.subject_id,
        )


_PAGES = {
    SubjectType.POST: "posts_post",
    SubjectType.COMMENT: "posts_comment",
    SubjectType.PERSON: "accounts_user",
    SubjectType.JOB: "studio_generation",
    SubjectType.REPORT: "moderation_report",
    SubjectType.CAMEO: "cameos_cameo",
    SubjectType.MEMORIAL: "cameos_memorial",
    SubjectType.EXPERIMENT: "feeds_experiment",
    SubjectType.CHALLENGE: "challenges_challenge",
    SubjectType.TEMPLATE: "studio_template",
    SubjectType.MODEL: "feeds_rankingmodel",
    SubjectType.TOPIC: "feeds_topic",
}


class InvitesPage(DeskAdmin):
    heading = "Invites"
    ordering = ("-id",)
    list_display = ("code", "inviter_link", "redeemer_link", "redeemed_at")
    list_display_links = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.invites()

    @display(description="given out by")
    def inviter_link(self, invite: Invite) -> SafeString:
        return link_to(invite.inviter)

    @display(description="redeemed by")
    def redeemer_link(self, invite: Invite) -> SafeString | str:
        return link_to(invite.redeemer) if invite.redeemer else "—"


class WaitlistPage(DeskAdmin):
    heading = "Waitlist"
    ordering = ("-id",)
    list_display = ("email", "country", "asked_at")
    list_display_links = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return viewing.waitlist()


desk.register(User, PeoplePage)
desk.register(Post, PostsPage)
desk.register(Comment, CommentsPage)
desk.register(Cameo, CameosPage)
desk.register(Memorial, MemorialsPage)
desk.register(Generation, JobsPage)
desk.register(Report, ReportsPage)
desk.register(AuditEntry, AuditLogPage)
desk.register(Experiment, ExperimentsPage)
desk.register(Challenge, ChallengesPage)
desk.register(Template, TemplatesPage)
desk.register(RankingModel, ModelsPage)
desk.register(Topic, TopicsPage)
desk.register(Invite, InvitesPage)
desk.register(WaitlistEntry, WaitlistPage)
