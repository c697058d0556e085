"""What came of a post is listed below it, and below all that it came of, so that it is one range of an index in any
order; before, the list of a whole lineage was sifted, or a part of one walked.
"""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.deletion import PROTECT

# nothing is published, liked or taken back between what is read here and what the next version writes
STAND_STILL = "LOCK TABLE remix_edge IN SHARE ROW EXCLUSIVE MODE"

# from the roots down, with the posts above that have lists; a look-up for each step: joined, each would read the table
FILL = """
INSERT INTO remix_listing (ancestor_id, derivation_id, like_count, is_left_out)
WITH RECURSIVE below (post_id, above, like_count, is_left_out) AS (
    SELECT id, ARRAY[]::bigint[], 0, false FROM posts_post AS root
    WHERE EXISTS (SELECT FROM remix_edge WHERE source_id = root.id AND ordinal = 0)
    AND NOT EXISTS (SELECT FROM remix_edge WHERE derivation_id = root.id AND ordinal = 0)
    UNION ALL
    SELECT down.derivation_id, CASE WHEN cardinality(above) < 32 THEN above || post_id ELSE above END,
           down.like_count, down.is_gone OR down.is_hidden OR down.is_detached FROM below, LATERAL (
        SELECT * FROM remix_edge WHERE source_id = below.post_id AND ordinal = 0 OFFSET 0) AS down)
SELECT ancestor_id, post_id, like_count, is_left_out FROM below, unnest(above) AS ancestor_id"""

NO_TRACE = """
CREATE OR REPLACE FUNCTION remix_leave_no_trace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM remix_edge WHERE source_id = NEW.id) THEN
        RETURN NULL;
    END IF;
    DELETE FROM remix_listing WHERE derivation_id = NEW.id;
    DELETE FROM remix_edge WHERE derivation_id = NEW.id;
    RETURN NULL;
END
$$"""

NO_TRACE_OF_EDGES = """
CREATE OR REPLACE FUNCTION remix_leave_no_trace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM remix_edge WHERE derivation_id = NEW.id
        AND NOT EXISTS (SELECT FROM remix_edge AS below WHERE below.source_id = NEW.id);
    RETURN NULL;
END
$$"""

ROOTS = """
UPDATE remix_edge AS e SET root_id = coalesce(p.root_id, p.id) FROM posts_post AS p WHERE p.id = e.derivation_id;
SET CONSTRAINTS ALL IMMEDIATE"""

# as for sources of edges: where one post has nearly all that is below any, statistics would say that all have much
ANCESTORS_ARE_MANY = "ALTER TABLE remix_listing ALTER COLUMN ancestor_id SET (n_distinct = -0.05)"


def _post(**how: bool) -> models.ForeignKey:
    return models.ForeignKey("posts.post", PROTECT, related_name="+", db_index=False, **how)


class Migration(migrations.Migration):
    dependencies = [("remix", "0005_sources_are_many")]

    operations = [
        migrations.RunSQL(STAND_STILL, migrations.RunSQL.noop),
        migrations.CreateModel(
            "Listing",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "derivation_id", "ancestor_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("ancestor", _post(db_constraint=False)),
                ("derivation", _post(db_constraint=False)),
                ("like_count", models.IntegerField(db_default=0, default=0)),
                ("is_left_out", models.BooleanField(db_default=False, default=False)),
            ],
        ),
        migrations.RunSQL(ANCESTORS_ARE_MANY, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(NO_TRACE, NO_TRACE_OF_EDGES),
        migrations.AddIndex(
            "listing",
            models.Index(fields=["ancestor", "-derivation"], condition=Q(is_left_out=False), name="listed_newest"),
        ),
        migrations.AddIndex(
            "listing",
            models.Index(
                fields=["ancestor", "-like_count", "-derivation"], condition=Q(is_left_out=False), name="listed_top"
            ),
        ),
        migrations.RemoveIndex("edge", "lineage_newest"),
        migrations.RemoveIndex("edge", "lineage_top"),
        migrations.AlterField("edge", "root", _post(null=True)),
        migrations.RunSQL(migrations.RunSQL.noop, ROOTS),
        migrations.RemoveField("edge", "root"),
        migrations.RunSQL("ANALYZE remix_edge, remix_listing", migrations.RunSQL.noop),
    ]
