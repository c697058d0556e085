"""Cameos, what their owners said of them, and where they appear."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from sora_social.accounts.models import Block, Follow, Handle, User, walls_between
from sora_social.core.databases import IdField


class CameoKind(models.TextChoices):
    PERSON = "person"
    CHARACTER = "character"


class Figure(models.TextChoices):
    """What a character is."""

    PET = "pet"
    TOY = "toy"
    DRAWING = "drawing"
    PERSONA = "persona"
    LICENSED = "licensed"


class CameoStatus(models.TextChoices):
    AWAITING_RECORDING = "awaiting_recording"
    PROCESSING = "processing"
    PENDING_REVIEW = "pending_review"
    ACTIVE = "active"
    REJECTED = "rejected"
    ERASED = "erased"


class Audience(models.TextChoices):
    """Who may cast a cameo, from the narrowest to the widest."""

    ONLY_ME = "only_me"
    APPROVED = "approved"
    MUTUALS = "mutuals"
    EVERYONE = "everyone"


class RecordKind(models.TextChoices):
    """What a record of the ledger says happened."""

    RELEASED = "released"
    ACTIVATED = "activated"
    REJECTED = "rejected"
    TERMS_SET = "terms_set"
    GRANTED = "granted"
    GRANT_ENDED = "grant_ended"
    USE_APPROVED = "use_approved"
    USE_DECLINED = "use_declined"
    APPEARANCE_REMOVED = "appearance_removed"
    REVOKED = "revoked"
    HIDDEN = "hidden"
    RENEWED = "renewed"
    EXPIRED = "expired"
    ERASED = "erased"
    PURGED = "purged"


class CameoQuerySet(models.QuerySet["Cameo"]):
    def owned_by(self, owner: User) -> Self:
        return self.filter(owner=owner).exclude(status=CameoStatus.ERASED)

    def in_force(self) -> Self:
        """Cameos whose consent has begun and not run out; for whom is another question."""
        return self.filter(status=CameoStatus.ACTIVE, owner__is_active=True, in_force_until__gt=Now()).filter(
            Q(terms_until=None) | Q(terms_until__gt=Now())
        )

    def visible_to(self, viewer: User) -> Self:
        """Cameos that `viewer` may know of: their own, and those in force that somebody else may cast at all."""
        in_force = Cameo.objects.in_force().exclude(audience=Audience.ONLY_ME)
        open_to_some = Exists(in_force.filter(pk=OuterRef("pk")))  # of each that is asked for, not of all there are
        mine, theirs = walls_between("owner", viewer)
        return self.exclude(status=CameoStatus.ERASED).filter(Q(owner=viewer) | (open_to_some & ~mine & ~theirs))

    def castable_by(self, viewer: User) -> Self:
        """Cameos in force that `viewer` may cast: the one question that submit, finish, publish and the picker ask.

        One's own, always. Somebody else's when no wall stands between the two and the audience includes `viewer`, by
        a grant or by being what the audience says. A cameo of a minor is never for everyone, and an adult casts it
        by a grant alone. Who had complaints of two people upheld within 30 days casts nobody as one of `everyone`.
        """
        mine, theirs = walls_between("owner", viewer)
        granted = Exists(Grant.objects.filter(cameo=OuterRef("pk"), grantee=viewer))
        mutual = Exists(Follow.objects.filter(follower=viewer, followee=OuterRef("owner"))) & Exists(
            Follow.objects.filter(follower=OuterRef("owner"), followee=viewer)
        )
        of_age = Q(owner__birthday=None) | Q(owner__birthday__lte=ADULT_SINCE)
        viewer_id = getattr(viewer, "pk", viewer)  # `Prepared` asks with an id in place of a person
        among_minors = Exists(User.objects.filter(pk=viewer_id, birthday__gt=ADULT_SINCE))
        included = (
            (~Q(audience=Audience.ONLY_ME) & granted)
            | (Q(audience=Audience.MUTUALS) & mutual & (of_age | among_minors))
            | (Q(audience=Audience.EVERYONE) & of_age & ~Exists(Complaint.objects.closing(viewer)))
        )
        return self.in_force().filter(Q(owner=viewer) | (included & ~mine & ~theirs))


class _AdultSince(models.Func):
    """The latest birthday of somebody who is of age today, by the clock of the database."""

    template = "(CURRENT_DATE - interval '18 years')::date"
    arity = 0
    output_field = models.DateField()


ADULT_SINCE = _AdultSince()


class Cameo(models.Model):
    """A consented digital twin of a person, or a character. The row is what is in force; the ledger is how it came.

    `epoch` grows with every revocation. An appearance carries the epoch of its consent: as a draft it is in force
    while that is the present one, as a post while it is not below `in_force_from`. So a revocation is one row,
    whatever the number of appearances, and no later consent brings anything back.

    Consent ends at `in_force_until` unless it is renewed, or at `terms_until` if the owner's limits name a day.
    """

    id = IdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="cameos", db_index=False)
    kind = models.CharField(max_length=10, choices=CameoKind.choices)
    figure = models.CharField(max_length=10, choices=Figure.choices, blank=True)
    name = models.OneToOneField(Handle, models.PROTECT, null=True, related_name="cameo")
    display_name = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20, choices=CameoStatus.choices, default=CameoStatus.AWAITING_RECORDING)
    rejection = models.CharField(max_length=500, blank=True)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.ONLY_ME)
    ask_first = models.BooleanField(default=False)
    limits = models.JSONField(default=dict)
    preferences = models.CharField(max_length=5000, blank=True)
    restrictions = models.CharField(max_length=5000, blank=True)
    licence = models.JSONField(null=True)
    in_catalogue = models.BooleanField(default=False)
    portrait_key = models.CharField(max_length=120, blank=True)
    terms_version = models.PositiveIntegerField(default=1)
    terms_record = models.ForeignKey("ConsentRecord", models.PROTECT, null=True, related_name="+", db_index=False)
    epoch = models.PositiveIntegerField(default=1)
    in_force_from = models.PositiveIntegerField(default=1)
    in_force_until = models.DateTimeField(null=True)
    terms_until = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True)

    objects = CameoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(kind="person") & ~Q(status="erased"), name="one_face_per_person"
            ),
            models.CheckConstraint(
                condition=Q(kind="person", name=None, figure="") | (Q(kind="character") & ~Q(figure="")),
                name="a_person_goes_by_their_own_handle",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(in_force_until__isnull=False), name="consent_has_an_end"
            ),
            models.CheckConstraint(condition=Q(in_force_from__lte=F("epoch")), name="epochs_rise"),
            models.CheckConstraint(
                condition=Q(status="erased", erased_at__isnull=False) | (~Q(status="erased") & Q(erased_at=None)),
                name="erased_cameos_have_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="cameos_of_owner"),
            models.Index(fields=["-id"], condition=Q(status="active", audience="everyone"), name="cameos_for_everyone"),
            models.Index(fields=["id"], condition=Q(status="pending_review"), name="cameos_to_review"),
            models.Index(fields=["in_force_until"], condition=Q(status="active"), name="cameos_by_end"),
            models.Index(fields=["terms_until"], condition=Q(status="active"), name="cameos_by_last_day"),
            models.Index(fields=["id"], condition=Q(status="processing"), name="cameos_to_examine"),
        ]

    def __str__(self) -> str:
        return f"cameo {self.pk}"

    @property
    def handle(self) -> str:
        """Needs `owner` for a person."""
        return self.owner.handle if self.kind == CameoKind.PERSON else self.name_id or ""

    @property
    def title(self) -> str:
        return self.display_name or self.handle


class Enrolment(models.Model):
    """How a cameo was enrolled: the challenge, what was uploaded, and what the checks found.

    The recording hangs on the release: the database refuses one without the other. Erasure deletes the row.
    """

    cameo = models.OneToOneField(Cameo, models.CASCADE, primary_key=True, related_name="enrolment")
    release = models.ForeignKey("ConsentRecord", models.PROTECT, null=True, related_name="+", db_index=False)
    release_terms = models.CharField(max_length=20, blank=True)
    numbers = ArrayField(models.PositiveSmallIntegerField(), default=list)
    head_turn = models.CharField(max_length=5, blank=True)
    challenge_until = models.DateTimeField(null=True)
    recording_key = models.CharField(max_length=120, blank=True)
    recorded_at = models.DateTimeField(null=True)
    findings = models.JSONField(default=list)
    template = models.BinaryField(null=True)
    similar_to = ArrayField(models.BigIntegerField(), default=list)
    examined_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(recording_key="", recorded_at=None) | Q(release__isnull=False, recorded_at__isnull=False),
                name="nothing_is_recorded_before_the_release",
            )
        ]

    def __str__(self) -> str:
        return f"enrolment of {self.pk}"


class ConsentRecord(models.Model):
    """A line of the ledger: chained to the one before of the same cameo, over the bytes that are stored.

    Append-only, and only by the function `cameos_append`: the application has no right to insert. `body` holds opaque
    ids and salted commitments; what was committed to is in `RecordDetails`, which can be destroyed. `hash` is the
    SHA-256 of `body` in UTF-8; the other columns are what `body` says, for queries.
    """

    id = models.BigIntegerField(primary_key=True)
    cameo = models.ForeignKey(Cameo, models.PROTECT, related_name="records", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=RecordKind.choices)
    at = models.DateTimeField()
    body = models.TextField()
    previous_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cameo", "seq"], name="ledger_number_once")]

    def __str__(self) -> str:
        return f"record {self.cameo_id}/{self.seq} {self.kind}"


class LedgerHead(models.Model):
    """The newest record of a cameo; its row lock puts records in order. A trigger on the ledger moves it."""

    cameo = models.OneToOneField(Cameo, models.PROTECT, primary_key=True, related_name="+")
    seq = models.PositiveIntegerField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"head of {self.pk} at {self.seq}"


class RecordDetails(models.Model):
    """What a record commits to, and the salt that makes guessing it useless. Erasure deletes it."""

    record = models.OneToOneField(ConsentRecord, models.PROTECT, primary_key=True, related_name="details")
    salt = models.BinaryField()
    disclosed = models.JSONField()

    def __str__(self) -> str:
        return f"details of {self.pk}"


class LedgerAnchor(models.Model):
    """An anchor, as we remember it; what counts is the file outside the database. `pending` is that file's text until
    it is stored, so that an interrupted publication goes on where it was."""

    number = models.PositiveIntegerField(primary_key=True)
    key = models.CharField(max_length=120)
    root = models.BinaryField()
    hash = models.BinaryField()
    tree_size = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    pending = models.TextField(blank=True)
    mailed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"anchor {self.number}"


class AnchoredHead(models.Model):
    """The head of a cameo in the newest anchor, so that the next one lists only what changed. Made anew from the
    files when it does not fit them; hence no foreign key."""

    cameo_id = models.BigIntegerField(primary_key=True)
    seq = models.PositiveIntegerField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"anchored head of {self.pk} at {self.seq}"


class Grant(models.Model):
    """Leave for one person to cast a cameo. To end it is to delete the row; the ledger has both."""

    id = IdField()
    cameo = models.ForeignKey(Cameo, models.CASCADE, related_name="grants", db_index=False)
    grantee = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    record = models.ForeignKey(ConsentRecord, models.PROTECT, related_name="+", db_index=False)
    granted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cameo", "grantee"], name="grant_once")]

    def __str__(self) -> str:
        return f"{self.grantee_id} may cast {self.cameo_id}"


_OF_OTHERS = ~Q(requester=F("cameo__owner"))
_UNSEEN = Q(shown_at=None) | Q(shown_at__gt=Now())
_REVOKED = Q(epoch__lt=F("cameo__in_force_from")) | (_OF_OTHERS & _UNSEEN & Q(epoch__lt=F("cameo__epoch")))
_LAPSED = (
    Q(withdrawn_at__isnull=False)
    | _REVOKED
    | (_OF_OTHERS & (Q(cameo__in_force_until__lte=Now()) | Q(cameo__terms_until__lte=Now())))
)


class AppearanceQuerySet(models.QuerySet["Appearance"]):
    def lapsed(self) -> Self:
        """Appearances that are not in force, whoever looks: withdrawn one by one, by a revocation, or run out.

        What somebody made of their own face does not run out.
        """
        return self.filter(_LAPSED)

    def in_force(self) -> Self:
        """All but the lapsed."""
        return self.exclude(_LAPSED)

    def unseen(self) -> Self:
        """Appearances in what others cannot see yet: jobs, drafts, posts that are private or whose day has not come."""
        return self.filter(_UNSEEN)

    def revoked(self) -> Self:
        """Appearances that a revocation took: for good, other than what ran out."""
        return self.filter(_REVOKED)

    def not_walled_from(self, viewer: User) -> Self:
        """Without those of somebody across a wall from `viewer`, but with what `viewer` made themselves."""
        mine, theirs = walls_between("cameo__owner", viewer)
        return self.filter(Q(requester=viewer) | (~mine & ~theirs))

    def shown_to(self, viewer: User) -> Self:
        """Appearances that do not keep what they are in from `viewer`: in force, and of nobody across a wall."""
        return self.in_force().not_walled_from(viewer)

    def unusable(self) -> Self:
        """Appearances that their requester may do nothing with: lapsed, or of somebody who is now across a wall."""
        walls = Block.objects.filter(
            Q(blocker=OuterRef("requester"), blocked=OuterRef("cameo__owner"))
            | Q(blocker=OuterRef("cameo__owner"), blocked=OuterRef("requester"))
        )
        return self.filter(_LAPSED | Exists(walls))


class Appearance(models.Model):
    """One cameo in one job, draft or post, and the consent it relies on.

    A job has a row for each member of its cast; each of its drafts has its own, which becomes the post's. What job,
    draft and post are is known above this room: here they are numbers. `requester` is who made the thing.
    `shown_at` is from when on others see the post; None for a private one, as for a draft.
    """

    id = IdField()
    cameo = models.ForeignKey(Cameo, models.PROTECT, related_name="appearances", db_index=False)
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    job_id = models.BigIntegerField()
    draft_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    is_inherited = models.BooleanField(default=False)
    record = models.ForeignKey(ConsentRecord, models.PROTECT, null=True, related_name="+", db_index=False)
    terms_version = models.PositiveIntegerField()
    epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    shown_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = AppearanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job_id", "draft_id", "cameo"], nulls_distinct=False, name="appearance_once"
            ),
            models.CheckConstraint(condition=Q(post_id=None) | Q(draft_id__isnull=False), name="a_post_was_a_draft"),
        ]
        indexes = [
            models.Index(fields=["post_id"], condition=Q(post_id__isnull=False), name="cast_of_post"),
            models.Index(fields=["draft_id"], condition=Q(draft_id__isnull=False), name="cast_of_draft"),
            models.Index(fields=["cameo", "-id"], name="appearances_newest"),
            models.Index(
                fields=["cameo", "-post_id"],
                condition=Q(post_id__isnull=False, withdrawn_at=None),
                name="castings_newest",
            ),
            models.Index(fields=["cameo", "shown_at"], condition=Q(withdrawn_at=None), name="appearances_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.cameo_id} in job {self.job_id}"


class RequestState(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    CLOSED = "closed"


class CastRequest(models.Model):
    """A draft that waits for the owner of a face: the requester is new to them, or a limit is in doubt.

    All requests of a draft must be approved. One that is declined, or not answered in time, closes the others.
    """

    id = IdField()
    cameo = models.ForeignKey(Cameo, models.CASCADE, related_name="cast_requests", db_index=False)
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    job_id = models.BigIntegerField()
    draft_id = models.BigIntegerField()
    is_first_time = models.BooleanField()
    doubts = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.PENDING)
    epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft_id", "cameo"], name="asked_once"),
            models.CheckConstraint(
                condition=Q(state="pending", answered_at=None) | (~Q(state="pending") & Q(answered_at__isnull=False)),
                name="answered_requests_have_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["cameo", "-id"], name="requests_of_cameo"),
            models.Index(fields=["cameo", "requester"], name="requests_of_requester"),
            models.Index(fields=["expires_at"], condition=Q(state="pending"), name="requests_pending"),
        ]

    def __str__(self) -> str:
        return f"request {self.pk} {self.state}"


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def closing(self, requester: User) -> Self:
        """Something, when complaints of two distinct people against `requester` were upheld, the second within the
        last 30 days: then cameos for `everyone` are closed to them."""
        recent = self.filter(requester=requester, upheld_at__gt=Now() - settings.COMPLAINT_CLOSES_FOR)
        others = Complaint.objects.filter(requester=requester, upheld_at__lte=OuterRef("upheld_at")).exclude(
            complainant=OuterRef("complainant")
        )
        return recent.filter(Exists(others))


class Complaint(models.Model):
    """An owner of a face complained of what somebody made with it, and a moderator agreed."""

    id = IdField()
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    complainant = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    post_id = models.BigIntegerField()
    upheld_at = models.DateTimeField(db_default=Now())

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["requester", "complainant", "post_id"], name="complaint_once")]

    def __str__(self) -> str:
        return f"complaint of {self.complainant_id} against {self.requester_id}"


class MemorialStatus(models.TextChoices):
    PENDING = "pending"
    CLOSED = "closed"
    DECLINED = "declined"


class Memorial(models.Model):
    """A person who has died, whose representative asks that prompts naming them be refused."""

    id = IdField()
    claimant = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    relation = models.CharField(max_length=200)
    evidence = models.CharField(max_length=2000)
    status = models.CharField(max_length=10, choices=MemorialStatus.choices, default=MemorialStatus.PENDING)
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"memorial of {self.name}"


class MemorialName(models.Model):
    """A name or alias, normalised; several memorials may share one."""

    id = models.BigAutoField(primary_key=True)
    memorial = models.ForeignKey(Memorial, models.CASCADE, related_name="names")
    name = models.CharField(max_length=100, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["memorial", "name"], name="memorial_name_once")]

    def __str__(self) -> str:
        return self.name
