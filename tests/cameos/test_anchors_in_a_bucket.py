"""Anchors in an object store, as on the file system."""

import pytest
from django.db import transaction

from cameos import anchoring, evidence, ledger, merkle, signing, verify_evidence
from cameos.models import AnchoredHead, LedgerAnchor, RecordKind
from tests import cast
from tests.media.test_delivery import bucket, object_store

__all__ = ["bucket", "object_store"]  # fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.mark.usefixtures("bucket")
def test_anchors_live_in_a_bucket(ada):
    assert anchoring.newest_stored() is None
    cameo = cast.cameo(ada)
    for number in (1, 2):
        assert anchoring.publish().number == number
        assert anchoring.publish() is None
        with transaction.atomic():
            ledger.append(cameo.pk, RecordKind.RENEWED, actor_id=ada.pk)
    LedgerAnchor.objects.all().delete()  # another database, or this one before it knew
    AnchoredHead.objects.all().delete()
    assert anchoring.publish().number == 3
    wrong: list[str] = []
    found = anchoring.replay(anchoring.stored(), merkle.HeadTree(), keys=signing.published_keys(), flaws=wrong)
    assert [(anchor.number, [head[1] for head in anchor.heads]) for anchor in found] == [(1, [2]), (2, [3]), (3, [4])]
    assert wrong == []
    keys = {kid: key.raw for kid, key in signing.published_keys().items()}
    assert "anchor 3 of" in verify_evidence.verify(evidence.evidence_of(ada, cameo.pk), keys)
