"""Shapes of cameos, grants and memorials on the wire."""

from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from cameos.consent import Mode
from cameos.limits import Limits
from cameos.memorials import ALIASES_AT_MOST
from cameos.models import Audience, CameoKind, CameoStatus, Figure, Memorial, MemorialStatus
from cameos.showing import REASONS, STEPS, CameoShown, EnrolmentShown
from sora_social.accounts.wire import PersonOut, PersonRefOut
from sora_social.core.errors import Invalid
from sora_social.core.wire import IdText, Input, PageIn, PlainText

CODES_AT_MOST = 50
MODES = tuple(mode.value for mode in Mode)


# read


class PurposeLimitsOut(serializers.Serializer[Any]):
    """What the cameo may not be used for. Empty lists: any; `until`: the last day on which it may be used."""

    no_ads = serializers.BooleanField()
    no_politics = serializers.BooleanField()
    no_romance = serializers.BooleanField()
    no_violence = serializers.BooleanField()
    no_major_appearance_change = serializers.BooleanField()
    no_embarrassing = serializers.BooleanField()
    languages = serializers.ListField(child=serializers.CharField())
    regions = serializers.ListField(child=serializers.CharField())
    until = serializers.DateField(allow_null=True)


class LicenceOut(serializers.Serializer[Any]):
    """What casting costs, in credits. `quota`: how many clips in all; null for any number."""

    per = serializers.ChoiceField(["clip", "second"])
    credits = serializers.IntegerField()
    quota = serializers.IntegerField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    ads = serializers.BooleanField()


class EnrolmentChallengeOut(serializers.Serializer[Any]):
    """Say these numbers, and turn the head this way."""

    numbers = serializers.ListField(child=serializers.IntegerField())
    head_turn = serializers.ChoiceField(["left", "right"])


class FindingOut(serializers.Serializer[Any]):
    """What one check found. `undecided` goes to a person."""

    name = serializers.CharField()
    version = serializers.CharField()
    verdict = serializers.ChoiceField(["pass", "fail", "undecided"])
    detail = serializers.CharField(allow_blank=True)


class EnrolmentOut(serializers.Serializer[EnrolmentShown]):
    """How far it is: `release_required`, `recording_required` (or `challenge_over`: record the release again),
    `examined` by machine, `reviewed` by a person, `done`, or `rejected` with the reason.
    """

    status = serializers.ChoiceField(STEPS)
    challenge = serializers.SerializerMethodField()
    expires_at = serializers.SerializerMethodField(help_text="When the challenge is over.")
    findings = FindingOut(many=True, source="enrolment.findings")
    rejection = serializers.CharField(allow_blank=True)
    recording_url = serializers.CharField(allow_null=True)

    @extend_schema_field(EnrolmentChallengeOut(allow_null=True))
    def get_challenge(self, shown: EnrolmentShown) -> dict[str, Any] | None:
        asked = shown.enrolment
        return {"numbers": asked.numbers, "head_turn": asked.head_turn} if shown.is_open else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_expires_at(self, shown: EnrolmentShown) -> Any:
        return shown.enrolment.challenge_until if shown.is_open else None


class CameoViewerOut(serializers.Serializer[CameoShown]):
    """Whether I may cast it, and why: I am its `owner`, was `granted` it, am `mutual` with the owner, or it is for
    `everyone`. Why not: I am `not_in_audience`; complaints made it `closed_to_you` for a while; it is `not_active`
    yet; its consent has `ended`.
    """

    may_cast = serializers.BooleanField()
    reason = serializers.ChoiceField(REASONS)


class CameoOut(serializers.Serializer[CameoShown]):
    """`preferences`, `enrolment` and `expires_at` are the owner's alone; `restrictions` and `licence` are for who may
    cast. To everybody else they are null.
    """

    id = IdText(source="cameo.pk")
    handle = serializers.CharField(source="cameo.handle")
    display_name = serializers.CharField(source="cameo.title")
    kind = serializers.ChoiceField(CameoKind.choices, source="cameo.kind")
    figure = serializers.ChoiceField(Figure.choices, source="cameo.figure", allow_blank=True)
    owner = PersonOut()
    status = serializers.ChoiceField(CameoStatus.choices, source="cameo.status")
    audience = serializers.ChoiceField(Audience.choices, source="cameo.audience")
    ask_first = serializers.BooleanField(source="cameo.ask_first")
    limits = serializers.SerializerMethodField()
    preferences = serializers.SerializerMethodField()
    restrictions = serializers.SerializerMethodField()
    licence = serializers.SerializerMethodField()
    portrait_url = serializers.CharField(allow_null=True)
    links_end_at = serializers.DateTimeField(allow_null=True, help_text="When the links to its files are over.")
    viewer = CameoViewerOut(source="*")
    enrolment = EnrolmentOut(allow_null=True)
    expires_at = serializers.SerializerMethodField(help_text="When the consent ends unless it is renewed.")
    created_at = serializers.DateTimeField(source="cameo.created_at")

    @extend_schema_field(PurposeLimitsOut)
    def get_limits(self, shown: CameoShown) -> dict[str, Any]:
        return Limits.of(shown.cameo.limits).as_json()

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_preferences(self, shown: CameoShown) -> str | None:
        return shown.cameo.preferences if shown.is_mine else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_restrictions(self, shown: CameoShown) -> str | None:
        return shown.cameo.restrictions if shown.is_mine or shown.may_cast else None

    @extend_schema_field(LicenceOut(allow_null=True))
    def get_licence(self, shown: CameoShown) -> dict[str, Any] | None:
        return shown.cameo.licence if shown.is_mine or shown.may_cast else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_expires_at(self, shown: CameoShown) -> Any:
        return shown.cameo.in_force_until if shown.is_mine else None


