"""The derivation graph: an edge for each source of a post."""

from django.db import models
from django.db.models import F, Q

from sora_social.core.databases import IdField
from sora_social.posts.models import Post


class EdgeKind(models.TextChoices):
    REMIX = "remix"
    STITCH = "stitch"
    EXTEND = "extend"
    TEMPLATE = "template"


class Edge(models.Model):
    """`derivation` was made from `source`; `ordinal` is the source's place among several (stitch).

    Ids are time-ordered, so the CHECK that a source's id is the smaller one makes cycles impossible.
    A deleted post keeps its edges as a tombstone, and the graph stays whole. Only a post that was taken back before
    anybody was shown it leaves no trace: a trigger deletes its edges in the same transaction, unless its author made
    something from it meanwhile, which would lose its place.
    """

    id = IdField()
    source = models.ForeignKey(Post, models.PROTECT, related_name="+", db_index=False)
    derivation = models.ForeignKey(Post, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=EdgeKind.choices)
    ordinal = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(source__lt=F("derivation")), name="lineage_is_acyclic"),
            models.UniqueConstraint(fields=["derivation", "ordinal"], name="source_place_once"),
            models.UniqueConstraint(fields=["source", "derivation"], name="edge_once"),
        ]
        indexes = [models.Index(fields=["source", "-derivation"], name="children_newest")]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.derivation_id} ({self.kind})"
