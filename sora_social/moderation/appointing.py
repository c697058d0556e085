"""Who sits at the desk: decided by the operator, never in a browser."""

from sora_social.accounts.models import User
from sora_social.core.errors import NotFound


def set_staff(handle: str, *, is_staff: bool) -> None:
    """Appoint a moderator, or dismiss one. Acts on their next request. Raises NotFound."""
    if not User.objects.filter(handle=handle.lower().removeprefix("@")).update(is_staff=is_staff):
        raise NotFound
