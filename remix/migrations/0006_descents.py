"""What came of a post is listed below it, and below all that it came of, so that it is one range of an index in any
order; before, the list of a whole lineage was sifted, or a part of one walked.
"""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.deletion import PROTECT

# a look-up for each step: joined, each would read the whole table
FILL = """
INSERT INTO remix_descent (ancestor_id, derivation_id, like_count, is_gone)
WITH RECURSIVE below (ancestor_id, derivation_id, like_count, is_gone) AS (
    SELECT e.source_id, e.derivation_id, e.like_count, e.is_gone
    FROM remix_edge e JOIN posts_post s ON s.id = e.source_id WHERE e.ordinal = 0 AND s.depth < 64
    UNION ALL
    SELECT below.ancestor_id, down.derivation_id, down.like_count, down.is_gone FROM below, LATERAL (
        SELECT * FROM remix_edge WHERE source_id = below.derivation_id AND ordinal = 0 OFFSET 0) AS down)
SELECT * FROM below ON CONFLICT DO NOTHING"""

NO_TRACE = """
CREATE OR REPLACE FUNCTION remix_leave_no_trace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM remix_edge WHERE source_id = NEW.id) THEN
        RETURN NULL;
    END IF;
    DELETE FROM remix_descent WHERE derivation_id = NEW.id;
    DELETE FROM remix_edge WHERE derivation_id = NEW.id;
    RETURN NULL;
END
$$"""

# as for sources of edges: where one post has nearly all that is below any, statistics would say that all have much
ANCESTORS_ARE_MANY = "ALTER TABLE remix_descent ALTER COLUMN ancestor_id SET (n_distinct = -0.05)"


def _post() -> models.ForeignKey:
    return models.ForeignKey("posts.post", PROTECT, related_name="+", db_index=False, db_constraint=False)


class Migration(migrations.Migration):
    dependencies = [("posts", "0009_shares"), ("remix", "0005_sources_are_many")]

    operations = [
        migrations.CreateModel(
            "Descent",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "derivation_id", "ancestor_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("ancestor", _post()),
                ("derivation", _post()),
                ("like_count", models.IntegerField(db_default=0, default=0)),
                ("is_gone", models.BooleanField(db_default=False, default=False)),
            ],
        ),
        migrations.RunSQL(ANCESTORS_ARE_MANY, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(NO_TRACE, migrations.RunSQL.noop),
        migrations.AddIndex(
            "descent", models.Index(fields=["ancestor", "-derivation"], condition=Q(is_gone=False), name="below_newest")
        ),
        migrations.AddIndex(
            "descent",
            models.Index(
                fields=["ancestor", "-like_count", "-derivation"], condition=Q(is_gone=False), name="below_top"
            ),
        ),
        migrations.RemoveIndex("edge", "lineage_newest"),
        migrations.RemoveIndex("edge", "lineage_top"),
        migrations.RemoveField("edge", "root"),
        migrations.RunSQL("ANALYZE remix_edge, remix_descent", migrations.RunSQL.noop),
    ]
