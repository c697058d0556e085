"""What licences cost, and a ledger of credits in place of clips.

Renaming and widening the column rewrites the ledger under an exclusive lock: seconds for a million entries.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import sora_social.core.databases
from sora_social.core.databases import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("credits", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField(model_name="entry", old_name="clips", new_name="credits"),
        migrations.AlterField(model_name="entry", name="credits", field=models.IntegerField()),
        migrations.AlterField(
            model_name="entry",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["owner", "-id"], name="entries_of_a_person"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__regex",
                        "^(invite|gift|reserved|released|licence_paid|licence_refunded|licence_earned)( [0-9]+)?$",
                    )
                ),
                name="reason_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credits__lt", 0), ("reason__regex", "^(reserved|licence_paid)( |$)")),
                    models.Q(
                        models.Q(("reason__regex", "^(reserved|licence_paid)( |$)"), _negated=True),
                        ("credits__gte", 0),
                    ),
                    _connector="OR",
                ),
                name="reason_gives_or_takes",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "^(invite|gift)( |$)"), ("hold__isnull", False), _connector="OR"),
                name="what_a_job_moves_has_its_hold",
            ),
        ),
        migrations.CreateModel(
            name="Fee",
            fields=[
                ("id", sora_social.core.databases.IdField(serialize=False)),
                ("cameo_id", models.BigIntegerField()),
                ("credits_per_clip", models.PositiveSmallIntegerField()),
                (
                    "hold",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fees",
                        to="credits.hold",
                    ),
                ),
                (
                    "payee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.UniqueConstraint(fields=("hold", "cameo_id"), name="fee_once"),
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.CheckConstraint(
                condition=models.Q(("credits_per_clip__gte", 1)), name="fee_costs_something"
            ),
        ),
        AppendOnly("credits_fee"),
    ]
