"""The memorial registry, and complaints that close doors."""

import time

import pytest

from cameos import complaints, enrolling, memorials, spelling
from cameos.models import Appearance, Cameo, Complaint, Memorial, MemorialName
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from sora_social.moderation import deciding, reporting
from sora_social.moderation.models import AuditEntry
from tests import cast

WORDS = {"relation": "her daughter", "evidence": "https://example.org/will"}


def claim(person, name="Vera Lindqvist", aliases=("薇拉林", "La Vera")):
    return memorials.claim(person, name=name, aliases=list(aliases), **WORDS)


def test_a_claim_closes_nothing_until_a_moderator_agrees(ada, mod):
    memorial = claim(ada)
    assert memorials.closed_names_in(["a song by vera lindqvist"]) == []
    deciding.close_memorial(mod, memorial.pk, reason="the will is real")
    assert memorials.closed_names_in(["A song by Vera  LINDQVIST's band", "nothing"]) == ["vera lindqvist"]
    assert memorials.closed_names_in(["夜市里的薇拉林"]) == ["薇拉林"]
    assert memorials.closed_names_in(["Vera alone", "Lindqvist"]) == []
    assert memorials.closed_names_in([]) == []
    entry = AuditEntry.objects.decisions().get()
    assert (entry.action, entry.subject_type, entry.subject_id) == ("closed", "memorial", memorial.pk)


def test_a_closed_name_may_be_opened_again(ada, mod):
    memorial = claim(ada)
    deciding.close_memorial(mod, memorial.pk, reason="the will is real")
    with pytest.raises(Conflict):
        deciding.close_memorial(mod, memorial.pk, reason="once more")
    deciding.decline_memorial(mod, memorial.pk, reason="the will was forged")
    assert memorials.closed_names_in(["vera lindqvist"]) == []
    assert Memorial.objects.get().status == "declined"


def test_only_a_moderator_with_a_reason_decides(ada, bo, mod):
    memorial = claim(ada)
    for act in (deciding.close_memorial, deciding.decline_memorial):
        with pytest.raises(Forbidden):
            act(bo, memorial.pk, reason="because")
        with pytest.raises(Invalid):
            act(mod, memorial.pk, reason=" ")
        with pytest.raises(NotFound):
            act(mod, 1, reason="because")
    assert Memorial.objects.get().status == "pending"
    assert not AuditEntry.objects.decisions().exists()


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"name": "..."}, "name"),
        ({"name": "a b c d e f g"}, "name"),
        ({"aliases": ["ok", "!?"]}, "aliases"),
    ],
)
def test_a_name_that_could_not_be_found_is_refused(words, field, ada):
    with pytest.raises(Invalid) as caught:
        claim(ada, **words)
    assert set(caught.value.errors) == {field}
    assert not MemorialName.objects.exists()


def test_the_same_name_twice_is_one(ada):
    claim(ada, name="Vera Lindqvist", aliases=["VERA lindqvist", "vera  lindqvist"])
    assert MemorialName.objects.count() == 1


def test_five_claims_of_a_person_may_wait(ada, at_once):
    for number in range(memorials.PENDING_AT_MOST):
        claim(ada, name=f"Vera the {['first', 'second', 'third', 'fourth', 'fifth'][number]}", aliases=())
    with pytest.raises(TooMany):
        claim(ada)
    assert Memorial.objects.count() == memorials.PENDING_AT_MOST


def test_the_lookup_is_one_query(ada, mod, django_assert_num_queries):
    deciding.close_memorial(mod, claim(ada).pk, reason="the will is real")
    with django_assert_num_queries(1):
        memorials.closed_names_in(["vera lindqvist " * 100, "夜市" * 100])


@pytest.fixture
def robin(ada, mod):
    memorial = claim(ada, name="Robin Williams", aliases=())
    deciding.close_memorial(mod, memorial.pk, reason="the will is real")


@pytest.mark.usefixtures("robin")
@pytest.mark.parametrize(
    "hidden",
    [
        *("Robin\u200bWilliams", "Robin\u00adWilliams", "Robin\u3164Williams", "Robin\ufe0fWilliams"),
        *("Ro\u3164bin Williams", "Ro\u200bbin\u200bWilliams", "Robin\u2060 Williams"),
        *("RobinWilliams", "#RobinWilliams", "robin_williams", "Robin.Williams", "Ro bin Wil liams"),
        *("R0bin Williams", "Robin W1lliams", "Rob1n W1ll1am5", "R0b!nW!lliams", "#R0binW1lliams"),
        *("Williams, Robin", "williams robin", "R o b i n W i l l i a m s", "R.o.b.i.n Williams"),
    ],
)
def test_a_hidden_name_is_found(hidden, bo):
    for prompt in (hidden, f"a clip of {hidden} on stage", f"看，{hidden} dances"):
        assert memorials.closed_names_in([prompt]) == ["robin williams"], prompt
    with pytest.raises(Invalid):
        memorials.require_open(display_name=hidden)


