"""What a clip says of itself, signed into its file: P02 and P03 of single files."""

import io
import json
import random
import struct
import subprocess
import sys

import av
import c2pa
import pytest
from django.core.files.storage import default_storage

from sora_social.media import certificates, intake, manifests
from sora_social.media.manifests import Credited, Ingredient
from tests import cast
from tests.clips import remux, write_poster, write_video
from tests.media.trap import trap

SAID = {
    "ingredients": [
        Ingredient("stitch", 0, "valid", Credited(7, "bo", "urn:c2pa:1")),
        Ingredient("stitch", 1, "not_used", None),
    ],
    "root": Credited(5, "cy"),
}


@pytest.fixture
def signed(tmp_path):
    """The bytes of a signed film, and the id of its manifest."""
    video = write_video(tmp_path / "plain.mp4", seconds=2)
    manifest_id = manifests.sign(video, tmp_path / "signed.mp4", cast.statement(**SAID))
    return (tmp_path / "signed.mp4").read_bytes(), manifest_id


def read(data, expected=""):
    return manifests.read(io.BytesIO(data), expected=expected)


def boxes(data):
    """The outermost boxes of an MP4: name, start, end."""
    at = 0
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        yield name.decode(), at, at + size
        at += size


def test_a_file_says_what_was_signed(signed):
    data, manifest_id = signed
    reading = read(data, manifest_id)
    assert (reading.state, reading.codes, reading.manifest_id) == ("valid", (), manifest_id)
    assert reading.signed_by == "sora-social clips"
    assert reading.statement == cast.statement(**SAID)


@pytest.mark.parametrize(("is_trained", "kind"), [(True, "trainedAlgorithmicMedia"), (False, "algorithmicMedia")])
def test_other_tools_find_the_standard_words(is_trained, kind, tmp_path):
    said = cast.statement(**SAID, is_trained=is_trained)
    manifests.sign(write_video(tmp_path / "a.mp4"), tmp_path / "b.mp4", said)
    with (tmp_path / "b.mp4").open("rb") as file, c2pa.Reader("video/mp4", file) as reader:
        found = json.loads(reader.json())
    manifest = found["manifests"][found["active_manifest"]]
    assertions = {one["label"]: one["data"] for one in manifest["assertions"]}
    (created,) = assertions["c2pa.actions.v2"]["actions"]
    assert created["action"] == "c2pa.created"
    assert created["digitalSourceType"].rpartition("/")[2] == kind
    assert created["softwareAgent"] == {"name": "preview", "version": "preview-1"}
    assert len(created["parameters"]["ingredients"]) == 2
    entries = assertions["cawg.training-mining"]["entries"]
    assert {entry["use"] for entry in entries.values()} == {"notAllowed"}
    assert {"cawg.ai_generative_training", "cawg.data_mining"} <= set(entries)
    named, unnamed = manifest["ingredients"]
    assert (named["title"], named["instance_id"], named["relationship"]) == ("A post by @bo", "urn:c2pa:1", "inputTo")
    assert named["informational_URI"].endswith("/p/7")
    assert unnamed["title"] == "A post that is not public"
    assert {"informational_URI", "instance_id"}.isdisjoint(unnamed)
    assert "thumbnail" not in manifest


def test_p02_every_flipped_bit_of_picture_sound_and_index_is_seen(signed):
    data, manifest_id = signed
    chance = random.Random(2)
    names = [name for name, _, _ in boxes(data)]
    assert {"mdat", "moov", "uuid"} <= set(names)
    for name, start, end in boxes(data):
        if name in {"uuid", "ftyp"}:  # the manifest itself, and the type of the file, which C2PA leaves out
            continue
        for _ in range(60):
            spoilt = bytearray(data)
            spoilt[chance.randrange(start, end)] ^= 1 << chance.randrange(8)
            assert read(spoilt, manifest_id).state == "invalid", name


