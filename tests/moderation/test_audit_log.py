"""The audit log only grows, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from sora_social.moderation import deciding
from sora_social.moderation.models import AuditEntry
from tests import cast

CHANGES = (
    "UPDATE moderation_auditentry SET reason = 'nothing happened'",
    "DELETE FROM moderation_auditentry",
    "TRUNCATE moderation_auditentry CASCADE",
)


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("role", ["default", "owner"])
@pytest.mark.parametrize("change", CHANGES)
def test_neither_the_application_nor_the_owner_can_change_what_is_written(role, change):
    post = cast.post(cast.person("ada"))
    deciding.remove_post(cast.moderator("mod"), post.pk, reason="not allowed here")
    before = list(AuditEntry.objects.values())
    with pytest.raises(DatabaseError), connections[role].cursor() as cursor:
        cursor.execute(change)
    assert list(AuditEntry.objects.values()) == before


def test_a_decision_without_a_reason_or_a_subject_cannot_be_written(mod):
    for fields in ({"reason": "", "subject_id": 1}, {"reason": "because", "subject_id": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AuditEntry.objects.create(actor=mod, action="removed", subject_type="post", **fields)
