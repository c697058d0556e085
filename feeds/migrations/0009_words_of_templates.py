"""What templates can be found by: a new table."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feeds", "0008_what_is_learned"),
        ("studio", "0007_templates"),
    ]

    operations = [
        migrations.CreateModel(
            name="TemplateWords",
            fields=[
                (
                    "template",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="studio.template",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                ("weight", models.IntegerField(default=0)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["words"], name="templates_by_word"
                    ),
                    models.Index(fields=["-weight", "-template"], name="templates_by_weight"),
                ],
            },
        ),
    ]
