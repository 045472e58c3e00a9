import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def forget(apps, schema_editor):
    """An address was once kept beside the user's own before anyone opened its link: none counts any more."""
    apps.get_model("account", "EmailAddress").objects.exclude(email=F("user__email")).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('account', '0001_initial'),
        ('accounts', '0003_openings'),
    ]

    operations = [
        migrations.CreateModel(
            name='CodeTries',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='utilisateur')),
                ('count', models.PositiveSmallIntegerField(default=0, verbose_name='essais')),
                ('last_at', models.DateTimeField(verbose_name='dernier essai')),
            ],
            options={
                'verbose_name': 'essais de double authentification',
            },
        ),
        migrations.AddField(
            model_name='membership',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='fini par'),
        ),
        migrations.AddField(
            model_name='membership',
            name='given_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='donné par'),
        ),
        migrations.RunPython(forget, migrations.RunPython.noop, elidable=True),
    ]
