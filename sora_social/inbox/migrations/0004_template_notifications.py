"""A notification may be of a template that was used: nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0003_messages_wake_devices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="jotting",
            name="kind",
            field=models.CharField(
                choices=[
                    ("follow", "Follow"),
                    ("like", "Like"),
                    ("comment", "Comment"),
                    ("reply", "Reply"),
                    ("mention", "Mention"),
                    ("remix", "Remix"),
                    ("template", "Template"),
                    ("cast_in_draft", "Cast In Draft"),
                    ("cast_in_post", "Cast In Post"),
                    ("cast_request", "Cast Request"),
                    ("cast_answer", "Cast Answer"),
                    ("generation", "Generation"),
                    ("credits", "Credits"),
                    ("invite", "Invite"),
                    ("moderation", "Moderation"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("follow", "Follow"),
                    ("like", "Like"),
                    ("comment", "Comment"),
                    ("reply", "Reply"),
                    ("mention", "Mention"),
                    ("remix", "Remix"),
                    ("template", "Template"),
                    ("cast_in_draft", "Cast In Draft"),
                    ("cast_in_post", "Cast In Post"),
                    ("cast_request", "Cast Request"),
                    ("cast_answer", "Cast Answer"),
                    ("generation", "Generation"),
                    ("credits", "Credits"),
                    ("invite", "Invite"),
                    ("moderation", "Moderation"),
                ],
                max_length=20,
            ),
        ),
    ]
