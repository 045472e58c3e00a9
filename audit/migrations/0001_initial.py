from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

RECORDED_AT = """
CREATE OR REPLACE FUNCTION audit_recorded_at() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT COALESCE(NULLIF(current_setting('parcours.recorded_at', true), '')::timestamptz, now())
$$;
"""

# unaccent() is only STABLE because its dictionary could change; ours does not, and an index needs IMMUTABLE.
PLAIN_TEXT = """
CREATE OR REPLACE FUNCTION plain_text(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(public.unaccent('public.unaccent'::regdictionary, value))
$$;
"""


class Migration(migrations.Migration):
    """Extensions and the two SQL functions everything else stands on."""

    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(RECORDED_AT, "DROP FUNCTION audit_recorded_at()"),
        migrations.RunSQL(PLAIN_TEXT, "DROP FUNCTION plain_text(text)"),
    ]
