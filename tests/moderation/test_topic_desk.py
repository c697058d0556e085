"""Topics at the desk: words are changed with a reason, each change is in the audit log, and acts on the next post."""

import pytest

from feeds.models import PostTopic, Topic
from feeds.steering import vocabulary
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.moderation import deciding
from sora_social.moderation.models import AuditEntry
from tests import cast
from tests.moderation import desk

CAVES = {
    "code": "caves",
    "name_en": "caves",
    "name_zh": "洞穴",
    "words_en": "stalactite, grotto",
    "words_zh": "钟乳石",
    "part_of": "mountains",
    "is_sensitive": "",
    "is_active": "on",
    "reason": "people ask for it",
}


@pytest.fixture
def stocked(db):
    vocabulary.stock()


def test_a_topic_is_added_shown_and_changed(stocked, ada, mod, settle):
    client = desk.seated(mod)
    assert "English words" in client.get("/admin/feeds/topic/new/").content.decode()
    added = client.post("/admin/feeds/topic/new/", CAVES)
    caves = Topic.objects.get(code="caves")
    assert added["Location"] == f"/admin/feeds/topic/{caves.pk}/change/"
    post = cast.post(ada, caption="a grotto", prompt="")
    settle()
    assert PostTopic.objects.get(post=post).topic == caves.bit
    page = client.get(added["Location"]).content.decode()
    for words in ("caves · 洞穴", "stalactite, grotto", "钟乳石", "mountains", "a grotto", "people ask for it"):
        assert words in page
    form = client.get(f"/admin/feeds/topic/{caves.pk}/edit/").content.decode()
    assert "stalactite, grotto" in form
    client.post(f"/admin/feeds/topic/{caves.pk}/edit/", {**CAVES, "words_en": "cavern", "reason": "a better word"})
    assert vocabulary.current().named("cavern").topics == ("caves",)
    assert vocabulary.current().named("grotto") is None
    decisions = AuditEntry.objects.decisions().order_by("pk")
    assert list(decisions.values_list("action", "subject_type", "subject_id", "reason")) == [
        ("added", "topic", caves.pk, "people ask for it"),
        ("changed", "topic", caves.pk, "a better word"),
    ]
    listed = client.get("/admin/feeds/topic/").content.decode()
    assert "cavern" in listed or "Add a topic" in listed


def test_a_vocabulary_that_was_never_written_down_is_written_down_with_the_first_addition(mod):
    desk.seated(mod).post("/admin/feeds/topic/new/", {**CAVES, "part_of": ""})
    assert Topic.objects.filter(code="cats").exists()
    assert "cats" in vocabulary.current().by_code
    assert "caves" in vocabulary.current().by_code


@pytest.mark.parametrize("wrong", [{"name_en": ""}, {"code": "no spaces"}, {"reason": ""}, {"name_zh": "x" * 41}])
def test_a_form_that_is_not_right_comes_back_and_changes_nothing(wrong, stocked, mod):
    answer = desk.seated(mod).post("/admin/feeds/topic/new/", {**CAVES, **wrong})
    assert answer.status_code == 200
    assert not Topic.objects.filter(name_en="caves").exists()
    assert not AuditEntry.objects.decisions().exists()


@pytest.mark.parametrize("wrong", [{"code": "cats"}, {"part_of": "nowhere"}, {"words_en": "x" * 41}, {"code": "Caves"}])
def test_what_the_rules_refuse_is_told_and_changes_nothing(wrong, stocked, mod):
    desk.seated(mod).post("/admin/feeds/topic/new/", {**CAVES, **wrong}, follow=True)
    assert not Topic.objects.filter(name_en="caves").exists()
    assert not AuditEntry.objects.decisions().exists()


def words(**changes):
    given = {"name_en": "caves", "name_zh": "洞穴", "words_en": "", "words_zh": "", "part_of": ""}
    return {**given, "is_sensitive": False, "is_active": True, "reason": "because", **changes}


def test_only_staff_change_topics_and_each_change_makes_a_new_version(stocked, ada, mod):
    cats = Topic.objects.get(code="cats")
    before = vocabulary.current().version
    with pytest.raises(Forbidden):
        deciding.add_topic(ada, code="caves", **words())
    with pytest.raises(Forbidden):
        deciding.change_topic(ada, cats.pk, **words())
    with pytest.raises(NotFound):
        deciding.change_topic(mod, 10**9, **words())
    with pytest.raises(Invalid):
        deciding.change_topic(mod, cats.pk, **words(reason=""))
    with pytest.raises(Conflict):
        deciding.add_topic(mod, code="cats", **words())
    assert vocabulary.current().version == before
    deciding.change_topic(mod, cats.pk, **words())
    cats.refresh_from_db()
    assert cats.version == 2
    assert vocabulary.current().version != before


def test_sixty_four_topics_are_all_there_is_room_for(stocked, mod):
    for n in range(64 - Topic.objects.count()):
        deciding.add_topic(mod, code=f"extra_{n}", **words(name_en=f"extra {n}"))
    with pytest.raises(Conflict) as refused:
        deciding.add_topic(mod, code="caves", **words())
    assert refused.value.code == "topics_full"
    assert Topic.objects.count() == 64
