"""Ways to sit down at the desk."""

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from sora_social.accounts.models import User
from sora_social.moderation import demo
from tests import cast


def give_second_factor(moderator: User) -> None:
    TOTP.activate(moderator, generate_totp_secret())


def sign_in(somebody: User, *, client: Client | None = None) -> Client:
    """Through the sign-in page, with a password; and with a code where one is asked for."""
    client = client or Client()
    answer = client.post("/staff/login/", {"login": somebody.handle, "password": cast.PASSWORD})
    if answer.status_code == 302 and "/2fa/authenticate/" in answer["Location"]:
        answer = client.post(answer["Location"], {"code": demo.current_code(somebody.handle)})
        assert answer.status_code == 302, answer.content
    return client


def seated(moderator: User) -> Client:
    """A moderator whom the gate lets pass."""
    give_second_factor(moderator)
    return sign_in(moderator)
