"""P01, P02 and P05: every film in the store carries our manifest; what it was made from is said, and little else."""

import re
import struct
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from remix.lineage import Source
from sora_social.accounts import ties
from sora_social.media import intake, manifests
from sora_social.media.manifests import Credited, Reading
from sora_social.media.models import Clip
from sora_social.posts.models import Post
from sora_social.studio import generating, publishing, submitting
from sora_social.studio.templates import using
from tests import cast
from tests.clips import remux
from tests.journeys.conftest import files_in
from tests.studio import makers

WORDS = {"caption": "a caption", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


@pytest.fixture(autouse=True)
def _stage(folder, settings):
    settings.PROVIDER = "tests.studio.makers.Quick"


def rendered(owner, *, sources=(), kind="remix", **words):
    """A job that the studio worked on to its end."""
    made_from = [Source(source.pk, kind, place) for place, source in enumerate(sources)]
    job = submitting.submit(owner, **{"prompt": "a secret prompt", "seconds": 1, "sources": made_from, **words})
    generating.render(job.pk)
    job.refresh_from_db()
    assert job.status == "completed", job.error
    return job


def shown(owner, *, visibility="public", **words):
    """A post whose film is in the store."""
    draft = rendered(owner, **words).drafts.get()
    return publishing.publish_draft(owner, draft.pk, **{**WORDS, "visibility": visibility})


def made_with_template(maker, post):
    """A film made with a template of a post."""
    template = cast.template(post.author, of=post, slots=[], prompt="a cat in the rain", locked=[])
    job = using.use(maker, template.pk, slots={}, changes={"seconds": 1})
    generating.render(job.pk)
    return job.drafts.get().clip


def reading_of(clip):
    with default_storage.open(clip.video_key) as file:
        return manifests.read(file, expected=clip.manifest_id)


def bytes_of(clip):
    with default_storage.open(clip.video_key) as file:
        return file.read()


def said_by(post):
    reading = reading_of(post.clip)
    assert reading.state == "valid", reading
    return reading.statement


def credited(post):
    return Credited(post.pk, post.author.handle, post.clip.manifest_id)


# P01


def unsigned_films(folder):
    """Films in the store that do not read as ours, by their keys."""
    media = folder / "media"
    known = dict(Clip.objects.values_list("video_key", "manifest_id"))
    films = [path for path in files_in(folder) if path.read_bytes()[4:8] == b"ftyp"]
    assert {path.relative_to(media).as_posix() for path in films} == set(known)
    found = []
    for path in films:
        key = path.relative_to(media).as_posix()
        with path.open("rb") as file:
            if manifests.read(file, expected=known[key]).state != "valid":
                found.append(key)
    return len(films), found


def make_some_of_everything(ada, bo, settings):
    """Films by both providers, in several variations, by every way that leads from post to post."""
    one, other = shown(ada), shown(ada)
    rendered(bo, variations=2)
    rendered(bo, sources=[one])
    rendered(bo, sources=[one], kind="extend")
    rendered(bo, sources=[one, other], kind="stitch")
    made_with_template(bo, one)
    settings.PROVIDER, settings.PREVIEW_SHORT_EDGE, settings.PREVIEW_FPS = "preview", 120, 12
    rendered(bo, prompt="a red fox in the snow")
    rendered(bo, sources=[one])


def test_p01_every_film_in_the_store_is_ours_and_valid(ada, bo, folder, settings):
    make_some_of_everything(ada, bo, settings)
    assert unsigned_films(folder) == (10, [])


@pytest.mark.mutant("nothing is signed")
def test_p01_mutant_without_signing(ada, bo, folder, settings, monkeypatch):
    def only_copied(video, target, statement):
        target.write_bytes(video.read_bytes())
        return "urn:c2pa:3f2a9c81-d0aa-4b7e-9c1d-000000000001"

    monkeypatch.setattr(manifests, "sign", only_copied)
    make_some_of_everything(ada, bo, settings)
    count, unsigned = unsigned_films(folder)
    assert count == len(unsigned) == 10


def test_p01_what_cannot_be_signed_is_not_kept_nor_paid_for_again(ada, folder, monkeypatch):
    made = []

    def cannot(*_):
        made.append(1)
        raise manifests.CannotSign("no")

    monkeypatch.setattr(manifests, "sign", cannot)
    job = submitting.submit(ada, prompt="a cat", seconds=1)
    generating.render(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error["code"], job.attempts, len(made)) == ("failed", "not_signed", 1, 1)
    assert not job.drafts.exists()
    assert not files_in(folder)
    assert not Clip.objects.exists()


INTO_THE_STORE = re.compile(r"(?<!class )\bClip\(|\bClip\.objects\.(?:bulk_)?create\(|\b_key\(\"clips\"")
ROOT = Path(__file__).resolve().parents[2]


def test_p01_there_is_one_way_for_a_film_into_the_store():
    """A second one would have to be tried above, or it would be one without a signature."""
    rooms = ("sora_social", "cameos", "remix", "feeds", "ranking")
    ways = {
        path.relative_to(ROOT).as_posix(): len(found)
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if (found := INTO_THE_STORE.findall(path.read_text()))
    }
    assert ways == {"sora_social/media/intake.py": 2}


def test_a_film_says_who_made_it_and_with_what(ada, settings):
    said = said_by(shown(ada))
    assert (said.provider, said.model, said.is_trained) == ("tests.studio.makers.Quick", "test", True)
    assert (said.handle, list(said.ingredients), said.root) == ("ada", [], None)
    settings.PROVIDER, settings.PREVIEW_SHORT_EDGE, settings.PREVIEW_FPS = "preview", 120, 12
    said = said_by(shown(ada, prompt="a red fox in the snow"))
    assert (said.provider, said.model, said.is_trained) == ("preview", "preview-1", False)


def test_a_film_that_cannot_be_signed_is_not_kept(ada, folder, monkeypatch):
    def broken(video, target, statement):
        raise RuntimeError("no key")

    monkeypatch.setattr(manifests, "sign", broken)
    job = submitting.submit(ada, prompt="a cat", seconds=1)
    generating.render(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts, Clip.objects.count(), files_in(folder)) == ("queued", 1, 0, [])


# what a film was made from


def test_direct_sources_are_said_in_their_order_and_the_root(ada, bo, cy):
    root = shown(ada)
    left, right = shown(bo, sources=[root]), shown(cy)
    (ingredient,) = said_by(left).ingredients
    assert (ingredient.kind, ingredient.held, ingredient.post) == ("remix", "valid", credited(root))
    assert said_by(left).root is None  # it is the source
    said = said_by(shown(cy, sources=[left, right], kind="stitch"))
    assert [(one.kind, one.ordinal, one.post) for one in said.ingredients] == [
        ("stitch", 0, credited(left)),
        ("stitch", 1, credited(right)),
    ]
    assert said.root == Credited(root.pk, "ada")


def test_neither_words_nor_faces_go_out(ada, bo):
    face = cast.approved(ada, audience="everyone")
    post = shown(bo, prompt="a secret prompt with @ada in the rain", negative_prompt="no umbrellas")
    data = bytes_of(post.clip)
    for word in (b"secret", b"umbrellas", b"caption", str(face.pk).encode(), b"@ada"):
        assert word not in data
    assert b"@bo" in data


@pytest.mark.parametrize("visibility", ["private", "unlisted", "followers"])
def test_a_source_that_is_not_public_is_credited_without_a_name(visibility, bo):
    rosalind = cast.person("rosalind")
    ties.follow(bo, "rosalind")
    source = shown(rosalind, visibility=visibility)
    maker = rosalind if visibility == "private" else bo
    child = shown(maker, sources=[source])
    (ingredient,) = said_by(child).ingredients
    assert (ingredient.kind, ingredient.held, ingredient.post, said_by(child).root) == ("remix", "valid", None, None)
    data = bytes_of(child.clip)
    assert str(source.pk).encode() not in data
    assert source.clip.manifest_id.encode() not in data
    assert maker == rosalind or b"rosalind" not in data
    grandchild = bytes_of(shown(bo, sources=[child]).clip)
    assert str(source.pk).encode() not in grandchild


def test_a_source_that_is_taken_from_the_public_while_the_film_is_made_is_not_named(bo, monkeypatch):
    rosalind = cast.person("rosalind")
    source = shown(rosalind)
    job = submitting.submit(bo, prompt="a cat", seconds=1, sources=[Source(source.pk, "remix")])

    def make(self, order, **words):
        Post.objects.filter(pk=source.pk).update(visibility="unlisted")
        return real(self, order, **words)

    real = makers.Quick.make
    monkeypatch.setattr(makers.Quick, "make", make)
    generating.render(job.pk)
    data = bytes_of(job.drafts.get().clip)
    assert str(source.pk).encode() not in data
    assert source.pk.to_bytes(8, "big") not in data
    assert b"rosalind" not in data


def test_a_root_behind_a_wall_is_not_named(bo, cy):
    rosalind = cast.person("rosalind")
    root = shown(rosalind)
    between = shown(bo, sources=[root])
    ties.block(rosalind, "cy")
    child = shown(cy, sources=[between])
    assert said_by(child).root is None
    data = bytes_of(child.clip)
    assert str(root.pk).encode() not in data
    assert b"rosalind" not in data


# P02


def spoil(clip):
    """Flip a bit of the picture in the store."""
    path = default_storage.path(clip.video_key)
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        data[data.rindex(b"mdat") + 100] ^= 1
        file.seek(0)
        file.write(data)


def test_p02_a_tampered_parent_is_said_on_the_child(ada, bo):
    parent = shown(ada)
    before = shown(bo, sources=[parent])
    spoil(parent.clip)
    assert reading_of(parent.clip) == Reading("invalid", ("assertion.bmffHash.mismatch",), parent.clip.manifest_id)
    child = shown(bo, sources=[parent])
    assert [said_by(post).ingredients[0].held for post in (before, child)] == ["valid", "invalid"]
    assert said_by(child).ingredients[0].post == credited(parent)
    assert b"did not hold" in bytes_of(child.clip)


@pytest.mark.parametrize("legacy", [False, True])
def test_p02_a_parent_without_a_signature_is_said_on_the_child(legacy, ada, bo, tmp_path):
    parent = shown(ada)
    intake.fetch_video(parent.clip, tmp_path / "signed.mp4")
    remux(tmp_path / "signed.mp4", tmp_path / "bare.mp4", container="mp4")
    (tmp_path / "media" / parent.clip.video_key).write_bytes((tmp_path / "bare.mp4").read_bytes())
    if legacy:  # made before there were manifests
        Clip.objects.filter(pk=parent.clip_id).update(manifest_id="")
    (ingredient,) = said_by(shown(bo, sources=[parent])).ingredients
    assert ingredient.held == ("none" if legacy else "invalid")


@pytest.mark.mutant("the parent's file is not looked at")
def test_p02_mutant_a_parent_that_is_taken_at_its_word(ada, bo, monkeypatch):
    parent = shown(ada)
    spoil(parent.clip)
    monkeypatch.setattr(manifests, "held", lambda file, *, expected: "valid")
    assert said_by(shown(bo, sources=[parent])).ingredients[0].held == "valid"


def test_of_a_template_only_words_are_used(ada, bo):
    post = shown(ada)
    (ingredient,) = reading_of(made_with_template(bo, post)).statement.ingredients
    assert (ingredient.kind, ingredient.held, ingredient.post) == ("template", "not_used", credited(post))


# P05


def manifest_size(clip):
    """Bytes of the box that holds the manifest."""
    data, at = bytes_of(clip), 0
    while data[at + 4 : at + 8] != b"uuid":
        at += struct.unpack(">I", data[at : at + 4])[0]
    return struct.unpack(">I", data[at : at + 4])[0]


def test_p05_manifests_stay_small_in_deep_lineages(ada, bo):
    lineage = [shown(ada)]
    for _ in range(6):
        lineage.append(shown(bo, sources=[lineage[-1]]))
    sizes = [manifest_size(post.clip) for post in lineage]
    assert sizes[0] < 4_000
    assert sizes[1] < 5_000
    assert max(sizes[2:]) - min(sizes[2:]) <= 16
    (named,) = {one.post.post_id for one in said_by(lineage[-1]).ingredients}
    assert (named, said_by(lineage[-1]).root.post_id) == (lineage[-2].pk, lineage[0].pk)
    # nothing of those between
    assert not re.search("|".join(str(post.pk) for post in lineage[1:-2]).encode(), bytes_of(lineage[-1].clip))