def test_p02_a_bit_flipped_in_the_manifest_changes_nothing_that_is_believed(signed):
    data, manifest_id = signed
    true, chance = read(data, manifest_id), random.Random(3)
    start, end = next((start, end) for name, start, end in boxes(data) if name == "uuid")
    readings = []
    for _ in range(150):
        spoilt = bytearray(data)
        spoilt[chance.randrange(start, end)] ^= 1 << chance.randrange(8)
        readings.append(read(spoilt, manifest_id))
    # padding may change; no word of what is said may
    assert all(reading == true for reading in readings if reading.state == "valid")
    assert sum(reading.state == "invalid" for reading in readings) > 75
    assert all(reading.statement is None for reading in readings if reading.state != "valid")


@pytest.mark.parametrize("change", ["cut", "added", "emptied", "nonsense"])
def test_a_file_that_is_not_whole_is_invalid_and_no_error(change, signed):
    data, manifest_id = signed
    spoilt = {"cut": data[:-200], "added": data + b"more", "emptied": b"", "nonsense": b"x" * 4000}[change]
    reading = read(spoilt, manifest_id)
    assert (reading.state, reading.statement) == ("invalid", None)
    assert reading.codes


def test_a_manifest_of_another_film_does_not_hold(signed, tmp_path):
    data, manifest_id = signed
    start, end = next((start, end) for name, start, end in boxes(data) if name == "uuid")
    other = write_video(tmp_path / "other.mp4", seconds=2, seed=9).read_bytes()
    head = next(end for name, _, end in boxes(other) if name == "ftyp")
    assert read(other[:head] + data[start:end] + other[head:], manifest_id).state == "invalid"


def test_another_film_of_ours_in_its_place_is_seen(signed, tmp_path):
    manifests.sign(write_video(tmp_path / "o.mp4"), tmp_path / "other.mp4", cast.statement())
    other = (tmp_path / "other.mp4").read_bytes()
    assert read(other).state == "valid"
    assert read(other, signed[1]).codes == ("manifest.other",)


def test_a_film_that_lost_its_manifest_is_seen_where_one_is_expected(signed, tmp_path):
    lost = remux(tmp_path / "signed.mp4", tmp_path / "remuxed.mp4", container="mp4").read_bytes()
    assert read(lost).state == "none"
    assert read(lost, signed[1]).codes == ("manifest.missing",)


def test_a_look_alike_with_our_names_is_not_trusted(tmp_path, settings):
    ours = settings.SECRET_KEY
    settings.SECRET_KEY = "another's"
    manifests.sign(write_video(tmp_path / "a.mp4"), tmp_path / "signed.mp4", cast.statement())
    data = (tmp_path / "signed.mp4").read_bytes()
    assert read(data).state == "valid"
    settings.SECRET_KEY = ours
    reading = read(data)
    assert (reading.state, reading.codes) == ("invalid", ("signingCredential.untrusted",))
    assert (reading.signed_by, reading.statement) == ("", None)


