"""The derivation graph: an edge for each source of a post."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from sora_social.core import tallies
from sora_social.core.databases import IdField
from sora_social.posts.models import LIKES, Post

REMIXES = tallies.counter("posts_post", "remix_count")
DESCENDANTS = tallies.counter("posts_post", "descendant_count")
REMIXERS = tallies.counter("posts_post", "remixer_count")
PEOPLE = tallies.counter("posts_post", "people_count")

tallies.mirror(LIKES, "remix_edge", "like_count", key="derivation_id")
tallies.mirror(LIKES, "remix_listing", "like_count", key="derivation_id")

LISTED_LEVELS = 32

_SHOWN = Q(is_gone=False, is_hidden=False, is_detached=False)


class EdgeKind(models.TextChoices):
    REMIX = "remix"
    STITCH = "stitch"
    EXTEND = "extend"
    TEMPLATE = "template"


class EdgeQuerySet(models.QuerySet["Edge"]):
    def shown(self) -> Self:
        """Those that lists of what was made of a post are of: not gone, nor hidden or detached by its author."""
        return self.filter(_SHOWN)


class Edge(models.Model):
    """`derivation` was made from `source`; `ordinal` is the source's place among several (stitch).

    Ids are time-ordered, so the CHECK that a source's id is the smaller one makes cycles impossible.
    A deleted post keeps its edges as a tombstone, and the graph stays whole. Only a post that was taken back before
    anybody was shown it leaves no trace: a trigger deletes its edges in the same transaction, unless its author made
    something from it meanwhile, which would lose its place.

    `like_count` and `is_gone` (not standing, or not yet) are the derivation's, kept here so that the children of one
    post come from one index in any order, however many there are.
    `is_hidden` and `is_detached` are what the source's author decided: either takes the derivation, and what was made
    from it, out of what is shown below the source; a detached one is not counted there either. The credit of the
    source stays. `is_counted` follows `is_detached` once the counts above have been mended.
    """

    id = IdField()
    source = models.ForeignKey(Post, models.PROTECT, related_name="+", db_index=False)
    derivation = models.ForeignKey(Post, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=EdgeKind.choices)
    ordinal = models.PositiveSmallIntegerField(default=0)
    like_count = models.IntegerField(default=0, db_default=0)
    is_gone = models.BooleanField(default=False, db_default=False)
    is_hidden = models.BooleanField(default=False, db_default=False)
    is_detached = models.BooleanField(default=False, db_default=False)
    is_counted = models.BooleanField(default=True, db_default=True)

    objects = EdgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__lt=F("derivation")), name="lineage_is_acyclic"),
            models.UniqueConstraint(fields=["derivation", "ordinal"], name="source_place_once"),
            models.UniqueConstraint(fields=["source", "derivation"], name="edge_once"),
        ]
        indexes = [
            models.Index(fields=["source", "derivation"], condition=Q(ordinal=0), name="children_in_tree"),
            models.Index(fields=["source", "-derivation"], condition=_SHOWN, name="children_shown_newest"),
            models.Index(fields=["source", "-like_count", "-derivation"], condition=_SHOWN, name="children_shown_top"),
            models.Index(
                fields=["source", "-derivation"], condition=_SHOWN & Q(kind="template"), name="made_with_template"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.derivation_id} ({self.kind})"

    @property
    def standing(self) -> str:
        """Its kind, and what the source's author decided about it."""
        decided = (("hidden", self.is_hidden), ("detached", self.is_detached))
        return " · ".join([self.kind, *(word for word, is_so in decided if is_so)])


class Listing(models.Model):
    """`derivation` is listed below `ancestor`: it stands below it in the tree of first sources, any number of steps.

    So all that came of a post is one range of an index in any order, as its children are. Only a post less than
    `LISTED_LEVELS` steps below its root has such a list: a chain of 10,000 would need fifty million rows otherwise.
    `like_count` is the derivation's. `is_left_out` says that it is gone, or that its first source's author hid or
    detached it; that something between it and the ancestor was hidden is not known here.
    """

    pk = models.CompositePrimaryKey("derivation_id", "ancestor_id")
    ancestor = models.ForeignKey(Post, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    derivation = models.ForeignKey(Post, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    like_count = models.IntegerField(default=0, db_default=0)
    is_left_out = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(fields=["ancestor", "-derivation"], condition=Q(is_left_out=False), name="listed_newest"),
            models.Index(
                fields=["ancestor", "-like_count", "-derivation"], condition=Q(is_left_out=False), name="listed_top"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ancestor_id} ⇒ {self.derivation_id}"
