"""Reports of messages. The rows of reports are checked once, against the wider rule of one subject."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0002_conversations"),
        ("moderation", "0004_acts_in_rooms"),
        ("posts", "0004_challenge"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="report",
            name="report_has_one_subject",
        ),
        migrations.AddField(
            model_name="report",
            name="message",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="inbox.message"
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="subject_type",
            field=models.CharField(
                choices=[
                    ("post", "Post"),
                    ("comment", "Comment"),
                    ("message", "Message"),
                    ("person", "Person"),
                    ("job", "Job"),
                    ("report", "Report"),
                    ("clip", "Clip"),
                    ("cameo", "Cameo"),
                    ("memorial", "Memorial"),
                    ("topic", "Topic"),
                    ("experiment", "Experiment"),
                    ("challenge", "Challenge"),
                    ("model", "Model"),
                    ("page", "Page"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("comment", None), ("message", None), ("person", None), ("post__isnull", False)),
                    models.Q(("comment__isnull", False), ("message", None), ("person", None), ("post", None)),
                    models.Q(("comment", None), ("message__isnull", False), ("person", None), ("post", None)),
                    models.Q(("comment", None), ("message", None), ("person__isnull", False), ("post", None)),
                    _connector="OR",
                ),
                name="report_has_one_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("reporter", "message"), name="one_open_report_of_message"
            ),
        ),
    ]
