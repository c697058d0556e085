"""C2PA manifests: what a clip says of itself, signed into its file, and read back (C2PA 2.4).

No network, ever: a manifest that lies elsewhere is not fetched, nor is the state of a certificate. Only our own roots
are trusted. The sources of a clip are named without the manifests of their files, so that a manifest stays small
however deep the lineage; whether a source's own manifest held when it was used is said in an assertion of ours.

The library is heavy: it is loaded by who signs or reads, not by who imports this.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

from django.conf import settings

from sora_social.media import certificates

MP4 = "video/mp4"
LABEL = "AI-generated"
_CREDIT = "sora-social.credit"  # the label of our own assertion
_TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_DRAWN = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
_NOT_FOR_TRAINING = ("cawg.ai_generative_training", "cawg.ai_training", "cawg.ai_inference", "cawg.data_mining")

# of a source's own manifest, when it was used: it held; it did not; there was none, as in clips made before there were
# manifests; or nothing of the file went in
Held = Literal["valid", "invalid", "none", "not_used"]
State = Literal["valid", "invalid", "none"]


@dataclass(frozen=True)
class Credited:
    """A post that everybody may know of, and its author."""

    post_id: int
    handle: str
    manifest_id: str = ""


@dataclass(frozen=True)
class Ingredient:
    """A direct source in its place; `post` is None where it is not for everybody to know of."""

    kind: str
    ordinal: int
    held: Held
    post: Credited | None


@dataclass(frozen=True)
class Statement:
    """What a clip says of itself. It goes out for good: no captions, no prompts, no faces.

    `root` is where a lineage began, if that is another than the sources and everybody may know of it.
    """

    provider: str
    model: str
    is_trained: bool
    handle: str
    ingredients: Sequence[Ingredient] = ()
    root: Credited | None = None

    @property
    def source_type(self) -> str:
        """The IPTC's word for how it was made."""
        return _TRAINED if self.is_trained else _DRAWN


@dataclass(frozen=True)
class Reading:
    """What was found in a file. What it says is there only where it is valid: nothing else is repeated.

    `codes` are the library's, those of C2PA 2.4 (15.2), or ours: `manifest.missing`, `manifest.other`,
    `manifest.unreadable`, `credit.unreadable`.
    """

    state: State
    codes: tuple[str, ...] = ()
    manifest_id: str = ""
    signed_by: str = ""
    statement: Statement | None = None


class CannotSign(Exception):
    """No signature that holds came of it: of the keys, or of the file."""


def sign(video: Path, target: Path, statement: Statement) -> str:
    """Write the MP4 `video` to `target` with its manifest in it. Returns the manifest's id.

    What was written is read back before this returns. Raises CannotSign.
    """
    import c2pa

    manifest_id = f"urn:c2pa:{uuid.uuid4()}"
    credentials = certificates.current()
    info = c2pa.C2paSignerInfo(
        alg=b"es256", sign_cert=credentials.chain.encode(), private_key=credentials.key.encode(), ta_url=None
    )
    with (
        _context() as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(_definition(manifest_id, statement), context=context) as builder,
        video.open("rb") as source,
        target.open("w+b") as signed,
    ):
        try:
            builder.sign(signer, MP4, source, signed)
        except c2pa.C2paError as error:
            raise CannotSign(str(error)) from error
        signed.seek(0)
        found = read(signed, expected=manifest_id)
    if found.state != "valid":
        raise CannotSign(f"what was signed does not hold: {', '.join(found.codes)}")
    return manifest_id


def read(file: IO[bytes], *, expected: str = "") -> Reading:
    """What the manifest of an MP4 says, and whether it holds: signed under a root of ours, and nothing changed since.

    `expected` is the id of the manifest that the file was stored with; another, or none, is invalid.
    """
    import c2pa

    with _context() as context:  # what is wrong with our own roots is no fault of the file: that is raised
        try:
            with c2pa.Reader(MP4, file, context=context) as reader:
                state, found = reader.get_validation_state(), json.loads(reader.json())
            active = found["manifests"][
                found["active_manifest"]
            ]  # a flipped bit may leave a name for what is not there
        except c2pa.C2paError.ManifestNotFound:
            return Reading("invalid", ("manifest.missing",)) if expected else Reading("none")
        except (c2pa.C2paError, KeyError, ValueError):
            return Reading("invalid", ("manifest.unreadable",))
    codes = _failures(found.get("validation_results", {}))
    if expected and active["label"] != expected:
        codes += ("manifest.other",)
    if codes or state != "Trusted":
        return Reading("invalid", codes, manifest_id=active["label"])
    try:
        statement = _stated(active)
    except (KeyError, TypeError, ValueError, StopIteration):
        return Reading("invalid", ("credit.unreadable",), manifest_id=active["label"])
    return Reading("valid", (), active["label"], active["signature_info"].get("common_name", ""), statement)