def test_a_file_signed_under_our_root_that_says_nothing_of_ours_is_not_believed(tmp_path):
    credentials = certificates.current()
    info = c2pa.C2paSignerInfo(b"es256", credentials.chain.encode(), credentials.key.encode(), None)
    action = {"action": "c2pa.created", "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/print"}
    said = {"assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}]}
    with (
        write_video(tmp_path / "a.mp4").open("rb") as source,
        (tmp_path / "b.mp4").open("w+b") as target,
        manifests._context() as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(said, context=context) as builder,
    ):
        builder.sign(signer, "video/mp4", source, target)
    assert read((tmp_path / "b.mp4").read_bytes()).codes == ("credit.unreadable",)


def linked(video, target, address):
    """A film whose manifest lies at an address, and is not in the file."""
    credentials = certificates.current()
    info = c2pa.C2paSignerInfo(b"es256", credentials.chain.encode(), credentials.key.encode(), None)
    said = manifests._definition("urn:c2pa:3f2a9c81-d0aa-4b7e-9c1d-000000000001", cast.statement())
    with (
        video.open("rb") as source,
        target.open("w+b") as signed,
        manifests._context() as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(said, context=context) as builder,
    ):
        builder.set_no_embed()
        builder.set_remote_url(address)
        builder.sign(signer, "video/mp4", source, signed)
    return target


def stored(video, tmp_path):
    return intake.store_clip(
        video=video, poster=write_poster(tmp_path / "p.jpg"), captions=None, seconds=1, statement=cast.statement()
    )


def box(name, data):
    return struct.pack(">I4s", 8 + len(data), name) + data


@pytest.mark.parametrize("added", ["boxes", "a manifest of theirs", "words"])
def test_nothing_else_of_a_makers_file_is_signed(added, tmp_path):
    video = write_video(tmp_path / "a.mp4")
    if added == "boxes":  # which would cost every reader their square
        video.write_bytes(video.read_bytes() + 20_000 * box(b"free", b"secret words"))
    elif added == "words":
        with av.open(str(video)) as old, av.open(str(tmp_path / "told.mp4"), "w") as new:
            new.metadata["comment"] = "secret words"
            tracks = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
            for packet in old.demux():
                if packet.dts is not None:
                    packet.stream = tracks[packet.stream.index]
                    new.mux(packet)
        video = tmp_path / "told.mp4"
        assert b"secret words" in video.read_bytes()
    else:
        manifests.sign(video, tmp_path / "theirs.mp4", cast.statement(handle="secret words"))
        data = (tmp_path / "theirs.mp4").read_bytes()
        (theirs,) = (data[start:end] for name, start, end in boxes(data) if name == "uuid")
        video.write_bytes(video.read_bytes() + theirs)
    facts = intake.probe_video(video)
    clip = stored(video, tmp_path)
    back = intake.fetch_video(clip, tmp_path / "back.mp4")
    data = back.read_bytes()
    assert b"secret words" not in data
    assert len(list(boxes(data))) <= 6
    assert intake.probe_video(back).stream_sha256 == facts.stream_sha256 == clip.stream_sha256
    assert (intake.probe_video(back).audio_codec, intake.probe_video(back).is_silent) == ("aac", False)
    assert abs(intake.probe_video(back).duration_ms - facts.duration_ms) <= 1
    assert read(data, clip.manifest_id).state == "valid"


def test_a_signature_that_does_not_hold_is_no_signature(tmp_path, monkeypatch):
    other = certificates._derived("another secret").anchor
    monkeypatch.setattr(certificates, "anchors", lambda: other)
    with pytest.raises(manifests.CannotSign, match="untrusted"):
        manifests.sign(write_video(tmp_path / "a.mp4"), tmp_path / "b.mp4", cast.statement())


def test_pictures_that_signing_changed_are_not_kept(tmp_path, monkeypatch):
    real = manifests.sign

    def spoiling(video, target, statement):
        return real(write_video(tmp_path / "other.mp4", seed=3), target, statement)

    monkeypatch.setattr(manifests, "sign", spoiling)
    with pytest.raises(intake.BadClip, match="signing"):
        stored(write_video(tmp_path / "a.mp4"), tmp_path)


def test_p03_a_manifest_that_lies_elsewhere_is_not_fetched(tmp_path):
    with trap() as (address, came):
        film = linked(write_video(tmp_path / "a.mp4"), tmp_path / "linked.mp4", address)
        assert address.encode() in film.read_bytes()
        reading = read(film.read_bytes())
        assert (reading.state, reading.statement) == ("invalid", None)
        clip = stored(film, tmp_path)
        with default_storage.open(clip.video_key) as file:
            assert manifests.read(file, expected=clip.manifest_id).state == "valid"
        assert came == []


@pytest.mark.mutant("the library as it comes")
def test_p03_the_trap_catches_who_reads_it_otherwise(tmp_path):
    with trap() as (address, came):
        film = linked(write_video(tmp_path / "a.mp4"), tmp_path / "linked.mp4", address)
        with film.open("rb") as file, pytest.raises(c2pa.C2paError):
            c2pa.Reader("video/mp4", file, context=c2pa.Context())
        assert len(came) >= 1


PROGRAM = """
import django; django.setup()
import sys, sora_social.urls
print("c2pa" in sys.modules)
"""


def test_the_library_is_loaded_by_who_needs_it_alone():
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"
