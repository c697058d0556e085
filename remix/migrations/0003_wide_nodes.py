import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

FILL = """
UPDATE remix_edge e SET root_id = coalesce(p.root_id, p.id), like_count = p.like_count,
    is_gone = (p.deleted_at IS NOT NULL OR p.removed_at IS NOT NULL)
FROM posts_post p WHERE p.id = e.derivation_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""

_SHOWN = Q(is_gone=False, is_hidden=False, is_detached=False)


def _flag(name: str, *, default: bool = False) -> migrations.AddField:
    return migrations.AddField("edge", name, models.BooleanField(db_default=default, default=default))


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0006_people_counts"),
        ("remix", "0002_edge_of_template"),
    ]

    operations = [
        migrations.AddField(
            "edge",
            "root",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="posts.post",
            ),
        ),
        migrations.AddField("edge", "like_count", models.IntegerField(db_default=0, default=0)),
        _flag("is_gone"),
        _flag("is_hidden"),
        _flag("is_detached"),
        _flag("is_counted", default=True),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "edge",
            "root",
            models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.post"
            ),
        ),
        migrations.RemoveIndex("edge", "children_newest"),
        *(
            migrations.AddIndex("edge", index)
            for index in (
                models.Index(fields=["source", "derivation"], condition=Q(ordinal=0), name="children_in_tree"),
                models.Index(fields=["source", "-derivation"], condition=_SHOWN, name="children_shown_newest"),
                models.Index(
                    fields=["source", "-like_count", "-derivation"], condition=_SHOWN, name="children_shown_top"
                ),
                models.Index(fields=["root", "-derivation"], condition=_SHOWN & Q(ordinal=0), name="lineage_newest"),
                models.Index(
                    fields=["root", "-like_count", "-derivation"], condition=_SHOWN & Q(ordinal=0), name="lineage_top"
                ),
            )
        ),
    ]