class CameosPageOut(serializers.Serializer[Any]):
    items = CameoOut(many=True)
    next = serializers.CharField(allow_null=True)


class GrantOut(serializers.Serializer[Any]):
    person = PersonRefOut(source="grantee")
    granted_at = serializers.DateTimeField()


class GrantsPageOut(serializers.Serializer[Any]):
    items = GrantOut(many=True)
    next = serializers.CharField(allow_null=True)


# written


def not_past(day: date) -> None:
    """A last day is today or later: a wrong year would take everything down at once."""
    if day < timezone.now().date():
        raise serializers.ValidationError("This day is over.", code="in_the_past")


class CameosIn(PageIn):
    castable = serializers.BooleanField(
        required=False, default=False, help_text="Everyone whom I may cast, instead of what is mine."
    )
    q = PlainText(
        required=False,
        default="",
        max_length=60,
        allow_blank=True,
        help_text="Begins a handle or a name; with `castable`.",
    )


class CameoIn(Input):
    """A `person` is oneself, and goes by one's own handle. A `character` has a handle of its own, and a `figure`."""

    kind = serializers.ChoiceField(CameoKind.choices)
    handle = serializers.CharField(required=False, default="", max_length=30, allow_blank=True)
    display_name = PlainText(required=False, default="", max_length=60, allow_blank=True)
    figure = serializers.ChoiceField(Figure.choices, required=False, default="", allow_blank=True)


class PurposeLimitsIn(Input):
    """Those that are to change; the others stay as they are."""

    no_ads = serializers.BooleanField(required=False)
    no_politics = serializers.BooleanField(required=False)
    no_romance = serializers.BooleanField(required=False)
    no_violence = serializers.BooleanField(required=False)
    no_major_appearance_change = serializers.BooleanField(required=False)
    no_embarrassing = serializers.BooleanField(required=False)
    languages = serializers.ListField(
        child=serializers.RegexField(r"\A[a-z]{2}\Z"), required=False, max_length=CODES_AT_MOST
    )
    regions = serializers.ListField(
        child=serializers.RegexField(r"\A[A-Z]{2}\Z"), required=False, max_length=CODES_AT_MOST
    )
    until = serializers.DateField(required=False, allow_null=True, validators=[not_past])


class LicenceIn(Input):
    per = serializers.ChoiceField(["clip", "second"])
    credits = serializers.IntegerField(min_value=1, max_value=1000)
    quota = serializers.IntegerField(required=False, default=None, allow_null=True, min_value=1, max_value=1_000_000)
    until = serializers.DateField(required=False, default=None, allow_null=True, validators=[not_past])
    ads = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {**attrs, "until": attrs["until"].isoformat() if attrs["until"] else None}


class CameoPatchIn(Input):
    """Any of these. To narrow is the same call as to widen, and both are in force when it returns."""

    audience = serializers.ChoiceField(Audience.choices, required=False)
    ask_first = serializers.BooleanField(required=False)
    limits = PurposeLimitsIn(required=False)
    preferences = PlainText(required=False, max_length=5000, allow_blank=True)
    restrictions = PlainText(required=False, max_length=5000, allow_blank=True)
    display_name = PlainText(required=False, max_length=60, allow_blank=True)
    licence = LicenceIn(required=False, allow_null=True)

    def validate_limits(self, named: dict[str, Any]) -> dict[str, Any]:
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in named.items()}
        try:
            Limits.of(plain)
        except Invalid as wrong:  # said of the fields of the limits; here they are one field of several
            raise serializers.ValidationError(
                {
                    name: [ErrorDetail(error["message"], code=error["code"]) for error in errors]
                    for name, errors in wrong.errors.items()
                }
            ) from wrong
        return plain


class ReleaseIn(Input):
    terms_version = serializers.CharField(max_length=20, help_text="`release_terms` of /v1/config.")


class RecordingIn(Input):
    """For a person a video of 3 to 15 s in which they answer the challenge; for a character its picture."""

    file = serializers.FileField(allow_empty_file=True, use_url=False)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(dict(data.items()))


class RevokeIn(Input):
    """`future_only`: nothing new. `unpublish_all`: what is published is gone, too. `delete_all`: its files are, too."""

    mode = serializers.ChoiceField(MODES)

    def validate_mode(self, value: str) -> Mode:
        return Mode(value)


class MemorialIn(Input):
    name = PlainText(max_length=100)
    aliases = serializers.ListField(
        child=PlainText(max_length=100), required=False, default=list, max_length=ALIASES_AT_MOST
    )
    relation = PlainText(max_length=200, help_text="Who I am to them, and by what right I speak.")
    evidence = PlainText(max_length=2000, help_text="Where a moderator can see that it is so.")


class MemorialOut(serializers.Serializer[Memorial]):
    """`names` are closed once the status is `closed`: in lower case, the way they are compared."""

    id = IdText()
    name = serializers.CharField()
    names = serializers.SerializerMethodField()
    relation = serializers.CharField()
    evidence = serializers.CharField()
    status = serializers.ChoiceField(MemorialStatus.choices)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)

    def get_names(self, memorial: Memorial) -> list[str]:
        return sorted(entry.name for entry in memorial.names.all())


class MemorialsPageOut(serializers.Serializer[Any]):
    items = MemorialOut(many=True)
    next = serializers.CharField(allow_null=True)
