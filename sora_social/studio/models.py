"""Jobs that make clips, and the drafts that come of them."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Now

from cameos.models import Appearance
from remix.models import EdgeKind
from sora_social.accounts.models import Block, User
from sora_social.challenges.models import Challenge
from sora_social.core.databases import IdField
from sora_social.credits.models import Hold
from sora_social.media.models import Clip
from sora_social.posts.models import Post
from sora_social.studio.templates.models import TemplateVersion


class JobStatus(models.TextChoices):
    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


OPEN = (JobStatus.QUEUED, JobStatus.IN_PROGRESS)


class GenerationQuerySet(models.QuerySet["Generation"]):
    def owned_by(self, owner: User) -> Self:
        return self.filter(owner=owner)

    def with_details(self) -> Self:
        """Hold, sources and drafts, in as many queries whatever the number of jobs."""
        drafts = Draft.objects.filter(deleted_at__isnull=True).with_lapse().select_related("clip").order_by("ordinal")
        rows = self.select_related("hold", "challenge", "template_version__template__author")
        return rows.prefetch_related("sources", Prefetch("drafts", drafts))


class Generation(models.Model):
    """A request to make clips: the job. All truth about it is in this row, a message to a worker is only a hint.

    A worker owns the job while `lease_until` is ahead; `token` grows with every claim, and every write of a worker
    carries its token, so that one who lost the lease can change nothing.
    """

    id = IdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    status = models.CharField(max_length=12, choices=JobStatus.choices, default=JobStatus.QUEUED)
    prompt = models.CharField(max_length=2000, blank=True)
    negative_prompt = models.CharField(max_length=500, blank=True)
    seconds = models.PositiveSmallIntegerField(default=5)
    orientation = models.CharField(max_length=10, default="portrait")
    style = models.CharField(max_length=30, default="none")
    camera = models.CharField(max_length=30, blank=True)
    shots = models.JSONField(default=list)
    seed = models.PositiveBigIntegerField()
    variations = models.PositiveSmallIntegerField(default=1)
    is_ad = models.BooleanField(default=False, db_default=False)
    country = models.CharField(max_length=2, blank=True, default="", db_default="")  # where the request came from
    challenge = models.ForeignKey(Challenge, models.PROTECT, null=True, related_name="+", db_index=False)
    # the post from which the composer was opened, when it is no source
    inspired_by = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+", db_index=False)
    template_version = models.ForeignKey(TemplateVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    filled = models.JSONField(null=True)  # what went into the template's slots
    is_sealed = models.BooleanField(default=False, db_default=False)  # its owner may not read the template's words
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=60)
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, related_name="+")
    progress = models.FloatField(default=0.0)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    refusal = models.JSONField(null=True)
    error = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=OPEN, finished_at=None) | Q(~Q(status__in=OPEN), finished_at__isnull=False),
                name="ended_jobs_have_a_time",
            ),
            models.CheckConstraint(condition=Q(variations__range=(1, 4)), name="one_to_four_variations"),
            models.CheckConstraint(
                condition=Q(template_version__isnull=True, filled__isnull=True, is_sealed=False)
                | Q(template_version__isnull=False, filled__isnull=False),
                name="a_template_is_filled",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="jobs_of_owner"),
            models.Index(fields=["lease_until"], condition=Q(status__in=OPEN), name="jobs_open"),
        ]

    def __str__(self) -> str:
        return f"job {self.id} {self.status}"

    @property
    def sealed_parts(self) -> frozenset[str]:
        """The parts of its words that its owner may not read: prompt, shots, negative prompt."""
        if not self.is_sealed or self.template_version is None:
            return frozenset()
        return frozenset(self.template_version.locked) & {"prompt", "shots", "negative_prompt"}

    @property
    def told(self) -> dict[str, Any]:
        """The words of it that its owner may read."""
        words = {"prompt": self.prompt, "shots": self.shots, "negative_prompt": self.negative_prompt}
        return {name: None if name in self.sealed_parts else value for name, value in words.items()}


class GenerationSourceQuerySet(models.QuerySet["GenerationSource"]):
    def with_picture(self) -> Self:
        """Those whose picture goes into the clip, and with it their cast and the words behind it. Of a template only
        the recipe does, and that is in the job's own words."""
        return self.exclude(kind=EdgeKind.TEMPLATE)


class GenerationSource(models.Model):
    """A post that a job derives from."""

    id = models.BigAutoField(primary_key=True)
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="sources")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=EdgeKind.choices)
    ordinal = models.PositiveSmallIntegerField(default=0)

    objects = GenerationSourceQuerySet.as_manager()

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["generation", "ordinal"], name="job_source_place_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.post_id}"


class DraftStatus(models.TextChoices):
    READY = "ready"
    AWAITING_CAST = "awaiting_cast"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    POSTED = "posted"


