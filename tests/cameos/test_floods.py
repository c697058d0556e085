"""What one person may do to another, and to the service, by doing it often."""

import pytest

from cameos.models import Appearance
from cameos.throttling import EvidenceThrottle
from sora_social.core.errors import TooMany
from sora_social.studio import submitting
from sora_social.studio.models import Generation
from tests import cast


def test_refused_casts_of_one_person_are_few_a_day(ada, bo, cy, settings):
    settings.CAST_REFUSALS_PER_DAY = 3
    face = cast.cameo(ada, audience="everyone")
    cast.cameo(cy, audience="everyone")
    for number in range(3):
        assert submitting.submit(bo, prompt=f"@ada naked woman {number}").status == "refused"
    before = Generation.objects.count()
    with pytest.raises(TooMany) as caught:
        submitting.submit(bo, prompt="@ada naked woman again")
    assert (caught.value.code, 86_000 < caught.value.retry_after <= 86_400) == ("rate_limited", True)
    assert (Generation.objects.count(), Appearance.objects.filter(cameo=face).count()) == (before, 3)
    assert submitting.submit(bo, prompt="@ada on a quiet beach").status == "queued"
    assert submitting.submit(bo, prompt="@cy naked woman").status == "refused"
    assert submitting.submit(cy, prompt="@ada naked woman").status == "refused"
    for _ in range(4):
        assert submitting.submit(ada, prompt="@ada naked woman").status == "refused", "of oneself, or of nobody"
        assert submitting.submit(bo, prompt="naked woman").status == "refused"


@pytest.mark.django_db
def test_evidence_is_asked_for_a_few_times_an_hour(ada, bo, api, monkeypatch):
    monkeypatch.setattr(EvidenceThrottle, "THROTTLE_RATES", {"evidence": "2/hour"})
    face, other = cast.cameo(ada), cast.cameo(bo)
    asked = [api(ada).get(f"/v1/cameos/{face.pk}/evidence") for _ in range(3)]
    assert [answer.status_code for answer in asked] == [200, 200, 429]
    assert asked[-1].json()["code"] == "rate_limited"
    assert api(bo).get(f"/v1/cameos/{other.pk}/evidence").status_code == 200
