"""What a viewer's rules do to the posts that compete, and which posts they bring in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from django.utils import timezone

from feeds.models import SteeringRule
from feeds.steering import vocabulary
from feeds.steering.instructions import rule_of
from ranking.features import Candidates
from ranking.steering.effects import NO_DOUBT, Facts, bits_of, effect
from ranking.steering.rules import Rule, digest, target_in_words
from ranking.topics.classifier import TOPIC_FROM
from ranking.topics.vocabulary import TOPICS_AT_MOST, Vocabulary
from sora_social.accounts.models import User
from sora_social.core.prepared import ids_param, prepared_rows

SOUGHT_AT_MOST = 200

_FACTS = """
WITH asked AS (SELECT unnest(%(ids)s::bigint[]) AS id),
topics AS (SELECT t.post_id, array_agg(t.topic) AS topics, array_agg(t.confidence) AS confidences
           FROM asked JOIN feeds_posttopic t ON t.post_id = asked.id WHERE %(topics)s GROUP BY 1),
tags AS (SELECT t.post_id, array_agg(t.tag) AS tags
         FROM asked JOIN posts_posttag t ON t.post_id = asked.id WHERE %(tags)s GROUP BY 1),
faces AS (SELECT a.post_id, array_agg(c.owner_id) AS owners
          FROM asked JOIN cameos_appearance a ON a.post_id = asked.id AND a.withdrawn_at IS NULL
          JOIN cameos_cameo c ON c.id = a.cameo_id AND c.kind = 'person' WHERE %(people)s GROUP BY 1),
styles AS (SELECT d.post_id, j.style FROM asked JOIN studio_draft d ON d.post_id = asked.id
           JOIN studio_generation j ON j.id = d.generation_id WHERE %(styles)s)
SELECT p.id, p.author_id, topics.topics, topics.confidences, tags.tags, faces.owners, styles.style
FROM asked JOIN posts_post p USING (id)
LEFT JOIN topics ON topics.post_id = p.id LEFT JOIN tags ON tags.post_id = p.id
LEFT JOIN faces ON faces.post_id = p.id LEFT JOIN styles ON styles.post_id = p.id"""

# the newest of what was asked for by name
_SOUGHT = """
(SELECT t.post_id FROM unnest(%(topics)s::smallint[]) AS mine(topic)
 CROSS JOIN LATERAL (SELECT post_id FROM feeds_posttopic WHERE topic = mine.topic AND confidence >= %(sure)s
                     ORDER BY post_id DESC LIMIT 60) t ORDER BY 1 DESC LIMIT 120)
UNION
(SELECT t.post_id FROM unnest(%(tags)s::text[]) AS mine(tag)
 CROSS JOIN LATERAL (SELECT post_id FROM posts_posttag WHERE tag = mine.tag ORDER BY post_id DESC LIMIT 60) t
 ORDER BY 1 DESC LIMIT 60)
UNION
(SELECT p.id FROM unnest(%(people)s::bigint[]) AS mine(author_id)
 CROSS JOIN LATERAL (SELECT id FROM posts_post WHERE author_id = mine.author_id AND deleted_at IS NULL
                     ORDER BY id DESC LIMIT 20) p ORDER BY 1 DESC LIMIT 60)