class DraftQuerySet(models.QuerySet["Draft"]):
    def owned_by(self, owner: User) -> Self:
        return self.filter(owner=owner, deleted_at__isnull=True)

    def with_details(self) -> Self:
        rows = self.with_lapse().select_related("clip", "generation__template_version__template__author")
        return rows.prefetch_related("generation__sources")

    def with_lapse(self) -> Self:
        """Annotate `is_lapsed`: somebody in the cast does not allow it any more."""
        return self.annotate(is_lapsed=Exists(Appearance.objects.filter(draft_id=OuterRef("pk")).unusable()))

    def readable_by(self, viewer: User) -> Self:
        """One's own drafts, and those into which one is invited, as long as they are unpublished and one does not
        veto them."""
        invited = CoCreator.objects.of(viewer).undecided().exclude(state=CoCreatorState.VETOED)
        return self.filter(Q(owner=viewer, deleted_at=None) | Q(pk__in=invited.values("draft")))

    def playable_by(self, viewer: User) -> Self:
        """Drafts whose clip this person may watch. What a moderator removed as a post, or somebody in the cast does
        not allow any more, is not played as a draft; while the cast is asked it is the owner's alone to watch."""
        return (
            self.readable_by(viewer)
            .with_lapse()
            .filter(
                Q(is_lapsed=False),
                Q(post=None) | Q(post__removed_at=None),
                Q(status=DraftStatus.READY)
                | Q(owner=viewer, status__in=(DraftStatus.AWAITING_CAST, DraftStatus.POSTED)),
                owner__is_active=True,
            )
        )


UNPUBLISHED = (DraftStatus.READY, DraftStatus.AWAITING_CAST)


class Draft(models.Model):
    """A finished private clip, or a refusal with its reason; becomes a post when published."""

    id = IdField()
    generation = models.ForeignKey(Generation, models.CASCADE, related_name="drafts", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    ordinal = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=14, choices=DraftStatus.choices, default=DraftStatus.READY)
    clip = models.OneToOneField(Clip, models.PROTECT, null=True, related_name="+")
    post = models.OneToOneField(Post, models.SET_NULL, null=True, related_name="+")
    refusal = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "ordinal"], name="one_draft_per_variation"),
            models.CheckConstraint(
                condition=Q(status="refused") | Q(clip__isnull=False), name="a_draft_has_a_clip_or_a_refusal"
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="drafts_of_owner")]

    def __str__(self) -> str:
        return f"draft {self.id} {self.status}"

    @property
    def standing(self) -> str:
        """The status, or `withdrawn` from the moment on when its cast does not allow it. Needs `with_lapse`."""
        lapsed: bool = getattr(self, "is_lapsed", False)
        return DraftStatus.WITHDRAWN if lapsed else self.status


class CoCreatorState(models.TextChoices):
    INVITED = "invited"
    ACCEPTED = "accepted"
    VETOED = "vetoed"


def _wall(one: OuterRef, other: OuterRef) -> Exists:
    return Exists(Block.objects.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)))


class CoCreatorQuerySet(models.QuerySet["CoCreator"]):
    def standing(self) -> Self:
        """Those who may answer and be credited: active, and no wall between them and who owns the draft, a face in
        it, or a post that it was made from."""
        person = OuterRef(OuterRef("person"))
        faces = Appearance.objects.filter(_wall(person, OuterRef("cameo__owner")), draft_id=OuterRef("draft_id"))
        sources = GenerationSource.objects.filter(
            _wall(person, OuterRef("post__author")), generation=OuterRef("draft__generation")
        )
        walls = _wall(OuterRef("person"), OuterRef("draft__owner")) | Exists(faces) | Exists(sources)
        return self.filter(person__is_active=True).exclude(walls)

    def of(self, person: User) -> Self:
        """Invitations of one's own of which one may know: they stand, the draft is there, and its cast allows it."""
        cast = Appearance.objects.filter(draft_id=OuterRef("draft_id"))
        there = self.standing().filter(person=person, draft__deleted_at=None, draft__owner__is_active=True)
        return there.exclude(Exists(cast.unusable()))

    def undecided(self) -> Self:
        """Invitations into drafts that may still be published."""
        return self.filter(draft__status__in=UNPUBLISHED)


class CoCreator(models.Model):
    """Somebody who is invited into a draft, and what they said. To end an invitation is to delete the row; of a veto
    that a block ended, the row stays and is nobody's: else who blocks one after the other learns whose it was."""

    id = IdField()
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="co_creators", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=CoCreatorState.choices, default=CoCreatorState.INVITED)
    invited_at = models.DateTimeField(db_default=Now())

    objects = CoCreatorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "person"], name="invited_once"),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(state="vetoed"), name="only_a_veto_is_nobodys"
            ),
        ]
        indexes = [models.Index(fields=["person", "-id"], name="invitations_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state} in draft {self.draft_id}"
