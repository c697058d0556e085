"""What the desk shows: lists that cost the same for 10 and for 1,000 rows, and one case per page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import Case, Count, F, Model, OuterRef, Q, QuerySet, SmallIntegerField, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from cameos import showing
from cameos.models import Cameo, CameoStatus, ConsentRecord, Enrolment, Memorial, MemorialStatus
from feeds.models import Experiment, PostTopic, Topic
from feeds.scroll import experimenting
from ranking.topics.classifier import TOPIC_FROM
from remix.models import Edge, EdgeKind
from sora_social.accounts.models import Invite, User, WaitlistEntry
from sora_social.challenges.models import Challenge
from sora_social.core.errors import NotFound
from sora_social.inbox.models import Message, MessageKind
from sora_social.media.delivery import Part
from sora_social.media.models import Clip
from sora_social.moderation.models import AuditEntry, Report, ReportState, SubjectType
from sora_social.posts.models import Post, PostCredit
from sora_social.studio.models import OPEN, Draft, Generation, GenerationSource, JobStatus
from sora_social.studio.templates.models import Template

M = TypeVar("M", bound=Model)
Narrow = Callable[[QuerySet[Any]], QuerySet[Any]]
AROUND_A_MESSAGE = 3  # before it, and after
SHOWN_AT_MOST = 24  # of anything listed inside a case


def _open_reports(subject: str) -> Coalesce:
    counted = Report.objects.open().filter(**{subject: OuterRef("pk")}).order_by().values(subject)
    return Coalesce(Subquery(counted.annotate(count=Count("pk")).values("count")), 0)


# lists


def people() -> QuerySet[User]:
    found: QuerySet[User] = User.objects.annotate(open_reports=_open_reports("person"))
    return found


def posts() -> QuerySet[Post]:
    return Post.objects.select_related("author", "clip").annotate(open_reports=_open_reports("post"))


def jobs() -> QuerySet[Generation]:
    return Generation.objects.select_related("owner")


def reports() -> QuerySet[Report]:
    """The queue: open ones first, the gravest reason first, then the oldest."""
    return Report.objects.with_subjects().by_urgency()


def audit_log() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.select_related("actor")


def cameos() -> QuerySet[Cameo]:
    """The queue: what waits for a person first, the oldest of it before the newer; then the newest."""
    waits = Case(When(status=CameoStatus.PENDING_REVIEW, then=0), default=1, output_field=SmallIntegerField())
    age = Case(When(status=CameoStatus.PENDING_REVIEW, then=F("pk")), default=-F("pk"))
    return Cameo.objects.select_related("owner", "enrolment").annotate(waits=waits).order_by("waits", age)


def memorials() -> QuerySet[Memorial]:
    """The queue: claims that wait first, the oldest of them before the newer; then the newest."""
    waits = Case(When(status=MemorialStatus.PENDING, then=0), default=1, output_field=SmallIntegerField())
    age = Case(When(status=MemorialStatus.PENDING, then=F("pk")), default=-F("pk"))
    return Memorial.objects.select_related("claimant").annotate(waits=waits).order_by("waits", age)


def invites() -> QuerySet[Invite]:
    return Invite.objects.select_related("inviter", "redeemer")


def waitlist() -> QuerySet[WaitlistEntry]:
    return WaitlistEntry.objects.all()


# narrowing a list

PEOPLE_STATES: Mapping[str, tuple[str, Narrow]] = {
    "suspended": ("Suspended", lambda rows: rows.filter(is_active=False)),
    "waiting": ("Waiting", lambda rows: rows.filter(admitted_at=None)),
    "reported": ("With open reports", lambda rows: rows.filter(open_reports__gt=0)),
    "staff": ("Staff", lambda rows: rows.filter(is_staff=True)),
}
POST_STATES: Mapping[str, tuple[str, Narrow]] = {
    "reported": ("With open reports", lambda rows: rows.filter(open_reports__gt=0)),
    "shown": ("Shown", lambda rows: rows.filter(removed_at=None, deleted_at=None)),
    "removed": ("Removed", lambda rows: rows.exclude(removed_at=None)),
    "deleted": ("Deleted by the author", lambda rows: rows.exclude(deleted_at=None)),
}
POST_ORIGINS: Mapping[str, tuple[str, Narrow]] = {
    "root": ("Roots", lambda rows: rows.filter(root=None)),
    "remix": ("Remixes", lambda rows: rows.exclude(root=None)),
}
REPORT_SUBJECTS: Mapping[str, tuple[str, Narrow]] = {
    "post": ("Posts", lambda rows: rows.exclude(post=None)),
    "comment": ("Comments", lambda rows: rows.exclude(comment=None)),
    "message": ("Messages", lambda rows: rows.exclude(message=None)),
    "person": ("People", lambda rows: rows.exclude(person=None)),
}
CAMEO_STATES: Mapping[str, tuple[str, Narrow]] = {
    "to_review": ("To review", lambda rows: rows.filter(status=CameoStatus.PENDING_REVIEW)),
    "processing": ("Being examined", lambda rows: rows.filter(status=CameoStatus.PROCESSING)),
    "active": ("Active", lambda rows: rows.filter(status=CameoStatus.ACTIVE)),
    "rejected": ("Rejected", lambda rows: rows.filter(status=CameoStatus.REJECTED)),
    "erased": ("Erased", lambda rows: rows.filter(status=CameoStatus.ERASED)),
}
CHALLENGE_STATES: Mapping[str, tuple[str, Narrow]] = {
    "open": ("Open", lambda rows: rows.filter(pk__in=Challenge.objects.open_at(timezone.now()).values("pk"))),
    "coming": ("Coming", lambda rows: rows.filter(pk__in=Challenge.objects.coming_at(timezone.now()).values("pk"))),
    "past": ("Past", lambda rows: rows.filter(pk__in=Challenge.objects.past_at(timezone.now()).values("pk"))),
    "unlisted": ("Not listed", lambda rows: rows.filter(is_listed=False)),
}
TEMPLATE_STATES: Mapping[str, tuple[str, Narrow]] = {
    "standing": ("In use", lambda rows: rows.filter(pk__in=Template.objects.standing().values("pk"))),
    "withdrawn": ("Withdrawn", lambda rows: rows.filter(withdrawn_at__isnull=False)),
    "removed": ("Removed", lambda rows: rows.filter(removed_at__isnull=False)),
}
AUDIT_KINDS: Mapping[str, tuple[str, Narrow]] = {
    "decisions": ("Decisions", lambda rows: rows.decisions()),  # type: ignore[attr-defined]
    "visits": ("Visits", lambda rows: rows.exclude(pk__in=rows.decisions().values("pk"))),  # type: ignore[attr-defined]
}


def search_people(rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """By the beginning of a handle they have or had, or by the whole e-mail address."""
    name = term.strip().lower().removeprefix("@")
    if not name:
        return rows
    if "@" in name:
        return rows.filter(email__iexact=name)
    return rows.filter(pk__in=User.objects.filter(handles__name__startswith=name).values("pk"))


def search_posts(rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """By id, by @handle of the author, or by words of prompt and caption."""
    words = term.strip()
    if not words:
        return rows
    if is_id(words):
        return rows.filter(pk=int(words))
    if words.startswith("@"):
        return rows.filter(author__handle=words[1:].lower())
    return rows.filter(Q(prompt__icontains=words) | Q(caption__icontains=words))


def search_cameos(rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """By id, or by the beginning of the handle of the owner or of the character."""
    words = term.strip().lower().removeprefix("@")
    if not words:
        return rows
    if is_id(words):
        return rows.filter(pk=int(words))
    return rows.filter(Q(owner__handle__startswith=words) | Q(name__name__startswith=words))


def search_jobs(rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """By id, by @handle of the owner, or by words of the prompt."""
    words = term.strip()
    if not words:
        return rows
    if is_id(words):
        return rows.filter(pk=int(words))
    if words.startswith("@"):
        return rows.filter(owner__handle=words[1:].lower())
    return rows.filter(prompt__icontains=words)


def search_log(rows: QuerySet[Any], term: str) -> QuerySet[Any]:
    """By the id of a subject, by @handle of the actor, or by words of the reason."""
    words = term.strip()
    if not words:
        return rows
    if is_id(words):
        return rows.filter(subject_id=int(words))
    if words.startswith("@"):
        return rows.filter(actor__handle=words[1:].lower())
    return rows.filter(reason__icontains=words)


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) < 2**63


# cases


@dataclass(frozen=True)
class PostCase:
    """A post with where it comes from, what came of it, and what was said and decided about it."""

    post: Post
    job: Generation | None
    sources: Sequence[Edge]
    derivations: Sequence[Edge]
    credits: Sequence[PostCredit]
    reports: Sequence[Report]
    decisions: Sequence[AuditEntry]


@dataclass(frozen=True)
class PersonCase:
    person: User
    invited_by: User | None
    posts: Sequence[Post]
    jobs: Sequence[Generation]
    reports: Sequence[Report]
    decisions: Sequence[AuditEntry]


@dataclass(frozen=True)
class JobCase:
    job: Generation
    sources: Sequence[GenerationSource]
    drafts: Sequence[Draft]


@dataclass(frozen=True)
class CameoCase:
    """A cameo with what was uploaded and found; `enrolment` is None once it is erased."""

    cameo: Cameo
    enrolment: Enrolment | None
    recording: str
    is_picture: bool
    similar: Sequence[Cameo]
    records: Sequence[ConsentRecord]
    decisions: Sequence[AuditEntry]


@dataclass(frozen=True)
class MemorialCase:
    memorial: Memorial
    names: Sequence[str]
    decisions: Sequence[AuditEntry]


@dataclass(frozen=True)
class ChallengeCase:
    """A challenge, with the newest posts that entered it, whoever may see them."""

    challenge: Challenge
    state: str
    entries: Sequence[Post]
    decisions: Sequence[AuditEntry]


@dataclass(frozen=True)
class TemplateCase:
    """A template in its newest version, with the newest posts that were made with it, whoever may see them."""

    template: Template
    state: str
    made: Sequence[Post]
    decisions: Sequence[AuditEntry]


@dataclass(frozen=True)
class TopicCase:
    """A topic, and the newest posts that were found to be about it."""

    topic: Topic
    posts: Sequence[Post]
    decisions: Sequence[AuditEntry]


@dataclass(frozen=True)
class ExperimentCase:
    """An experiment, and for each arm its share and who has met a card in it."""

    experiment: Experiment
    is_running: bool
    arms: Sequence[experimenting.ArmCount]
    decisions: Sequence[AuditEntry]


@dataclass(frozen=True)
class ReportCase:
    """A report with all others of the same subject. While it is open a reported message stands among the few that were
    said before and after it; what else people write to each other is not for the desk."""

    report: Report
    others: Sequence[Report]
    around: Sequence[Message]
    decisions: Sequence[AuditEntry]


def post_case(post_id: int) -> PostCase:
    post = _one(posts().select_related("author", "clip", "root__author"), post_id)
    draft = Draft.objects.filter(post=post).select_related("generation").first()
    sources = Edge.objects.filter(derivation=post).select_related("source__author", "source__clip")
    derivations = Edge.objects.filter(source=post).select_related("derivation__author", "derivation__clip")
    return PostCase(
        post=post,
        job=draft.generation if draft else None,
        sources=list(sources.order_by("ordinal")),
        derivations=list(derivations.order_by("-derivation_id")[:SHOWN_AT_MOST]),
        credits=list(PostCredit.objects.filter(post=post).select_related("person").order_by("ordinal")),
        reports=reports_of(SubjectType.POST, post_id),
        decisions=decisions_on(SubjectType.POST, post_id),
    )


def person_case(person_id: int) -> PersonCase:
    person = _one(people(), person_id)
    invite = Invite.objects.filter(redeemer=person).select_related("inviter").first()
    return PersonCase(
        person=person,
        invited_by=invite.inviter if invite else None,
        posts=list(posts().filter(author=person).order_by("-id")[:SHOWN_AT_MOST]),
        jobs=list(jobs().filter(owner=person).order_by("-id")[:SHOWN_AT_MOST]),
        reports=reports_of(SubjectType.PERSON, person_id),
        decisions=decisions_on(SubjectType.PERSON, person_id),
    )


def job_case(job_id: int) -> JobCase:
    job = _one(jobs(), job_id)
    return JobCase(
        job=job,
        sources=list(job.sources.select_related("post__author", "post__clip")),
        drafts=list(job.drafts.select_related("clip", "post").order_by("ordinal")),
    )


def cameo_case(cameo_id: int) -> CameoCase:
    cameo = _one(cameos(), cameo_id)
    enrolment = Enrolment.objects.filter(pk=cameo_id).first()
    ending = enrolment.recording_key.rpartition(".")[2] if enrolment else ""
    similar = Cameo.objects.filter(pk__in=enrolment.similar_to if enrolment else []).select_related("owner", "name")
    return CameoCase(
        cameo=cameo,
        enrolment=enrolment,
        recording=f"recording.{ending}" if ending else "",
        is_picture=ending == "jpg",
        similar=list(similar.order_by("pk")[:SHOWN_AT_MOST]),
        records=list(ConsentRecord.objects.filter(cameo=cameo).order_by("-seq")[:SHOWN_AT_MOST]),
        decisions=decisions_on(SubjectType.CAMEO, cameo_id),
    )


def cameo_part(cameo_id: int, name: str) -> Part:
    """The portrait or the recording of any cameo: for the staff alone. Raises NotFound."""
    cameo = _one(Cameo.objects.all(), cameo_id)
    if name == "portrait.jpg" and cameo.portrait_key:
        return Part(cameo.portrait_key, "image/jpeg")
    enrolment = Enrolment.objects.filter(pk=cameo_id).first()
    part = showing.recording_of(enrolment)
    if part is None or name != f"recording.{part.key.rpartition('.')[2]}":
        raise NotFound
    return part


def memorial_case(memorial_id: int) -> MemorialCase:
    memorial = _one(memorials(), memorial_id)
    return MemorialCase(
        memorial=memorial,
        names=list(memorial.names.order_by("name").values_list("name", flat=True)),
        decisions=decisions_on(SubjectType.MEMORIAL, memorial_id),
    )


def challenges() -> QuerySet[Challenge]:
    """The newest first, each with its turnout as of the last count."""
    counts = {name: Coalesce(F(f"turnout__{name}"), 0) for name in ("entry_count", "person_count")}
    return Challenge.objects.select_related("created_by").annotate(**counts).order_by("-id")


def state_of_challenge(challenge: Challenge) -> str:
    return challenge.state_at(timezone.now()) if challenge.is_listed else "not listed"


def challenge_case(challenge_id: int) -> ChallengeCase:
    challenge = _one(challenges(), challenge_id)
    return ChallengeCase(
        challenge=challenge,
        state=state_of_challenge(challenge),
        entries=list(posts().filter(challenge=challenge).order_by("-id")[:SHOWN_AT_MOST]),
        decisions=decisions_on(SubjectType.CHALLENGE, challenge_id),
    )


def templates() -> QuerySet[Template]:
    return Template.objects.with_details().order_by("-id")


def state_of_template(template: Template) -> str:
    if template.removed_at is not None:
        return "removed"
    return "in use" if template.withdrawn_at is None else "withdrawn"


def template_case(template_id: int) -> TemplateCase:
    template = _one(templates(), template_id)
    made = Edge.objects.filter(source=template.post_id, kind=EdgeKind.TEMPLATE).order_by("-derivation_id")
    return TemplateCase(
        template=template,
        state=state_of_template(template),
        made=list(posts().filter(pk__in=list(made.values_list("derivation", flat=True)[:SHOWN_AT_MOST]))),
        decisions=decisions_on(SubjectType.TEMPLATE, template_id),
    )


def topics() -> QuerySet[Topic]:
    return Topic.objects.order_by("bit")


def topic_case(topic_id: int) -> TopicCase:
    topic = _one(topics(), topic_id)
    newest = PostTopic.objects.filter(topic=topic.bit, confidence__gte=TOPIC_FROM).order_by("-post")
    return TopicCase(
        topic=topic,
        posts=[row.post for row in newest.select_related("post")[:SHOWN_AT_MOST]],
        decisions=decisions_on(SubjectType.TOPIC, topic_id),
    )


def experiments() -> QuerySet[Experiment]:
    return Experiment.objects.order_by("-starts_at")


def experiment_case(experiment_id: int) -> ExperimentCase:
    experiment = _one(experiments(), experiment_id)
    return ExperimentCase(
        experiment=experiment,
        is_running=experiment.is_running(timezone.now()),
        arms=experimenting.arms_of(experiment),
        decisions=decisions_on(SubjectType.EXPERIMENT, experiment_id),
    )


def report_case(report_id: int) -> ReportCase:
    report = _one(reports(), report_id)
    subject = report.subject_type, report.subject_id
    return ReportCase(
        report=report,
        others=[other for other in reports_of(*subject) if other.pk != report.pk],
        around=_around(report.message) if report.message and report.state == ReportState.OPEN else [],
        decisions=decisions_on(*subject),
    )


def _around(message: Message) -> list[Message]:
    said = Message.objects.filter(conversation=message.conversation_id, kind=MessageKind.SAID).select_related("author")
    before = said.filter(seq__lt=message.seq).order_by("-seq")[:AROUND_A_MESSAGE]
    after = said.filter(seq__gte=message.seq).order_by("seq")[: AROUND_A_MESSAGE + 1]
    return [*reversed(before), *after]


def clip(clip_id: int) -> Clip:
    """Any clip there is, also of drafts and of what was removed: for the staff's player alone. Raises NotFound."""
    return _one(Clip.objects.all(), clip_id)


