"""A moderator for the demo world, with a second factor whose code can be printed."""

import time

from allauth.account.models import EmailAddress
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction

from sora_social.accounts import invites, people
from sora_social.accounts.models import User
from sora_social.core.errors import NotFound


def make_moderator(handle: str, email: str, password: str) -> None:
    """Make a member of the staff, admitted, with a confirmed e-mail, a second factor and recovery codes.

    Does nothing when `handle` is there already.
    """
    with transaction.atomic():
        if User.objects.filter(handle=handle).exists():
            return
        moderator = User(handle=handle, email=email, is_staff=True)
        moderator.set_password(password)
        people.join(moderator)
        invites.admit(moderator)
        EmailAddress.objects.create(user=moderator, email=email, verified=True, primary=True)
        TOTP.activate(moderator, generate_totp_secret())
        RecoveryCodes.activate(moderator)


def current_code(handle: str) -> str:
    """The code that the authenticator app of `handle` would show now. Raises NotFound."""
    factor = Authenticator.objects.filter(
        user__handle=handle, user__is_staff=True, type=Authenticator.Type.TOTP
    ).first()
    if factor is None:
        raise NotFound(f"@{handle} has no second factor here.")
    counter = int(time.time()) // app_settings.TOTP_PERIOD
    return str(format_hotp_value(hotp_value(decrypt(factor.data["secret"]), counter)))
