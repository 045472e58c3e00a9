from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("Historique")

    def ready(self) -> None:
        post_migrate.connect(follow_the_models, sender=self)


def follow_the_models(using: str, **_signal: Any) -> None:
    """After each `migrate`: install the triggers that are missing or outdated, drop those of no model.

    Those already as the models say are left alone, so that a migration under load locks no table for them.
    """
    from pgtrigger import installation, registry

    tables = {*connections[using].introspection.table_names()}  # after a step back, some are not there
    for model, trigger in registry.registered():
        if model._meta.db_table in tables and trigger.get_installation_status(model, database=using)[0] != "INSTALLED":
            trigger.install(model, database=using)
    installation.prune(database=using)
    compare_by_hash(using)


def compare_by_hash(using: str) -> None:
    """Have the triggers that compare rows before and after a change join them by hash. PostgreSQL plans them once a session, for as
    many rows as the first change has: the loop it chooses for none takes minutes for the twenty thousand of a later one.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT p.oid::regprocedure::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE t.tgoldtable IS NOT NULL AND t.tgnewtable IS NOT NULL
                AND NOT 'enable_nestloop=off' = ANY (COALESCE(p.proconfig, '{}'))"""
        )
        for (function,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION {function} SET enable_nestloop = off")
