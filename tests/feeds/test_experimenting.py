"""Experiments with the cards: arms that stay, ghosts that nobody sees, a pause that is outside all of them."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from feeds import logbook
from feeds.models import Experiment, Nudge, ServedPage
from feeds.moments import new_page_id
from feeds.scroll import experimenting, nudge_report
from ranking import experiments
from sora_social.accounts import ties
from sora_social.core.errors import Conflict, Invalid, NotFound
from sora_social.posts import posting
from sora_social.posts.models import Post
from sora_social.studio import publishing
from sora_social.studio.models import Generation
from tests import cast
from tests.feeds.scrolling_stage import Scroller, card_of, job_now

POST, NUDGE, PAUSE = "post", "nudge", "pause"
WORDS = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


def begun(name="cards", *, days=28, minimum_people=2, minimum_effect=0.2, **shares):
    return experimenting.start(
        name=name,
        shares=shares or dict.fromkeys(experiments.ARMS, 1),
        days=days,
        minimum_people=minimum_people,
        minimum_effect=minimum_effect,
        now=timezone.now(),
    )


def all_in(arm, monkeypatch):
    """Everybody falls into one arm."""
    monkeypatch.setattr(experiments, "arm_of", lambda person_id, salt, shares: arm)
    return begun()


def test_while_none_runs_everybody_has_the_create_offer(long_feed, ada, api):
    scroller = Scroller(api(ada))
    scroller.page()
    assert card_of(scroller.page())["kind"] == "create"
    nudge = Nudge.objects.get(viewer=ada)
    assert (nudge.experiment, nudge.arm) == (None, "")


def test_the_control_arm_is_logged_and_sees_nothing(long_feed, ada, api, monkeypatch):
    experiment = all_in("control", monkeypatch)
    scroller = Scroller(api(ada))
    assert scroller.kinds() + scroller.kinds() == [POST] * 40
    ghost = Nudge.objects.get(viewer=ada)
    assert (ghost.is_ghost, ghost.experiment, ghost.arm, ghost.offer) == (True, experiment, "control", None)
    assert api(ada).put(f"/v1/nudges/{ghost.pk}/outcome", {"outcome": "left"}).status_code == 404
    assert scroller.kinds() == [PAUSE]  # the pause is outside every experiment
    assert Nudge.objects.get(kind="pause").experiment is None


def test_a_making_counts_for_a_ghost_as_for_a_card(long_feed, ada, api, clock, settle, monkeypatch):
    all_in("control", monkeypatch)
    scroller = Scroller(api(ada))
    scroller.page(), scroller.page()
    job_now(ada)
    settle()
    assert Nudge.objects.get(viewer=ada).outcome == "created"


def test_the_break_arm_is_offered_a_break(long_feed, ada, api, monkeypatch):
    all_in("break_only", monkeypatch)
    scroller = Scroller(api(ada))
    scroller.page()
    card = card_of(scroller.page())
    assert (card["kind"], card["offer"]) == ("break", None)
    assert [action["code"] for action in card["actions"]] == ["go_on", "done"]
    scroller.page(10)


def test_the_friend_arm_is_offered_a_friend_where_there_is_one(long_feed, ada, bo, cy, api, monkeypatch):
    all_in("friend_offer", monkeypatch)
    cast.finished_job(ada)
    cast.finished_job(bo)
    ties.follow(ada, "cy")
    ties.follow(cy, "ada")
    cast.cameo(cy, audience="mutuals")
    kinds = {}
    for person in (ada, bo):
        scroller = Scroller(api(person))
        scroller.page()
        card = card_of(scroller.page())
        kinds[person.handle] = (card["kind"], card["offer"]["action"])
    assert kinds == {"ada": ("friend", "cast"), "bo": ("create", "draft")}


def test_teens_are_outside_every_experiment(long_feed, teen, clock, api, monkeypatch):
    clock.to(2027, 3, 10, 12, 0)
    all_in("control", monkeypatch)
    scroller = Scroller(api(teen))
    scroller.page()
    assert card_of(scroller.page())["kind"] == "create"
    assert Nudge.objects.get(viewer=teen).experiment is None


def test_the_log_names_the_arm_from_the_first_card_on(long_feed, ada, api, monkeypatch):
    all_in("create_offer", monkeypatch)
    scroller = Scroller(api(ada))
    for _ in range(3):
        scroller.page(12)
    logbook.flush()
    assert list(ServedPage.objects.order_by("pk").values_list("arm", flat=True)) == ["", "create_offer", "create_offer"]


def test_people_stay_in_their_arm_and_arms_have_their_shares(ada, bo):
    experiment = begun(control=1, create_offer=3)
    arms = {experimenting.arm_for(ada, timezone.now()) for _ in range(5)}
    assert len(arms) == 1
    found = [experiments.arm_of(number, experiment.salt, experiment.arms) for number in range(8_000)]
    assert set(found) == {"control", "create_offer"}
    assert abs(found.count("control") / 8_000 - 0.25) < 0.02


def test_one_experiment_runs_at_a_time_and_the_database_says_so(db):
    first = begun("first")
    with pytest.raises(Conflict):
        begun("second")
    with pytest.raises(IntegrityError, match="one_experiment_at_a_time"), transaction.atomic():
        Experiment.objects.create(
            name="third",
            salt="x",
            arms={},
            starts_at=first.ends_at - timedelta(seconds=1),
            ends_at=first.ends_at + timedelta(days=1),
        )
    experimenting.stop(first.pk, timezone.now())
    begun("second")
    with pytest.raises(Conflict):
        experimenting.stop(first.pk, timezone.now())
    with pytest.raises(NotFound):
        experimenting.stop(1, timezone.now())


@pytest.mark.parametrize(
    "wrong",
    [
        {"control": 1},
        {"control": 1, "create_offer": 0},
        {"control": 1, "everything": 1},
        {"control": -1, "create_offer": 2, "break_only": 1},
    ],
)
def test_an_experiment_needs_two_arms_that_there_are(wrong, db):
    with pytest.raises(Invalid):
        begun(**wrong)
    assert not Experiment.objects.exists()


# the report


def card_in(experiment, arm, viewer, *, made_at, outcome="", job=None):
    ids = new_page_id()
    with_id = {"pk": ids - (int((timezone.now() - made_at).total_seconds() * 1000) << 21)}
    return Nudge.objects.create(
        **with_id,
        viewer=viewer,
        kind="create",
        step=1,
        experiment=experiment,
        arm=arm,
        made_at=made_at,
        outcome=outcome,
        outcome_at=made_at if outcome else None,
        job=job,
        is_settled=True,
    )


def published(viewer, at):
    """What somebody made and published, as if it had been then."""
    job = cast.finished_job(viewer)
    post = publishing.publish_draft(viewer, job.drafts.get().pk, caption="", **WORDS)
    Post.objects.filter(pk=post.pk).update(created_at=at)
    Generation.objects.filter(pk=job.pk).update(created_at=at)
    return job, post


def test_the_report_says_what_came_of_each_card(ada, bo, cy, mallory):
    experiment = begun(control=1, create_offer=1)
    Experiment.objects.update(starts_at=timezone.now() - timedelta(days=10))
    then = timezone.now() - timedelta(days=3)
    kept_job, _ = published(ada, then + timedelta(minutes=20))
    gone_job, gone = published(bo, then + timedelta(minutes=20))
    posting.delete_post(bo, gone.pk)
    Post.objects.filter(pk=gone.pk).update(deleted_at=then + timedelta(hours=2))
    card_in(experiment, "create_offer", ada, made_at=then, outcome="created", job=kept_job)
    card_in(experiment, "create_offer", bo, made_at=then, outcome="remixed", job=gone_job)
    card_in(experiment, "control", cy, made_at=then, outcome="left")
    back = card_in(experiment, "control", mallory, made_at=then, outcome="dismissed")
    card_in(experiment, "control", mallory, made_at=timezone.now() - timedelta(minutes=40))  # too young for the most
    ServedPage.objects.create(
        pk=back.pk + (20 * 3_600_000 << 21),
        viewer=mallory,
        feed="latest",
        snapshot_id=1,
        candidate_set_hash=0,
        model="m",
        first_rank=0,
        post_ids=[1],
        scores=[0.0],
        propensities=[1.0],
    )
    told = nudge_report.report("cards", since=None, now=timezone.now())
    rates = {arm.arm: {metric: (rate.value, rate.cards) for metric, rate in arm.rates.items()} for arm in told.arms}
    assert rates["create_offer"] == {
        "started": (1.0, 2),
        "published": (1.0, 2),
        "kept": (0.5, 2),
        "dismissed": (0.0, 2),
        "left": (0.0, 2),
        "returned": (0.0, 2),
    }
    assert rates["control"] == {
        "started": (0.0, 3),
        "published": (0.0, 2),
        "kept": (0.0, 2),
        "dismissed": (1 / 3, 3),
        "left": (0.5, 2),
        "returned": (0.5, 2),
    }
    assert [(arm.arm, arm.people, arm.cards) for arm in told.arms] == [("control", 2, 3), ("create_offer", 2, 2)]
    assert told.verdict.winner == ""
    assert "control has no rate to compute" in told.verdict.reason


def test_the_command_prints_a_table_and_draws_a_picture(ada, bo, cy, mallory, tmp_path, capsys):
    experiment = begun(control=1, create_offer=1)
    then = timezone.now() - timedelta(days=3)
    for arm, people in (("control", (ada, bo)), ("create_offer", (cy, mallory))):
        for person in people:
            card_in(experiment, arm, person, made_at=then)
    call_command("nudge_report", "cards", out=tmp_path / "new")
    said = capsys.readouterr().out
    assert "control" in said
    assert "People needed in each arm" in said
    (picture,) = (tmp_path / "new").iterdir()
    drawn = picture.read_text()
    assert drawn.startswith("<?xml")
    for words in ("create_offer", "published", "returned"):
        assert words in drawn
    call_command("nudge_report", "cards", out=tmp_path / "again")
    assert (tmp_path / "again" / picture.name).read_text() == drawn
    call_command("nudge_report", since=timezone.now() - timedelta(days=1))
    assert "No cards yet." in capsys.readouterr().out


def test_without_an_experiment_the_report_is_of_everybody(ada, capsys):
    cast.card_laid(ada)
    call_command("nudge_report")
    said = capsys.readouterr().out
    assert "everybody" in said
    assert "nothing is compared" in said
    with pytest.raises(NotFound):
        call_command("nudge_report", "nothing-of-that-name")
