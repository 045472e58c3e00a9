"""The wall in the database, made from the models after each `migrate`: roles, what each may do, which rows each reaches.

- `parcours_app` — requests. Reads and writes, and of the tables that belong to organisations only the rows of those that the
  request reaches (`accounts.walls`); adds to history, never changes it; changes no table.
- `parcours_worker` — jobs, for all organisations at once. The same otherwise, but that it erases: history goes with the person.
- `parcours_support` — the platform's team on the base itself: reads what `unwalled.yaml` says, no table about people.

None signs in: the host's login roles are made members of them. The owner of the tables, who migrates, passes every wall.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.db import connections, models, transaction
from django.db.utils import ProgrammingError

APP, WORKER, SUPPORT = "parcours_app", "parcours_worker", "parcours_support"
INSUFFICIENT_PRIVILEGE = "42501"
PLAIN = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
ATTRIBUTES = {
    APP: f"NOLOGIN {PLAIN} NOBYPASSRLS",
    WORKER: f"NOLOGIN {PLAIN} BYPASSRLS",  # COPY refuses a table under rules, even one that lets everything through
    SUPPORT: f"NOLOGIN {PLAIN} NOBYPASSRLS",
}
VERBS = {
    "write": "SELECT, INSERT, UPDATE, DELETE",
    "erase": "SELECT, INSERT, DELETE",
    "add": "SELECT, INSERT",
    "read": "SELECT",
}
# Walled, and never changed by a request: figures are computed by jobs, what left the house stays said.
APP_ONLY = {
    "indicators_value": "read",
    "releases_audit": "read",
    "releases_contribution": "add",
    "releases_ledgercell": "read",  # to publish
    "releases_snapshotrow": "none",
}
Model = type[models.Model]

REACH = """
CREATE OR REPLACE FUNCTION parcours_reach() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_to_array(NULLIF(current_setting('parcours.organisations', true), ''), ',')::bigint[]
$$
"""


# Whether all is as it was last made: roles belong to the server and a restored base has neither rights nor rules.
STANDING = """
SELECT obj_description(to_regproc('parcours_reach'), 'pg_proc') = %(mark)s
    AND (SELECT count(*) = 3 FROM pg_roles WHERE rolname = ANY (%(roles)s))
    AND (SELECT count(*) = %(walled)s FROM pg_policies WHERE policyname = 'reached')
    AND EXISTS (SELECT FROM information_schema.role_table_grants WHERE grantee = %(app)s AND table_name = 'parcours_worker')
"""


@cache
def unwalled() -> dict[str, dict[str, Any]]:
    """The tables that no wall closes: why, and who may do what there."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("unwalled.yaml").read_text())
    return found


def tables() -> dict[str, Model]:
    """Every table of the product and the libraries, by name, with its model."""
    found = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: model for model in found if model._meta.managed and not model._meta.proxy}


def way(model: Model) -> str | None:
    """The reference by which a row of the model is in an organisation: to it, or to a row that is in it."""
    model = getattr(model, "pgh_tracked_model", model)
    path: str | None = getattr(model, "organisation_path", None) or getattr(model, "walled_by", None)
    return path.partition("__")[0] if path else None


def walled() -> dict[str, Model]:
    return {name: model for name, model in tables().items() if way(model)}


def reference(model: Model) -> Any:
    return model._meta.get_field(way(model) or "")


def to_organisation(model: Model) -> bool:
    return reference(model).related_model is apps.get_model("accounts", "Organisation")


def rule(model: Model) -> str:
    """Whether the request reaches a row. Through a reference, the rule of the row referred to is asked in turn."""
    field = reference(model)
    column = f"{model._meta.db_table}.{field.column}"
    if to_organisation(model):
        return f"{column} = ANY ((SELECT parcours_reach())::bigint[])"
    there = field.related_model._meta.db_table
    return f"EXISTS (SELECT FROM {there} above WHERE above.id = {column})"


def is_history(model: Model) -> bool:
    return hasattr(model, "pgh_tracked_model")


def role_sql(role: str, attributes: str) -> str:
    """Create a role unless it is there, and let the current user put it on. Two databases may do so at once."""
    return f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} {attributes}; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
    IF NOT pg_has_role(CURRENT_USER, '{role}', 'MEMBER') THEN GRANT {role} TO CURRENT_USER; END IF;
