"""People and things for tests, made through the real activities."""

from datetime import date, timedelta
from importlib import import_module

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from sora_social.accounts import invites, people
from sora_social.accounts.models import User

PASSWORD = "correct horse battery"


def person(handle: str, *, age: int = 30, admitted: bool = True, password: str | None = None) -> User:
    """Somebody with a confirmed e-mail address."""
    birthday: date = timezone.now().date() - timedelta(days=round(age * 365.25) + 30)
    somebody = User(handle=handle, email=f"{handle}@example.org", birthday=birthday, country="NL")
    if password is None:
        somebody.set_unusable_password()
    else:
        somebody.set_password(password)
    people.join(somebody)
    EmailAddress.objects.create(user=somebody, email=somebody.email, verified=True, primary=True)
    if admitted:
        invites.admit(somebody)
        somebody.refresh_from_db()
    return somebody


def moderator(handle: str) -> User:
    somebody = person(handle, password=PASSWORD)
    somebody.is_staff = True
    somebody.is_superuser = True
    somebody.save(update_fields=["is_staff", "is_superuser"])
    return somebody


def session_token(somebody: User) -> str:
    """The token that a sign-in would give."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(somebody.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = somebody.get_session_auth_hash()
    session.create()
    return str(session.session_key)
