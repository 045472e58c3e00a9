from django.db import migrations


def load(apps, schema_editor):
    from accounts.reference import territory

    entries = territory()
    Region = apps.get_model("accounts", "Region")
    Departement = apps.get_model("accounts", "Departement")
    Region.objects.bulk_create([Region(**entry) for entry in entries["regions"]], ignore_conflicts=True)
    Departement.objects.bulk_create(
        [Departement(code=d["code"], name=d["name"], region_id=d["region"]) for d in entries["departements"]],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    """Régions and départements: every installation has them."""

    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