LIMIT %(most)s"""


@dataclass(frozen=True, slots=True)
class Steered:
    """Candidates with their factors. `logged` is what the impression log keeps of the rules, None without any.

    `notes` are reasons to be told with posts, by id: that a topic is in doubt. `note` is told with every post: that
    nothing was left of what was asked for alone.
    """

    candidates: Candidates
    logged: dict[str, Any] | None = None
    notes: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    note: dict[str, Any] | None = None

    def told(self, post_id: int) -> list[dict[str, Any]]:
        """What is to be said of the rules with a post."""
        return [note for note in (self.notes.get(post_id), self.note) if note is not None]


def rules_of(viewer: User) -> tuple[Rule, ...]:
    """The rules of `viewer`, people by their ids. No query unless they ever said anything, then one for each change and
    process; whether a rule is over is for the moment to tell."""
    return _stored(viewer.pk, viewer.feed_mark) if viewer.feed_mark else ()


@lru_cache(maxsize=10_000)
def _stored(viewer_id: int, _mark: int) -> tuple[Rule, ...]:
    """Remembered under the mark, which moves with every change."""
    return tuple(rule_of(row) for row in SteeringRule.objects.filter(viewer=viewer_id).order_by("pk"))


def steer(viewer: User | None, candidates: Candidates) -> Steered:
    """Put the factors of the viewer's rules on the candidates. Without rules nothing is asked of the database."""
    now = timezone.now()
    rules = [rule for rule in rules_of(viewer) if rule.force(now) > 0] if viewer else []
    if not rules or not len(candidates):
        return Steered(candidates)
    words = vocabulary.current()
    done = effect(rules, _facts(candidates.post_id.tolist(), rules), vocabulary=words, now=now)
    notes = {
        int(candidates.post_id[row]): _doubt(rules[int(done.doubts[row])], words)
        for row in np.flatnonzero(done.doubts != NO_DOUBT)
    }
    return Steered(
        replace(candidates, steer=done.factors),
        {"digest": digest(rules), "rules": len(rules), "gave_way": done.gave_way},
        notes,
        _GAVE_WAY if done.gave_way else None,
    )


def unwanted(viewer: User, post_ids: Sequence[int]) -> frozenset[int]:
    """Which of these posts `viewer` said no to: where the order is everybody's, rules may take posts from it, and do
    nothing else."""
    now = timezone.now()
    rules = [rule for rule in rules_of(viewer) if rule.polarity == "no" and rule.force(now) > 0]
    if not rules:
        return frozenset()
    done = effect(rules, _facts(post_ids, rules), vocabulary=vocabulary.current(), now=now, only_no=True)
    return frozenset(post_id for post_id, factor in zip(post_ids, done.factors, strict=True) if factor == 0)


_GAVE_WAY = {
    "code": "steer_gave_way",
    "text": "Nothing new is left of what you asked for alone, so the rest is here too",
    "weight": 0.0,
}


def _doubt(rule: Rule, words: Vocabulary) -> dict[str, Any]:
    about = target_in_words(rule.target, words, "en")
    return {
        "code": "steer_doubt",
        "text": f"You asked for no {about}. We are not sure that it is, so it comes later",
        "weight": 0.0,
    }


def _facts(post_ids: Sequence[int], rules: Sequence[Rule]) -> Facts:
    """What these rules ask of these posts, in one query, in their order."""
    kinds = {rule.target.kind for rule in rules}
    asked = {
        "ids": ids_param(post_ids),
        "topics": bool(kinds & {"topic", "mood"}),
        "tags": "tag" in kinds,
        "people": "person" in kinds,
        "styles": "style" in kinds,
    }
    place = {post_id: row for row, post_id in enumerate(post_ids)}
    topics = np.zeros((len(place), TOPICS_AT_MOST), np.float32)
    tags: list[frozenset[str]] = [frozenset()] * len(place)
    people: list[frozenset[str]] = [frozenset()] * len(place)
    styles = [""] * len(place)
    for post_id, author, bits, confidences, its_tags, owners, style in prepared_rows(_FACTS, asked):
        row = place[post_id]
        if bits:
            topics[row, bits] = confidences
        tags[row] = frozenset(its_tags or ())
        people[row] = frozenset(map(str, (author, *(owners or ()))))
        styles[row] = style or ""
    return Facts(topics, tags, people, styles)


def sought(viewer: User | None) -> Sequence[tuple[Any, ...]]:
    """The newest posts of what the viewer asked for more of, or for alone."""
    now = timezone.now()
    mine = rules_of(viewer) if viewer else ()
    wanted = [rule.target for rule in mine if rule.polarity in {"more", "only"} and rule.force(now) > 0]
    if not wanted:
        return ()
    words = vocabulary.current()
    codes = [words.family(t.name) for t in wanted if t.kind == "topic"]
    codes += [words.topics_of_mood(t.name) for t in wanted if t.kind == "mood"]
    return prepared_rows(
        _SOUGHT,
        {
            "topics": ids_param(bits_of(words, frozenset().union(*codes))),
            "sure": TOPIC_FROM,
            "tags": [t.name for t in wanted if t.kind == "tag"],
            "people": ids_param(int(t.name) for t in wanted if t.kind == "person"),
            "most": SOUGHT_AT_MOST,
        },
    )