def held(file: IO[bytes], *, expected: str) -> Held:
    """How a source's own manifest stands, for those made from it."""
    return read(file, expected=expected).state


def _context() -> Any:
    import c2pa

    return c2pa.Context.from_dict(
        {
            "version": 1,
            "verify": {
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
                "verify_trust": True,
                "verify_after_sign": True,
            },
            "core": {"allowed_network_hosts": []},
            "trust": {
                "trust_anchors": certificates.anchors(),
                "trust_config": "\n".join(purpose.dotted_string for purpose in certificates.PURPOSES),
            },
            "builder": {"thumbnail": {"enabled": False}},
        }
    )


# written


def _definition(manifest_id: str, statement: Statement) -> Mapping[str, Any]:
    created: dict[str, Any] = {
        "action": "c2pa.created",
        "digitalSourceType": statement.source_type,
        "softwareAgent": {"name": statement.provider, "version": statement.model},
    }
    if statement.ingredients:
        created["parameters"] = {"ingredientIds": [_id_of(one) for one in statement.ingredients]}
    credit = {
        "version": 1,
        "label": LABEL,
        "service": settings.PUBLIC_URL,
        "author": {"handle": statement.handle},
        "sources": [asdict(one) | {"post": _named(one.post)} for one in statement.ingredients],
        "root": _named(statement.root),
    }
    training = {entry: {"use": "notAllowed"} for entry in _NOT_FOR_TRAINING}
    return {
        "label": manifest_id,
        "title": f"{LABEL} clip by @{statement.handle}",
        "format": MP4,
        "claim_generator_info": [{"name": "sora-social"}],
        "ingredients": [_ingredient(one) for one in statement.ingredients],
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [created]}},
            {"label": "cawg.training-mining", "data": {"entries": training}},
            {"label": _CREDIT, "data": credit},
        ],
    }


_SAID_OF = {
    "valid": "Its own manifest held when it was used.",
    "invalid": "Its own manifest did not hold when it was used.",
    "none": "It had no manifest of its own when it was used.",
    "not_used": "Nothing of its file was used.",
}


def _ingredient(one: Ingredient) -> Mapping[str, Any]:
    shape = {
        "label": _id_of(one),
        "title": f"A post by @{one.post.handle}" if one.post else "A post that is not public",
        "format": MP4,
        "relationship": "inputTo",  # the clip is made anew, with the source as one of what it is made from
        "description": _SAID_OF[one.held],
    }
    if one.post is None:
        return shape
    address = f"{settings.PUBLIC_URL}/p/{one.post.post_id}"
    return shape | {"informational_URI": address, "instance_id": one.post.manifest_id or address}


def _id_of(one: Ingredient) -> str:
    return f"source-{one.ordinal}"


def _named(post: Credited | None) -> Mapping[str, str] | None:
    if post is None:
        return None
    return {"post_id": str(post.post_id), "handle": post.handle, "manifest_id": post.manifest_id}


# read


def _failures(results: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of what did not hold: of the manifest, and of those of its ingredients, if it carries any."""
    parts = [results.get("activeManifest") or {}]
    parts += [delta.get("validationDeltas") or {} for delta in results.get("ingredientDeltas") or ()]
    return tuple(dict.fromkeys(failure["code"] for part in parts for failure in part.get("failure") or ()))


def _stated(active: Mapping[str, Any]) -> Statement:
    found = {one["label"]: one["data"] for one in active["assertions"]}
    actions = next(data["actions"] for label, data in found.items() if label.startswith("c2pa.actions"))
    created, credit = next(one for one in actions if one["action"] == "c2pa.created"), found[_CREDIT]
    return Statement(
        provider=created["softwareAgent"]["name"],
        model=created["softwareAgent"]["version"],
        is_trained=created["digitalSourceType"] == _TRAINED,
        handle=credit["author"]["handle"],
        ingredients=[
            Ingredient(one["kind"], int(one["ordinal"]), cast(Held, one["held"]), _credited(one["post"]))
            for one in credit["sources"]
        ],
        root=_credited(credit["root"]),
    )


def _credited(shape: Mapping[str, str] | None) -> Credited | None:
    return None if shape is None else Credited(int(shape["post_id"]), shape["handle"], shape["manifest_id"])
