"""A cameo begins: released, recorded, examined, looked at."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from cameos import checks, consent, enrolling, erasing
from cameos.models import Cameo, ConsentRecord, Enrolment, Figure
from sora_social.accounts.models import Handle
from sora_social.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany
from sora_social.core.models import OutboxEvent
from sora_social.demo import faces
from sora_social.media.intake import UploadRejected
from tests import cast

TERMS = settings.RELEASE_TERMS


def kinds_of(cameo) -> list[str]:
    return list(ConsentRecord.objects.filter(cameo=cameo).order_by("seq").values_list("kind", flat=True))


def refusal(kind, act):
    with pytest.raises(kind) as caught:
        act()
    return caught.value


def run_out(cameo) -> None:
    Enrolment.objects.filter(pk=cameo.pk).update(challenge_until=timezone.now() - timedelta(seconds=1))


# begun


def test_a_face_goes_by_its_owners_handle_and_is_asked_something(ada):
    cameo = enrolling.create(ada, kind="person", handle="Ada")
    assert (cameo.handle, cameo.status, cameo.audience) == ("ada", "awaiting_recording", "only_me")
    enrolment = cameo.enrolment
    assert len(set(enrolment.numbers)) == 3
    assert enrolment.head_turn in {"left", "right"}
    left = enrolment.challenge_until - timezone.now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    assert kinds_of(cameo) == []


def test_one_face_per_person(ada):
    enrolling.create(ada, kind="person")
    assert refusal(Conflict, lambda: enrolling.create(ada, kind="person")).code == "already_enrolled"
    assert Cameo.objects.count() == 1


def test_an_erased_face_leaves_room_for_a_new_one(ada):
    first = cast.approved(ada)
    erasing.erase(ada, first.pk)
    assert enrolling.create(ada, kind="person").pk != first.pk


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"kind": "person", "handle": "bo"}, "handle"),
        ({"kind": "person", "figure": "pet"}, "figure"),
        ({"kind": "character", "handle": "rex"}, "figure"),
        ({"kind": "character", "handle": "bo", "figure": "pet"}, "handle"),
        ({"kind": "character", "handle": "", "figure": "pet"}, "handle"),
        ({"kind": "character", "handle": "No Handle", "figure": "pet"}, "handle"),
        ({"kind": "character", "handle": "staff", "figure": "pet"}, "handle"),
    ],
)
def test_fields_that_do_not_fit_are_refused(words, field, ada, bo):
    assert field in refusal(Invalid, lambda: enrolling.create(ada, **words)).errors
    assert not Cameo.objects.exists()
    assert Handle.objects.count() == 2


def test_under_13_there_is_no_cameo_at_all(db):
    child = cast.person("kid", age=12)
    for words in ({"kind": "person"}, {"kind": "character", "handle": "rex", "figure": "pet"}):
        assert refusal(Forbidden, lambda words=words: enrolling.create(child, **words)).code == "too_young"
    assert not Cameo.objects.exists()


def test_a_character_takes_its_name_for_good(ada, bo):
    cameo = cast.approved(ada, kind="character", handle="Rex")
    assert (cameo.handle, cameo.status) == ("rex", "active")
    erasing.erase(ada, cameo.pk)
    taken = refusal(Invalid, lambda: enrolling.create(bo, kind="character", handle="rex", figure=Figure.TOY))
    assert [error["code"] for error in taken.errors["handle"]] == ["handle_taken"]


def test_a_person_has_ten_characters_and_erasing_does_not_make_room_at_once(ada):
    for number in range(enrolling.CHARACTERS_AT_MOST):
        made = enrolling.create(ada, kind="character", handle=f"rex{number}", figure="pet")
    erasing.erase(ada, made.pk)
    more = {"kind": "character", "handle": "another", "figure": "pet"}
    assert refusal(TooMany, lambda: enrolling.create(ada, **more)).code == "too_many_characters"
    Cameo.objects.filter(pk=made.pk).update(erased_at=timezone.now() - timedelta(days=31))
    enrolling.create(ada, **more)


def test_of_many_at_once_one_gets_the_face_and_one_the_name(committed, at_once):
    ada, bo = cast.person("ada"), cast.person("bo")
    faces = at_once(lambda _: enrolling.create(ada, kind="person"), 4)
    assert [type(answer).__name__ for answer in faces].count("Cameo") == 1
    assert {answer.code for answer in faces if isinstance(answer, DomainError)} == {"already_enrolled"}
    owners = [ada, bo]
    names = at_once(lambda n: enrolling.create(owners[n % 2], kind="character", handle="rex", figure="pet"), 4)
    assert sorted(type(answer).__name__ for answer in names) == ["Cameo", "Invalid", "Invalid", "Invalid"]
    assert Cameo.objects.filter(name="rex").count() == 1


def test_of_many_at_once_ten_characters_are_made(committed, at_once):
    ada = cast.person("ada")
    for number in range(enrolling.CHARACTERS_AT_MOST - 1):
        enrolling.create(ada, kind="character", handle=f"rex{number}", figure="pet")
    answers = at_once(lambda n: enrolling.create(ada, kind="character", handle=f"dog{n}", figure="pet"), 4)
    assert sorted(type(answer).__name__ for answer in answers) == ["Cameo", "TooMany", "TooMany", "TooMany"]


# released


def test_a_release_is_of_the_terms_in_force(ada):
    cameo = enrolling.create(ada, kind="person")
    wrong = refusal(Invalid, lambda: enrolling.record_release(ada, cameo.pk, terms_version="2020-01"))
    assert [error["code"] for error in wrong.errors["terms_version"]] == ["terms_changed"]
    assert kinds_of(cameo) == []


def test_a_release_repeated_is_one_record_and_renews_a_challenge_that_is_over(ada):
    cameo = cast.begun(ada)
    before = Enrolment.objects.get(pk=cameo.pk)
    enrolling.record_release(ada, cameo.pk, terms_version=TERMS)
    assert Enrolment.objects.get(pk=cameo.pk).challenge_until == before.challenge_until
    run_out(cameo)
    enrolling.record_release(ada, cameo.pk, terms_version=TERMS)
    after = Enrolment.objects.get(pk=cameo.pk)
    assert after.challenge_until > timezone.now()
    assert (after.numbers, after.head_turn) != (before.numbers, before.head_turn)
    assert kinds_of(cameo) == ["released"]


def test_new_terms_are_a_new_release(ada, settings):
    cameo = cast.begun(ada)
    settings.RELEASE_TERMS = "2027-01"
    enrolling.record_release(ada, cameo.pk, terms_version="2027-01")
    assert kinds_of(cameo) == ["released", "released"]
    assert Enrolment.objects.get(pk=cameo.pk).release_terms == "2027-01"


def test_nobody_releases_somebody_elses_face(ada, mallory):
    cameo = enrolling.create(ada, kind="person")
    refusal(NotFound, lambda: enrolling.record_release(mallory, cameo.pk, terms_version=TERMS))
    assert kinds_of(cameo) == []


# recorded


def test_a_recording_is_kept_and_examined(ada, files):
    cameo = cast.begun(ada)
    stored = enrolling.store_recording(ada, cameo.pk, cast.upload())
    assert stored.status == "processing"
    assert files() == [stored.enrolment.recording_key]
    assert OutboxEvent.objects.filter(kind="RecordingStored").count() == 1


@pytest.mark.parametrize("junk", [b"", b"#EXTM3U\nhttp://169.254.169.254/", b"\xff\xd8\xff\xe0 a picture"])
def test_what_is_no_video_leaves_nothing(junk, ada, files):
    cameo = cast.begun(ada)
    upload = cast.upload()
    upload.seek(0)
    upload.truncate()
    upload.write(junk)
    refusal(UploadRejected, lambda: enrolling.store_recording(ada, cameo.pk, upload))
    assert files() == []
    assert Cameo.objects.get().status == "awaiting_recording"


def test_a_characters_picture_is_kept_without_anything_but_its_pixels(ada, files, media_folder):
    cameo = cast.begun(ada, kind="character", handle="rex")
    enrolling.store_recording(ada, cameo.pk, cast.upload("character"))
    (name,) = files()
    assert name.endswith(".jpg")
    refusal(
        UploadRejected,
        lambda: enrolling.store_recording(
            ada, cast.begun(ada, kind="character", handle="max").pk, cast.upload("person")
        ),
    )
    assert files() == [name]


def test_of_two_uploads_at_once_one_is_kept(committed, at_once, files):
    ada = cast.person("ada")
    cameo = cast.begun(ada)
    answers = at_once(lambda _: enrolling.store_recording(ada, cameo.pk, cast.upload()), 4)
    assert sorted(type(answer).__name__ for answer in answers) == ["Cameo", "Conflict", "Conflict", "Conflict"]
    assert files() == [Enrolment.objects.get().recording_key]
    assert OutboxEvent.objects.filter(kind="RecordingStored").count() == 1


def test_an_answer_to_an_older_challenge_is_not_kept(ada, files, monkeypatch):
    cameo = cast.begun(ada)
    kept = enrolling.intake.store_recording

    def slowly(upload):
        run_out(cameo)
        enrolling.record_release(ada, cameo.pk, terms_version=TERMS)
        return kept(upload)

    monkeypatch.setattr(enrolling.intake, "store_recording", slowly)
    assert refusal(Conflict, lambda: enrolling.store_recording(ada, cameo.pk, cast.upload())).code == "challenge_over"
    assert files() == []
    assert Cameo.objects.get().status == "awaiting_recording"


# examined


def test_doubts_go_to_a_person_who_approves(ada, mod):
    cameo = cast.enrolled(ada)
    assert (cameo.status, bool(cameo.portrait_key)) == ("pending_review", True)
    enrolling.approve(mod, cameo.pk, reason="it is her")
    cameo.refresh_from_db()
    assert (cameo.status, cameo.audience) == ("active", "only_me")
    left = cameo.in_force_until - timezone.now()
    assert timedelta(days=364) < left <= timedelta(days=365)
    assert kinds_of(cameo) == ["released", "activated"]
    said = cameo.terms_record.details.disclosed
    assert said["checks"] == [
        {"name": "container", "version": "1", "verdict": "pass"},
        {"name": "head_turn", "version": "1", "verdict": "undecided"},
    ]
    assert said["actor_id"] == str(mod.pk)


def test_what_passes_every_check_is_active(ada):
    cameo = cast.enrolled(ada, kind="character", handle="rex", found=cast.examination("pass"))
    assert cameo.status == "active"
    assert kinds_of(cameo) == ["released", "activated"]


def test_what_fails_is_rejected_in_words_and_destroyed(ada, files, settle):
    cameo = cast.enrolled(ada, found=cast.examination("fail"))
    assert (cameo.status, cameo.rejection) == ("rejected", "This check says fail.")
    settle()
    assert files() == []
    enrolment = Enrolment.objects.get()
    assert (enrolment.recording_key, enrolment.template, enrolment.release_id) == ("", None, None)
    assert kinds_of(cameo) == ["released", "rejected"]


def test_a_person_may_find_that_it_is_somebody_else(ada, mod, files, settle):
    cameo = cast.enrolled(ada, found=cast.examination(similar_to=(1,)))
    enrolling.reject(mod, cameo.pk, reason="This is a film star.")
    settle()
    cameo.refresh_from_db()
    assert (cameo.status, cameo.rejection, cameo.portrait_key) == ("rejected", "This is a film star.", "")
    assert files() == []
    refusal(Conflict, lambda: enrolling.approve(mod, cameo.pk, reason="no, yes"))


def test_the_storage_may_fail_and_the_rejected_recording_goes_all_the_same(ada, files, settle, monkeypatch):
    cast.enrolled(ada, found=cast.examination("fail"))

    def broken(keys):
        raise OSError("no storage")

    with monkeypatch.context() as patch:
        patch.setattr(enrolling.intake, "discard_files", broken)
        settle()
    assert len(files()) == 1
    OutboxEvent.objects.update(due_at=timezone.now())
    settle()
    assert files() == []


def test_after_a_rejection_a_new_release_begins_anew(ada, mod):
    cameo = cast.enrolled(ada)
    enrolling.reject(mod, cameo.pk, reason="too dark")
    assert refusal(Conflict, lambda: enrolling.require_release(ada, cameo.pk)).code == "release_required"
    enrolling.record_release(ada, cameo.pk, terms_version=TERMS)
    enrolling.store_recording(ada, cameo.pk, cast.upload())
    enrolling.conclude(enrolling._claim(cameo.pk), cast.examination())
    enrolling.approve(mod, cameo.pk, reason="now it is bright")
    assert kinds_of(cameo) == ["released", "rejected", "released", "activated"]


def test_the_checks_see_the_file_the_challenge_and_everybody_elses_face(ada, bo, monkeypatch):
    other = cast.enrolled(bo, found=cast.examination(template=b"bo's face"))
    cast.enrolled(ada, kind="character", handle="rex", found=cast.examination("pass", template=b"ada's dog"))
    cameo = cast.begun(ada)
    upload = cast.upload()
    enrolling.store_recording(ada, cameo.pk, upload)
    seen = {}

    def examine(video, *, numbers, head_turn, known):
        seen.update(bytes=video.read_bytes(), numbers=list(numbers), turn=head_turn, known=list(known))
        return cast.examination(similar_to=(other.pk,))

    monkeypatch.setattr(checks, "examine_recording", examine)
    enrolling.examine(cameo.pk)
    enrolling.examine(cameo.pk)
    enrolment = Enrolment.objects.get(pk=cameo.pk)
    assert seen["bytes"] == upload.getvalue()
    assert (seen["numbers"], seen["turn"]) == (enrolment.numbers, enrolment.head_turn)
    assert [(face.cameo_id, face.template) for face in seen["known"]] == [(other.pk, b"bo's face")]
    assert enrolment.similar_to == [other.pk]
    assert (enrolment.cameo.status, enrolment.attempts) == ("pending_review", 1)


def test_an_examination_that_breaks_off_is_tried_three_times_and_then_a_person_looks(ada, monkeypatch):
    cameo = cast.begun(ada)
    enrolling.store_recording(ada, cameo.pk, cast.upload())
    tried = []

    def breaks(*_, **__):
        tried.append(1)
        raise MemoryError

    monkeypatch.setattr(checks, "examine_recording", breaks)
    monkeypatch.setattr(enrolling, "dispatch", enrolling.examine)
    Enrolment.objects.update(recorded_at=timezone.now() - timedelta(minutes=1))
    for _ in range(6):
        enrolling.sweep()
        Enrolment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert len(tried) == enrolling.EXAMINATIONS
    cameo.refresh_from_db()
    assert cameo.status == "pending_review"
    assert [found["verdict"] for found in Enrolment.objects.get().findings] == ["undecided"]


def test_a_worker_that_was_thought_dead_changes_nothing(ada, files, monkeypatch):
    cameo = cast.begun(ada)
    enrolling.store_recording(ada, cameo.pk, cast.upload())
    late = enrolling._claim(cameo.pk)
    assert enrolling._claim(cameo.pk) is None
    Enrolment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    enrolling.conclude(enrolling._claim(cameo.pk), cast.examination())
    kept = files()
    enrolling.conclude(late, cast.examination("fail"))
    enrolling.conclude(late, cast.examination("pass"))
    cameo.refresh_from_db()
    assert (cameo.status, files()) == ("pending_review", kept)


def test_a_cameo_erased_while_it_is_examined_stays_erased(ada, files, settle):
    cameo = cast.begun(ada)
    enrolling.store_recording(ada, cameo.pk, cast.upload())
    claimed = enrolling._claim(cameo.pk)
    erasing.erase(ada, cameo.pk)
    settle()
    enrolling.conclude(claimed, cast.examination("pass"))
    cameo.refresh_from_db()
    assert (cameo.status, files()) == ("erased", [])


def test_who_became_too_young_meanwhile_is_not_approved(ada, mod):
    cameo = cast.enrolled(ada)
    ada.birthday = timezone.now().date() - timedelta(days=12 * 365)
    ada.save(update_fields=["birthday"])
    refusal(Forbidden, lambda: enrolling.approve(mod, cameo.pk, reason="it is her"))
    assert consent.own_cameo(ada, cameo.pk).status == "pending_review"


# the real eyes and ears


def test_a_drawn_face_that_says_its_numbers_comes_to_a_person_with_its_portrait(ada, tmp_path):
    cameo = cast.begun(ada)
    asked = Enrolment.objects.get()
    video = faces.record("ada", numbers=asked.numbers, head_turn=asked.head_turn, directory=tmp_path)
    with video.open("rb") as file:
        enrolling.store_recording(ada, cameo.pk, file)
    enrolling.examine(cameo.pk)
    cameo.refresh_from_db()
    found = {finding["name"]: finding["verdict"] for finding in Enrolment.objects.get().findings}
    assert (cameo.status, cameo.rejection) == ("pending_review", "")
    assert found["head_turn"] == "undecided"
    assert "fail" not in found.values()
    assert cameo.portrait_key
    assert Enrolment.objects.get().template is not None


def test_who_serves_pages_and_quick_tasks_carries_neither_detector_nor_recogniser():
    script = (
        "import django, sys; django.setup()\n"
        "import sora_social.urls, sora_social.aftermath, cameos.tasks\n"
        "print([name for name in ('cv2', 'pocketsphinx') if name in sys.modules])"
    )
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "sora_social.settings"}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
