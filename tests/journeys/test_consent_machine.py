"""C01, C02, C04, C09 together: whatever people do in whatever order, everybody reads what a small model says they may.

The model knows faces, uses of them, and walls; nothing of how the product keeps them. Each example is rolled back. The
rules draw from what is alive; how often each acted and was refused is asserted and, with `-s`, printed.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, field

import hypothesis
import pytest
from django.db import IntegrityError, transaction
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cameos import casting, consent, erasing
from cameos.consent import Mode
from cameos.models import Appearance, AppearanceQuerySet, Cameo
from remix.lineage import Source
from sora_social.accounts import ties
from sora_social.core import outbox
from sora_social.core.errors import DomainError
from sora_social.posts import presenting
from sora_social.studio import appearing, generating, publishing, submitting
from sora_social.studio.models import Draft, JobStatus
from tests import cast

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
PLAIN, POLITICAL = "a quiet beach", "they win the election"
OWNERS, MAKERS = ("ada", "eve"), ("bo", "cy", "ada")
EVERYBODY = ("ada", "eve", "bo", "cy", "dee")


# the model


@dataclass
class Face:
    owner: str
    audience: str = "only_me"
    granted: set[str] = field(default_factory=set)
    no_politics: bool = False
    epoch: int = 1
    in_force_from: int = 1
    erased: bool = False


@dataclass
class Use:
    """One face in one job, draft or post."""

    face: Face
    epoch: int
    inherited: bool
    withdrawn: bool = False


@dataclass(eq=False)
class Thing:
    """A job, draft or post. `sources` are posts; a draft remembers its job, a post its draft."""

    kind: str
    pk: int
    maker: str
    political: bool
    sources: list["Thing"]
    uses: dict[int, Use]
    of: "Thing | None" = None
    became: "Thing | None" = None
    is_open: bool = True

    @property
    def words_are_political(self) -> bool:
        return self.political or any(source.words_are_political for source in self.sources)


class Model:
    def __init__(self) -> None:
        self.faces: dict[int, Face] = {}
        self.things: list[Thing] = []
        self.blocks: set[tuple[str, str]] = set()

    def of(self, kind: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind == kind]

    def wall(self, one: str, other: str) -> bool:
        return (one, other) in self.blocks or (other, one) in self.blocks

    def may_cast(self, who: str, face: Face) -> bool:
        if face.erased:
            return False
        if face.owner == who:
            return True
        included = face.audience == "everyone" or (face.audience == "approved" and who in face.granted)
        return included and not self.wall(who, face.owner)

    def lapsed(self, thing: Thing, use: Use) -> bool:
        in_making = thing.kind != "post" and thing.maker != use.face.owner
        least = use.face.epoch if in_making else use.face.in_force_from
        return use.withdrawn or use.epoch < least

    def usable(self, thing: Thing) -> bool:
        return not any(self.lapsed(thing, use) or self.wall(thing.maker, use.face.owner) for use in thing.uses.values())

    def within_limits(self, thing: Thing) -> bool:
        strict = any(use.face.no_politics and use.face.owner != thing.maker for use in thing.uses.values())
        return not (strict and thing.words_are_political)

    def allowed(self, thing: Thing) -> bool:
        return all(self.may_cast(thing.maker, use.face) for use in thing.uses.values()) and self.usable(thing)

    def may_see(self, viewer: str, post: Thing) -> bool:
        return not self.wall(viewer, post.maker) and not any(
            self.lapsed(post, use) or (viewer != post.maker and self.wall(viewer, use.face.owner))
            for use in post.uses.values()
        )

    def may_play(self, draft: Thing) -> bool:
        seen_as = draft.became or draft
        return not any(
            self.lapsed(seen_as, use) or self.wall(draft.maker, use.face.owner) for use in seen_as.uses.values()
        )

    def withdraw(self, face_id: int, whose) -> None:
        """What others have in the making."""
        face = self.faces[face_id]
        for thing in self.things:
            use = thing.uses.get(face_id)
            unpublished = (
                thing.kind != "post" and thing.became is None if thing.kind == "draft" else thing.kind == "job"
            )
            if use and unpublished and thing.maker != face.owner and whose(thing.maker):
                use.withdrawn = True

    def take_back(self, face_id: int, *, unpublishes: bool) -> None:
        face = self.faces[face_id]
        face.granted.clear()
        face.epoch += 1
        face.in_force_from = face.epoch if unpublishes else face.in_force_from
        face.audience = "only_me"

    def remove(self, thing: Thing, face_id: int) -> None:
        gone = {id(thing)}
        if thing.kind == "job":
            gone |= {id(other) for other in self.things if other.of is thing and other.became is None}
        if thing.kind == "post":
            for other in self.things:  # in the order they were made
                use = other.uses.get(face_id)
                from_gone = any(id(source) in gone and source.kind == "post" for source in other.sources)
                if use and use.inherited and from_gone and other.became is None:
                    gone.add(id(other))
        for other in self.things:
            if id(other) in gone and face_id in other.uses:
                other.uses[face_id].withdrawn = True


# the machine


def of_live(kind: str):
    """One of the youngest few of a kind; the rule has a precondition that there is one."""
    return st.runner().flatmap(lambda machine: st.sampled_from(machine.live(kind)))


there_is = lambda kind: precondition(lambda machine: machine.live(kind))  # noqa: E731
faces = of_live("face")
people = st.sampled_from


class ConsentMachine(RuleBasedStateMachine):
    crowd: dict = {}
    acted: Counter = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.asked = 0
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        for owner, audience in zip(OWNERS, ("everyone", "approved"), strict=True):
            self._enrol(owner, audience)
        ada, eve = self.model.faces
        for other in ("bo", "cy"):
            self.grant(eve, other)
        root = self._make("bo", PLAIN, named=[ada, eve], sources=[])
        if root is not None:
            self._make("cy", PLAIN, named=[], sources=[root])
        job = self._start("cy", PLAIN, [ada], [])
        self._start("bo", PLAIN, [eve], [])
        if job is not None:
            self._finish(job)

    def live(self, kind: str) -> list:
        if kind == "face":
            return [face_id for face_id, face in self.model.faces.items() if not face.erased]
        alive = [thing for thing in self.model.of(kind) if thing.is_open]
        return alive[-4:]

    def tally(self, name: str, happened: object = True) -> None:
        key = name if happened else f"{name}, refused"
        self.acted[key] += 1
        hypothesis.event(key)

    def attempt(self, name, act, *words, **more):
        """What an act gave, or None when it was refused; nothing of a refused one is kept."""
        try:
            with transaction.atomic():
                given = act(*words, **more)
        except DomainError:
            self.tally(name, happened=False)
            return None
        self.tally(name)
        return given or True

    def person(self, name):
        return self.crowd[name]

    def owner_of(self, face_id):
        return self.crowd[self.model.faces[face_id].owner]

    # making

    def _start(self, maker, prompt, named, sources, dropped=None):
        inherited = sorted({face_id for post in sources for face_id in post.uses} - {dropped})
        wanted = {face_id: face_id in inherited for face_id in sorted({*inherited, *named})}
        thing = Thing(
            "job", 0, maker, prompt == POLITICAL, sources,
            {pk: Use(self.model.faces[pk], self.model.faces[pk].epoch, came) for pk, came in wanted.items()},
        )  # fmt: skip
        may = all(self.model.may_see(maker, post) for post in sources) and all(
            self.model.may_cast(maker, use.face) for use in thing.uses.values()
        )
        job = self.attempt(
            "start",
            submitting.submit,
            self.person(maker),
            prompt=prompt,
            cast=[str(face_id) for face_id in named],
            sources=[Source(post.pk, "remix", place) for place, post in enumerate(sources)],
            cast_replacements={str(dropped): None} if dropped else None,
        )
        assert (job is not None) == may, "submit"
        if job is None:
            return None
        thing.pk = job.pk
        assert (job.status == JobStatus.QUEUED) == self.model.within_limits(thing), "limits at submit"
        thing.is_open = job.status == JobStatus.QUEUED
        self.model.things.append(thing)
        return thing if thing.is_open else None

    def _finish(self, job):
        may = self.model.allowed(job) and self.model.within_limits(job)
        claimed = generating.claim(job.pk)
        done = claimed is not None and generating._complete(claimed, [cast.clip()])
        self.tally("finish", happened=done)
        assert done == may, "finish"
        job.is_open = False
        if not done:
            return None
        made = Draft.objects.get(generation=job.pk)
        uses = {pk: Use(use.face, use.face.epoch, use.inherited) for pk, use in job.uses.items()}
        draft = Thing("draft", made.pk, job.maker, job.political, job.sources, uses, of=job)
        self.model.things.append(draft)
        return draft

    def _publish(self, draft):
        may = (
            all(self.model.may_see(draft.maker, source) for source in draft.sources)
            and self.model.allowed(draft)
            and self.model.within_limits(draft)
        )
        post = self.attempt("publish", publishing.publish_draft, self.person(draft.maker), draft.pk, **WORDS)
        assert (post is not None) == may, "publish"
        if post is None:
            return None
        uses = {pk: Use(use.face, use.face.epoch, use.inherited) for pk, use in draft.uses.items()}
        thing = Thing("post", post.pk, draft.maker, draft.political, draft.sources, uses, of=draft)
        draft.became, draft.is_open, draft.uses = thing, False, uses
        self.model.things.append(thing)
        return thing

    def _make(self, maker, prompt, named, sources, dropped=None):
        job = self._start(maker, prompt, named, sources, dropped)
        draft = self._finish(job) if job else None
        return self._publish(draft) if draft else None

    @there_is("face")
    @rule(maker=people(MAKERS), prompt=people([PLAIN, POLITICAL]), face=faces, whole=st.booleans())
    def make(self, maker, prompt, face, whole):
        (self._make if whole else self._start)(maker, prompt, [face], [])

    @there_is("post")
    @rule(maker=people(MAKERS), post=of_live("post"), drop=st.booleans(), steps=st.integers(1, 3))
    def derive(self, maker, post, drop, steps):
        dropped = min(post.uses) if drop and post.uses else None
        thing = self._start(maker, PLAIN, [], [post], dropped)
        thing = self._finish(thing) if thing and steps > 1 else None
        self.tally("derive", happened=bool(thing and steps > 2 and self._publish(thing)))

    @there_is("job")
    @rule(job=of_live("job"))
    def finish(self, job):
        self._finish(job)

    @there_is("draft")
    @rule(draft=of_live("draft"))
    def publish(self, draft):
        self._publish(draft)

    # what owners say

    def _enrol(self, owner, audience):
        made = cast.cameo(self.person(owner), audience=audience)
        self.model.faces[made.pk] = Face(owner, audience)

    @precondition(lambda machine: len(machine.live("face")) < len(OWNERS))
    @rule()
    def enrol_again(self):
        have = {self.model.faces[face_id].owner for face_id in self.live("face")}
        self._enrol(next(owner for owner in OWNERS if owner not in have), "everyone")
        self.tally("enrol again")

    @there_is("face")
    @rule(face=faces, audience=people(["everyone", "everyone", "approved", "only_me"]))
    def set_audience(self, face, audience):
        consent.set_terms(self.owner_of(face), face, audience=audience)
        known = self.model.faces[face]
        order = ("only_me", "approved", "everyone")
        self.tally("widen" if order.index(audience) > order.index(known.audience) else "narrow")
        known.audience = audience
        if audience != "everyone":
            self.model.withdraw(face, lambda maker: audience == "only_me" or maker not in known.granted)

    @there_is("face")
    @rule(face=faces, strict=st.booleans())
    def set_limits(self, face, strict):
        consent.set_terms(self.owner_of(face), face, limits={"no_politics": strict})
        self.model.faces[face].no_politics = strict
        self.tally("set limits")

    @there_is("face")
    @rule(face=faces, other=people(["bo", "cy"]))
    def let(self, face, other):
        self.grant(face, other)

    def grant(self, face, other):
        known = self.model.faces[face]
        done = self.attempt("grant", consent.grant, self.owner_of(face), face, other)
        assert (done is not None) == (not self.model.wall(known.owner, other))
        if done:
            known.granted.add(other)

    @precondition(lambda machine: any(face.granted for face in machine.model.faces.values()))
    @rule(data=st.data())
    def end_grant(self, data):
        given = [(pk, who) for pk, face in self.model.faces.items() for who in sorted(face.granted)]
        face, other = data.draw(st.sampled_from(given))
        known = self.model.faces[face]
        consent.end_grant(self.owner_of(face), face, other)
        known.granted.discard(other)
        if not self.model.may_cast(other, known):
            self.model.withdraw(face, lambda maker: maker == other)
        self.tally("end grant")

    @rule(pair=people([("ada", "bo"), ("eve", "cy"), ("bo", "ada"), ("dee", "ada"), ("ada", "dee"), ("cy", "bo")]))
    def block_or_unblock(self, pair):
        one, other = pair
        if pair in self.model.blocks:
            ties.unblock(self.person(one), other)
            self.model.blocks.discard(pair)
            self.tally("unblock")
            return
        if self.attempt("block", ties.block, self.person(one), other) is None:
            assert self.model.wall(one, other)
            return
        self.model.blocks.add(pair)
        for face_id, face in self.model.faces.items():
            if face.owner in pair:
                far = other if face.owner == one else one
                face.granted.discard(far)
                self.model.withdraw(face_id, lambda maker, far=far: maker == far)

    @there_is("face")
    @rule(face=faces, mode=people(list(Mode)))
    def revoke(self, face, mode):
        consent.revoke(self.owner_of(face), face, mode=mode)
        self.model.take_back(face, unpublishes=mode != Mode.FUTURE_ONLY)
        self.tally(f"revoke {mode}")

    @rule(owner=people(OWNERS), sure=st.integers(0, 2))
    def hide(self, owner, sure):
        if sure:
            return
        consent.hide_my_face(self.person(owner))
        for face_id, face in self.model.faces.items():
            if face.owner == owner and not face.erased:
                self.model.take_back(face_id, unpublishes=True)
        self.tally("hide")

    @there_is("face")
    @rule(face=faces, sure=st.integers(0, 2))
    def erase(self, face, sure):
        if sure == 0:
            erasing.erase(self.owner_of(face), face)
            self.model.take_back(face, unpublishes=True)
            self.model.faces[face].erased = True
            self.tally("erase")

    @precondition(lambda machine: any(machine.removable()))
    @rule(data=st.data())
    def remove(self, data):
        found = list(self.removable())
        kind = data.draw(st.sampled_from(sorted({thing.kind for thing, _ in found})))
        thing, face = data.draw(st.sampled_from([pair for pair in found if pair[0].kind == kind][-4:]))
        subject = {"post": "post_id", "draft": "draft_id", "job": "job_id"}[thing.kind]
        row = Appearance.objects.filter(**{subject: thing.pk}, cameo=face).order_by("id").first()
        appearing.remove(self.owner_of(face), face, row.pk)
        self.model.remove(thing, face)
        self.tally(f"remove {thing.kind}")

    def removable(self):
        live = itertools.chain.from_iterable(self.live(kind) for kind in ("job", "draft", "post"))
        return (
            (thing, face_id)
            for thing in live
            for face_id, use in thing.uses.items()
            if not use.withdrawn and not use.face.erased
        )

    @rule()
    def settle(self):
        while outbox.relay():
            pass
        self.tally("settle")

    # read

    @invariant()
    def everybody_reads_what_the_model_allows(self):
        posts = self.model.of("post")
        ids = [post.pk for post in posts]
        for name in EVERYBODY:
            seen = set(presenting.present(self.person(name), ids))
            assert seen == {post.pk for post in posts if self.model.may_see(name, post)}, f"{name} reads"
            self.acted["read"] += len(seen)
            self.acted["read, refused"] += len(ids) - len(seen)
        self.asked += 1
        for name in MAKERS if self.asked % 3 == 1 else ():  # the dearest question
            plays = set(Draft.objects.playable_by(self.person(name)).values_list("pk", flat=True))
            mine = [draft for draft in self.model.of("draft") if draft.maker == name]
            assert plays == {draft.pk for draft in mine if self.model.may_play(draft)}, f"{name} plays"


EXPECTED = {
    *("start", "start, refused", "finish", "finish, refused", "publish", "publish, refused"),
    *("widen", "narrow", "set limits", "grant", "end grant", "block", "unblock", "hide", "erase", "enrol again"),
    *("revoke future_only", "revoke unpublish_all", "revoke delete_all"),
    *("remove job", "remove draft", "remove post", "settle", "read", "read, refused"),
}


def run(*, examples: int, steps: int = 30, seed: int = 0, phases=(Phase.generate,)) -> Counter:
    """`examples` of `steps` each; how often each rule acted. A drill asks for thousands."""
    ConsentMachine.acted = Counter()
    run_state_machine_as_test(
        hypothesis.seed(seed)(ConsentMachine),
        settings=hypothesis.settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=phases,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
    return ConsentMachine.acted


@pytest.fixture
def stage(db, settings, monkeypatch):
    settings.CLIPS_PER_DAY = settings.CLIPS_AT_ONCE = 1_000_000
    monkeypatch.setattr(generating, "dispatch", lambda job_id: None)
    monkeypatch.setattr(ConsentMachine, "crowd", {name: cast.person(name) for name in EVERYBODY})


def test_everybody_reads_what_the_model_allows(stage):
    acted = Counter()
    for seed in range(8):
        acted += run(examples=6, seed=seed)
        if not (missing := {name for name in EXPECTED if not acted[name]}):
            break
    print(*(f"{count:6} {name}" for name, count in sorted(acted.items())), sep="\n")
    assert missing == set()


def ungated(actor, cameo_ids):
    found = Cameo.objects.select_related("owner").in_bulk(list(cameo_ids))
    return [found[cameo_id] for cameo_id in cameo_ids]


class Only:
    """A module as one caller sees it, with something switched off for that caller alone."""

    def __init__(self, module, **changed):
        self.__dict__.update({**vars(module), **changed})


def not_asked_at_submit(monkeypatch):
    monkeypatch.setattr(casting, "_resolved", lambda actor, names, *_, **__: [int(name) for name in names])
    everybody = Only(casting, hold=ungated, castable_among=lambda *words: {face.pk: face for face in ungated(*words)})
    monkeypatch.setattr(submitting, "casting", everybody)


def not_asked_when_finished(monkeypatch):
    monkeypatch.setattr(
        generating, "_held_cast",
        lambda job: (ungated(job.owner, casting.cast_of_job(job.pk).values_list("cameo_id", flat=True)), []),
    )  # fmt: skip


def not_asked_at_publish(monkeypatch):
    monkeypatch.setattr(
        publishing, "_agreed_cast",
        lambda actor, draft: ungated(actor, casting.cast_of_draft(draft.pk).values_list("cameo_id", flat=True)),
    )  # fmt: skip


def not_asked_at_reads(monkeypatch):
    monkeypatch.setattr(AppearanceQuerySet, "shown_to", lambda rows, viewer: rows)


def lineage_dropped(monkeypatch):
    monkeypatch.setattr(casting, "cast_of_posts", lambda post_ids: [])


def removal_stops_at_the_first(monkeypatch):
    monkeypatch.setattr(appearing, "_with_derivations", lambda cameo, row: [row])


@pytest.mark.parametrize(
    "mutant",
    [
        *(not_asked_at_submit, not_asked_when_finished, not_asked_at_publish, not_asked_at_reads),
        *(lineage_dropped, removal_stops_at_the_first),
    ],
)
def test_the_machine_kills(mutant, stage, monkeypatch, compile_anew):
    mutant(monkeypatch)
    compile_anew()
    with pytest.raises((AssertionError, DomainError, IntegrityError)):  # the last: the database had to refuse
        run(examples=60)
