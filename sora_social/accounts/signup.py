"""The fields of a sign-up beside e-mail, handle and password, and what is refused."""

from typing import Any

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.http import HttpRequest
from django.utils import timezone

from sora_social.accounts import admission, invites, zones
from sora_social.accounts.ages import age_on
from sora_social.accounts.models import User
from sora_social.core.errors import Invalid
from sora_social.core.problems import problem


class SignupForm(forms.Form):
    """Birthday and country are asked of everybody; an invite code admits at once. The time zone should be told."""

    birthday = forms.DateField(input_formats=["%Y-%m-%d"])
    country = forms.CharField(
        max_length=2, validators=[RegexValidator(r"^[A-Z]{2}$", "Two letters, as in ISO 3166-1 alpha-2.")]
    )
    invite_code = forms.CharField(max_length=16, required=False)
    time_zone = forms.CharField(max_length=40, required=False)

    def clean_birthday(self) -> Any:
        birthday = self.cleaned_data["birthday"]
        today = timezone.now().date()
        if not (birthday.year >= 1900 and birthday <= today):
            raise forms.ValidationError("Not a birthday.", code="invalid")
        if age_on(today, birthday) < settings.MINIMUM_AGE:
            raise forms.ValidationError("You must be 13 or older.", code="too_young")
        return birthday

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"])
        if not admission.is_open_to(admission.country_of(context.request, country)):
            raise ImmediateHttpResponse(
                problem(403, "unsupported_country_code", detail="Not open in your country yet.")
            )
        return country

    def clean_invite_code(self) -> str:
        code = str(self.cleaned_data["invite_code"]).strip().upper()
        if code and not invites.is_unused(code):
            raise forms.ValidationError("This code was never given out, or is used.", code="invalid_invite")
        return code

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"])
        try:
            return zones.well_formed_zone(name) if name else ""
        except Invalid as error:
            raise forms.ValidationError(error.detail, code="bad_zone") from error

    def signup(self, request: HttpRequest, user: User) -> None:
        """Everything is done in `AccountAdapter.save_user`, in one transaction."""