@pytest.mark.usefixtures("robin")
def test_everyday_words_are_no_hidden_names(mod):
    for number, name in enumerate(("Asa", "Al Gore", "Ed", "Ana", "Don Key")):
        memorial = claim(cast.person(f"heir{number}"), name=name, aliases=())
        deciding.close_memorial(mod, memorial.pk, reason="the will is real")
    everyday = [
        *(
            "a robin sings to williams",
            "as a child on a beach",
            "a 3D print of a 4K screen in 1999, 2nd take",
            "an a, and al",
        ),
        *("robin hood and serena williams", "Robin", "the gore of 7 al dente dishes", "W1lliams street 5"),
    ]
    assert memorials.closed_names_in(everyday) == []
    memorials.require_open(handle="robin", display_name="Williams the cat")


@pytest.mark.parametrize("filling", ["a ", "a1b ", "ab\u200b", "邓丽君周杰伦", "a. 1-", "!", "a!", "\ufdfa", "9a1 x"])
def test_looking_for_hidden_names_in_a_full_prompt_is_bounded(filling):
    text = "".join(f"{at % 97}{filling}" if at % 3 else filling for at in range(2000))[:2000]
    begun = time.process_time()
    keys = spelling.keys_in([text])
    assert time.process_time() - begun < 1
    assert len(keys.names) + len(keys.joined) <= 40_000


@pytest.mark.parametrize(
    "words",
    [
        {"handle": "veralindqvist"},
        {"handle": "vera_lindqvist"},
        {"handle": "vera.lindqvist"},
        {"handle": "rex", "display_name": "Vera Lindqvist"},
        {"handle": "rex", "display_name": "薇拉林"},
    ],
)
def test_no_character_goes_by_a_closed_name(words, ada, bo, mod):
    memorial = claim(ada)
    deciding.close_memorial(mod, memorial.pk, reason="the will is real")
    field = "display_name" if "display_name" in words else "handle"
    with pytest.raises(Invalid) as caught:
        enrolling.create(bo, kind="character", figure="persona", **words)
    assert {name: errors[0]["code"] for name, errors in caught.value.errors.items()} == {field: "memorial"}
    assert not Cameo.objects.exists()
    enrolling.create(bo, kind="character", figure="persona", handle="vera_the_cat", display_name="Vera the cat")


# complaints


@pytest.fixture
def posted(ada, cy):
    """cy made something with ada's face."""
    cameo = cast.cameo(ada, audience="everyone")
    post = cast.post(cy)
    Appearance.objects.create(
        cameo=cameo, requester=cy, job_id=1, draft_id=1, post_id=post.pk, terms_version=1, epoch=1
    )
    return post


def test_a_complaint_counts_once_and_only_for_a_face_in_the_post(posted, ada, bo, cy):
    words = {"requester_id": cy.pk, "complainant_id": ada.pk}
    assert complaints.note_upheld(posted.pk, **words)
    assert complaints.note_upheld(posted.pk, **words)
    assert not complaints.note_upheld(posted.pk, requester_id=cy.pk, complainant_id=bo.pk)
    assert not complaints.note_upheld(posted.pk, requester_id=ada.pk, complainant_id=ada.pk)
    assert Complaint.objects.get().complainant == ada


@pytest.mark.parametrize("how", ["uphold", "remove"])
def test_an_upheld_report_of_a_likeness_is_a_complaint(how, posted, ada, bo, cy, mod):
    report = reporting.report(ada, post_id=posted.pk, reason="likeness")
    reporting.report(bo, post_id=posted.pk, reason="likeness")
    if how == "uphold":
        deciding.uphold_report(mod, report.pk, reason="this is her")
    else:
        deciding.remove_post(mod, posted.pk, reason="this is her")
    found = Complaint.objects.get()
    assert (found.requester, found.complainant, found.post_id) == (cy, ada, posted.pk)


@pytest.mark.parametrize(("reason", "upheld"), [("spam", True), ("likeness", False)])
def test_other_reports_are_none(reason, upheld, posted, ada, mod):
    report = reporting.report(ada, post_id=posted.pk, reason=reason)
    decide = deciding.uphold_report if upheld else deciding.dismiss_report
    decide(mod, report.pk, reason="so it is")
    assert not Complaint.objects.exists()


def test_two_people_who_were_right_close_what_is_for_everyone(posted, ada, bo, cy, mod):
    other = cast.cameo(bo, audience="everyone")
    more = cast.post(cy)
    Appearance.objects.create(
        cameo=other, requester=cy, job_id=2, draft_id=2, post_id=more.pk, terms_version=1, epoch=1
    )
    for reporter, post in ((ada, posted), (bo, more)):
        assert Cameo.objects.castable_by(cy).count() == 2
        report = reporting.report(reporter, post_id=post.pk, reason="likeness")
        deciding.uphold_report(mod, report.pk, reason="it is them")
    assert Cameo.objects.castable_by(cy).count() == 0
    assert Cameo.objects.castable_by(ada).count() == 2
