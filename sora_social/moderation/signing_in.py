"""Signing in to the desk: allauth's own pages, for staff alone."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm

from sora_social.accounts.models import User


class StaffLoginForm(LoginForm):  # type: ignore[misc]
    """Password sign-in that gives a browser session to staff alone.

    For everybody else the right password is answered as a wrong one: an app signs in with a token, and a session in a
    browser would be of no use to them.
    """

    user: User | None

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.user is not None and not (self.user.is_staff and self.user.is_active):
            self.user = None
            raise get_adapter(self.request).validation_error("username_password_mismatch")
        return cleaned
