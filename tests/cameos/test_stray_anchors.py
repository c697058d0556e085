"""Files beside the anchors, and anchors that nobody of us signed, do not stop or steer what is published."""

import json

import pytest
from django.db import transaction

from cameos import anchoring, ledger
from cameos.models import LedgerAnchor, RecordKind
from tests import cast

pytestmark = pytest.mark.django_db


def renewed(cameo, owner):
    with transaction.atomic():
        ledger.append(cameo.pk, RecordKind.RENEWED, actor_id=owner.pk)


@pytest.mark.parametrize("name", ["notes.json", "zz-9.json", "99.json", "000000009-short.json"])
def test_a_stray_file_does_not_stop_publishing(name, ada, anchors):
    face = cast.cameo(ada)
    assert anchoring.publish().number == 1
    for folder in (anchors / "000000", anchors / "notes"):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("{}")
    renewed(face, ada)
    assert anchoring.publish().number == 2
    assert [key.rpartition("/")[2][:9] for key, _ in anchoring.stored()] == ["000000001", "000000002"]


@pytest.mark.parametrize("forged", ["an unsigned one", "an old one again", "no anchor"])
def test_only_what_we_signed_is_adopted(forged, ada, anchors):
    face = cast.cameo(ada)
    first = anchoring.publish()
    whole = json.loads(anchoring.bytes_of(first))
    if forged == "an unsigned one":
        whole["anchor"]["number"] = 9
    if forged == "no anchor":
        whole = {}
    (anchors / "000000" / f"000000009-{'0' * 16}.json").write_text(json.dumps(whole))
    renewed(face, ada)
    assert anchoring.publish().number == 2
    LedgerAnchor.objects.all().delete()  # restored from before the first
    renewed(face, ada)
    assert anchoring.publish().number == 3
