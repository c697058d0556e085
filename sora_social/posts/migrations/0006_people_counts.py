from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0005_room_rules"),
    ]

    operations = [
        migrations.AddField("post", "remixer_count", models.IntegerField(db_default=0, default=0)),
        migrations.AddField("post", "people_count", models.IntegerField(db_default=0, default=0)),
    ]