END $$
"""


def rights() -> Iterator[str]:
    """What each role may do on each table, from nothing."""
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP}, {WORKER}, {SUPPORT}"
    yield f"GRANT USAGE ON SCHEMA public TO {APP}, {WORKER}, {SUPPORT}"
    for name, model in tables().items():
        said = unwalled().get(name, {})
        history = "add" if is_history(model) else "write"
        may = said.get("app") or APP_ONLY.get(name, history)
        if may != "none":
            yield f"GRANT {VERBS[may]} ON {name} TO {APP}"
        kept = "add" if name == "releases_ledgercell" else "erase" if history == "add" else "write"
        yield f"GRANT {VERBS[kept]} ON {name} TO {WORKER}"
        if support := said.get("support"):
            columns = "" if support is True else f" ({', '.join(support)})"
            yield f"GRANT SELECT{columns} ON {name} TO {SUPPORT}"
    yield f"GRANT SELECT ON django_migrations TO {APP}, {WORKER}, {SUPPORT}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}, {WORKER}"  # numbers taken ahead by imports


def rules() -> Iterator[str]:
    """The rows that the role of requests reaches, table by table."""
    for name, model in walled().items():
        yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS reached ON {name}"
        yield f"CREATE POLICY reached ON {name} TO {APP} USING ({rule(model)})"
        yield f"DROP POLICY IF EXISTS shared ON {name}"
        if to_organisation(model) and reference(model).null:
            column = reference(model).column
            yield f"CREATE POLICY shared ON {name} FOR SELECT TO {APP} USING ({column} IS NULL)"
    for name in (name for name, said in unwalled().items() if said.get("ruled")):
        yield f"DROP POLICY IF EXISTS passed ON {name}"
        yield f"CREATE POLICY passed ON {name} TO {APP} USING (true)"


def door_sql() -> str:
    """Which organisation a secret or public address names, for those who come without signing in (`accounts.walls.through`).

    It runs as the tables' owner and answers one number to whoever holds the whole name; nothing can be listed by it.
    """
    branches = []
    for name, model in walled().items():
        if key := getattr(model, "opened_by", None):
            joins, here = "", model
            field: Any
            for step in model.organisation_path.split("__")[:-1]:  # type: ignore[attr-defined]
                field = here._meta.get_field(step)
                there = field.related_model._meta.db_table
                joins += f" JOIN {there} ON {there}.id = {here._meta.db_table}.{field.column}"
                here = field.related_model
            column = f"{here._meta.db_table}.{reference(here).column}"
            kind = "uuid" if isinstance(model._meta.get_field(key), models.UUIDField) else "text"
            named = f"{name}.{key} = CASE door WHEN '{name}' THEN given::{kind} END"
            branches.append(f"SELECT {column} FROM {name}{joins} WHERE {named}")  # noqa: S608 - names of the models
    return (
        "CREATE OR REPLACE FUNCTION parcours_door(door text, given text) RETURNS bigint LANGUAGE sql STABLE"
        f" SECURITY DEFINER SET search_path = public, pg_temp AS $$ {' UNION ALL '.join(branches)} $$;"
        f" REVOKE ALL ON FUNCTION parcours_door FROM PUBLIC; GRANT EXECUTE ON FUNCTION parcours_door TO {APP}"
    )


def roles() -> list[str]:
    return [role_sql(role, attributes) for role, attributes in ATTRIBUTES.items()]


def whole() -> str:
    """Rules before rights: a rule takes its table first. A right only marks it, and a vacuum that has the table and waits for
    that mark would be waited for in turn."""
    return ";\n".join([REACH, *rules(), *rights(), door_sql()])


def ensure(using: str = "default") -> bool:
    """Make the roles and the wall. Nothing when they are as the models say; False when the user may not create roles."""
    sql = whole()
    mark = hashlib.sha256(sql.encode()).hexdigest()
    with connections[using].cursor() as cursor:
        now: dict[str, Any] = {"mark": mark, "app": APP, "roles": list(ATTRIBUTES), "walled": len(walled())}
        cursor.execute(STANDING, now)
        if cursor.fetchone()[0]:
            return True
        try:
            with transaction.atomic(using=using):
                for statement in (*roles(), sql):
                    cursor.execute(statement)
                cursor.execute(f"COMMENT ON FUNCTION parcours_reach() IS '{mark}'")
        except ProgrammingError as refused:
            if getattr(refused.__cause__, "sqlstate", "") != INSUFFICIENT_PRIVILEGE:
                raise
            return False
    return True
