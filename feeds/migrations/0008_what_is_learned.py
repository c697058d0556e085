"""What a person did because of a post that they were shown, each act once; the ranker's models; and what the ranker knew
of each impression, beside it.

Columns with constant defaults and two new tables: nothing is rewritten. Acts are counted from here on.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feeds", "0007_leaderboards_and_reach"),
        ("posts", "0004_challenge"),
        ("studio", "0005_inspired_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="authorpulse",
            name="impression_count",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="authorpulse",
            name="publish_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="exposure",
            name="cast_publish_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="exposure",
            name="cast_submit_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="exposure",
            name="descent_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="exposure",
            name="descent_log_sum",
            field=models.FloatField(db_default=0.0, default=0.0),
        ),
        migrations.AddField(
            model_name="exposure",
            name="follow_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="exposure",
            name="maker_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="exposure",
            name="prompt_publish_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="exposure",
            name="prompt_submit_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="exposure",
            name="report_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="servedpage",
            name="features",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="servedpage",
            name="layout",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
        migrations.AddField(
            model_name="servedpage",
            name="slots",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(), db_default=[], default=list, size=None
            ),
        ),
        migrations.AlterField(
            model_name="authorpulse",
            name="feedback_count_24h",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="exposure",
            name="impression_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="exposure",
            name="long_view_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="exposure",
            name="open_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="exposure",
            name="publish_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="exposure",
            name="see_less_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="exposure",
            name="submit_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Attribution",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("submit", "Submit"),
                            ("publish", "Publish"),
                            ("cast_submit", "Cast Submit"),
                            ("cast_publish", "Cast Publish"),
                            ("prompt_submit", "Prompt Submit"),
                            ("prompt_publish", "Prompt Publish"),
                            ("report", "Report"),
                        ],
                        max_length=14,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("counted", models.BooleanField(db_default=False)),
                ("descended", models.BooleanField(db_default=False)),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="studio.generation",
                    ),
                ),
                (
                    "made",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="posts.post",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("counted", False)), fields=["id"], name="acts_to_count"),
                    models.Index(condition=models.Q(("job__isnull", False)), fields=["job"], name="acts_of_job"),
                    models.Index(
                        condition=models.Q(("descended", False), ("made__isnull", False)),
                        fields=["made"],
                        name="makings_to_follow",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("post", "person", "act"), name="act_once")],
            },
        ),
        migrations.CreateModel(
            name="RankingModel",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("version", models.CharField(max_length=12, unique=True)),
                ("kind", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[("candidate", "Candidate"), ("live", "Live"), ("retired", "Retired")],
                        default="candidate",
                        max_length=10,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("impression_count", models.PositiveIntegerField()),
                ("metrics", models.JSONField()),
                ("verdict", models.CharField(max_length=300)),
                ("weights", models.JSONField()),
                ("serving", models.BinaryField()),
                ("estimators", models.BinaryField()),
                ("reason", models.CharField(blank=True, max_length=2000)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("promoted_at", models.DateTimeField(null=True)),
                (
                    "previous",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="feeds.rankingmodel",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "live")), fields=("state",), name="one_model_is_live"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "candidate"), ("promoted_at__isnull", False), _connector="OR"),
                        name="who_was_live_was_promoted",
                    ),
                ],
            },
        ),
    ]
