"""Moderators decide on templates: names of choices, nothing is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0005_reports_of_messages"),
    ]

    operations = [
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
                    ("template", "Template"),
                    ("model", "Model"),
                    ("page", "Page"),
                ],
                max_length=20,
            ),
        ),
    ]
