"""C01: no post is published whose cast is not in force, however close revocation and publishing come."""

import pytest

from cameos import casting
from cameos.models import Cameo
from sora_social.accounts import ties
from sora_social.studio import publishing
from tests.journeys.consent_races import ACTS, ConsentRaces, Stage


@pytest.fixture
def stage(committed, settings):
    settings.CLIPS_PER_DAY = 1_000_000
    return Stage.set()


def test_c01_who_publishes_while_consent_is_taken_back_loses_or_was_first(stage):
    found = ConsentRaces(stage, seed=1).run(100)
    assert found.bad == []
    # both sides win now and then: else nothing was raced
    assert sum(found.published.values()) >= 3, found
    assert sum(found.refused.values()) >= 15, found


def ask_without_holding(actor, cameo_ids):
    found = casting.castable_among(actor, cameo_ids)
    if len(found) < len(set(cameo_ids)):
        raise casting.CastNotAllowed
    return [found[cameo_id] for cameo_id in cameo_ids]


def do_not_ask(actor, draft):
    ids = casting.cast_of_draft(draft.pk).values("cameo_id")
    return list(Cameo.objects.filter(pk__in=ids).select_related("owner"))


ROWS_OF_CAMEOS = tuple(name for name in ACTS if name not in {"block", "unfollow"})


@pytest.mark.parametrize("acts", [ROWS_OF_CAMEOS, ("block", "unfollow")], ids=["cameo", "tie"])
def test_c01_mutant_asked_but_not_held(acts, stage, monkeypatch):
    monkeypatch.setattr(casting, "hold", ask_without_holding)
    assert ConsentRaces(stage, acts, seed=2).run(300, until="late").late


def test_c01_mutant_the_tie_is_not_held(stage, monkeypatch):
    monkeypatch.setattr(ties, "hold_tie", lambda *_, **__: None)
    assert ConsentRaces(stage, ("block", "unfollow"), seed=3).run(300, until="late").late


def test_c01_mutant_nobody_is_asked_at_publish(stage, monkeypatch):
    monkeypatch.setattr(publishing, "_agreed_cast", do_not_ask)
    assert ConsentRaces(stage, ("end_grant", "narrow"), seed=4).run(200, until="late").late


def test_c01_what_was_revoked_is_refused_by_the_database_even_where_nobody_asks(stage, monkeypatch):
    monkeypatch.setattr(publishing, "_agreed_cast", do_not_ask)
    assert not ConsentRaces(stage, ("unpublish_all", "hide_my_face"), seed=4).run(40).seen