@dataclass(frozen=True)
class Figures:
    """What waits, and what happened within a day."""

    open_reports: int
    cameos_to_review: int
    open_memorials: int
    waiting_people: int
    open_jobs: int
    failed_jobs: int
    new_posts: int
    removed_posts: int


def figures() -> Figures:
    since = timezone.now() - timedelta(days=1)
    return Figures(
        open_reports=Report.objects.open().count(),
        cameos_to_review=Cameo.objects.filter(status=CameoStatus.PENDING_REVIEW).count(),
        open_memorials=Memorial.objects.filter(status=MemorialStatus.PENDING).count(),
        waiting_people=User.objects.filter(admitted_at=None, is_active=True).count(),
        open_jobs=Generation.objects.filter(status__in=OPEN).count(),
        failed_jobs=Generation.objects.filter(status=JobStatus.FAILED, finished_at__gte=since).count(),
        new_posts=Post.objects.filter(created_at__gte=since).count(),
        removed_posts=Post.objects.filter(removed_at__gte=since).count(),
    )


def _one(rows: QuerySet[M], key: int) -> M:
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def reports_of(subject_type: str, subject_id: int) -> list[Report]:
    found = Report.objects.about(subject_type, subject_id).with_subjects()
    return list(found.order_by(F("closed_at").desc(nulls_first=True), "-id")[:SHOWN_AT_MOST])


def decisions_on(subject_type: SubjectType, subject_id: int) -> list[AuditEntry]:
    found = AuditEntry.objects.about(subject_type, subject_id).decisions().select_related("actor")
    return list(found.order_by("-id")[:SHOWN_AT_MOST])


def doubts_of(cameo: Cameo) -> str:
    """The checks that a cameo did not pass, in a line."""
    enrolment = getattr(cameo, "enrolment", None)
    findings = enrolment.findings if enrolment else []
    return ", ".join(f"{found['name']} {found['verdict']}" for found in findings if found["verdict"] != "pass")
