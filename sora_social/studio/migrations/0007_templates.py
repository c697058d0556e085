"""Templates, their versions, which nothing changes, and who used them. The jobs there are are checked once."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import sora_social.core.databases
from sora_social.core.databases import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("challenges", "0001_initial"),
        ("credits", "0003_fees_of_cameo"),
        ("posts", "0007_templates_and_sealed_prompts"),
        ("studio", "0006_edge_of_template"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="generation",
            name="filled",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="generation",
            name="is_sealed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                ("id", sora_social.core.databases.IdField(serialize=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("use_count", models.IntegerField(default=0)),
                ("person_count", models.IntegerField(default=0)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.post"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TemplateUser",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="studio.template",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TemplateVersion",
            fields=[
                ("id", sora_social.core.databases.IdField(serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=80)),
                ("prompt", models.CharField(max_length=2000)),
                ("shots", models.JSONField(default=list)),
                ("negative_prompt", models.CharField(blank=True, max_length=500)),
                ("style", models.CharField(max_length=30)),
                ("camera", models.CharField(blank=True, max_length=30)),
                ("orientation", models.CharField(max_length=10)),
                ("seconds", models.PositiveSmallIntegerField()),
                ("seed", models.PositiveBigIntegerField(null=True)),
                ("slots", models.JSONField(default=list)),
                (
                    "locked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "template",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="studio.template",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="template",
            name="current",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="studio.templateversion",
            ),
        ),
        migrations.AddField(
            model_name="generation",
            name="template_version",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="studio.templateversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="generation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("filled__isnull", True), ("is_sealed", False), ("template_version__isnull", True)),
                    models.Q(("filled__isnull", False), ("template_version__isnull", False)),
                    _connector="OR",
                ),
                name="a_template_is_filled",
            ),
        ),
        migrations.AddConstraint(
            model_name="templateuser",
            constraint=models.UniqueConstraint(fields=("template", "person"), name="template_user_once"),
        ),
        migrations.AddConstraint(
            model_name="templateversion",
            constraint=models.UniqueConstraint(fields=("template", "number"), name="template_version_once"),
        ),
        migrations.AddConstraint(
            model_name="templateversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("seed", None), ("locked__contains", ["seed"]), _connector="OR"),
                name="a_template_keeps_a_locked_seed",
            ),
        ),
        migrations.AddIndex(
            model_name="template",
            index=models.Index(fields=["author", "-id"], name="templates_of_author"),
        ),
        migrations.AddIndex(
            model_name="template",
            index=models.Index(
                condition=models.Q(("removed_at", None), ("withdrawn_at", None)),
                fields=["-person_count", "-id"],
                name="templates_most_used",
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)), fields=("post",), name="one_template_of_a_post"
            ),
        ),
        AppendOnly("studio_templateversion"),
    ]
