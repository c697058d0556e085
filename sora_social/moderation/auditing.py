"""The log of what the staff looked at. What they decided is written by `deciding`, with the decision itself."""

from sora_social.accounts.models import User
from sora_social.moderation.models import Action, AuditEntry, SubjectType


def note_visit(actor: User, *, subject_type: SubjectType, subject_id: int | None, path: str, is_form: bool) -> None:
    """Log that `actor` opened a page of the desk, looked behind a room, or sent a form. Written before it is shown."""
    AuditEntry.objects.create(
        actor=actor,
        action=Action.SENT if is_form else Action.VIEWED,
        subject_type=subject_type,
        subject_id=subject_id,
        path=path[:500],
    )
