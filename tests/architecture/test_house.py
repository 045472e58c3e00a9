"""Rules about everything: layers, models, URLs, tasks, constraints, names."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.access import ScopedQuerySet
from accounts.roles import NATURES, PERMISSIONS, Permission, Role
from jobs import registry

ROOT = Path(settings.BASE_DIR)
OURS = (
    "accounts",
    "audit",
    "jobs",
    "parcours",
    "contracts",
    "skills",
    "rights",
    "participation",
    "partners",
    "indicators",
    "agenda",
    "documents",
    "lawbook",
    "notifications",
    "releases",
    "privacy",
    "api",
    "web",
    "console",
)
LAYERS = (
    "accounts",
    "audit",
    "jobs",
    "parcours",
    "contracts",
    "skills",
    "rights",
    "participation",
    "partners",
    "indicators",
    "agenda",
    "documents",
    "lawbook",
    "notifications",
    "releases",
    "privacy",
)
RANK = {
    "accounts": 0,
    "audit": 1,
    "jobs": 1,
    "parcours": 2,
    "contracts": 3,
    "skills": 3,
    "rights": 3,
    "participation": 3,
    "partners": 3,
    "indicators": 4,
    "agenda": 4,
    "documents": 4,
    "lawbook": 4,
    "notifications": 4,
    "releases": 5,
    "privacy": 6,
}
# Shared reference data and technical rows: they belong to no structure, so nobody is kept from them by one.
SHARED = {
    "Region",
    "Departement",
    "Commune",
    "Organisation",
    "User",
    "Membership",
    "ApiToken",
    "Opening",
    "CodeTries",
    "FeedToken",
    "Job",
    "Framework",
    "Skill",
    "FaultyLine",
    "Partner",
    "Service",
    "DirectoryFault",
    "Preference",
    "SnapshotRow",  # the secure zone of releases: shown by no page, no view of the API, and no role of the database
    "LedgerCell",
    "Issue",  # what is released: read through releases.reading, by audience
    "ReleasedTable",
    "ReleasedCell",
    "Withdrawal",
    "AddedValue",
    "Edition",
}
# Rows whose history is themselves: immutable values and papers, what left the house, what was told, files whose lines
# are recorded in the rows they wrote, keys, whose sealed half is copied nowhere, and answers that nothing may tie to
# a person.
UNTRACKED = {
    "Value",
    "ImportedFile",
    "DirectoryFile",
    "SurveyCode",
    "SurveyAnswer",
    "Wording",
    "Paper",
    "Export",
    "Digest",
    "Notice",
    "IssuerKey",
    "Audit",
    "Contribution",
    "Consequence",
    "Erasure",
    "Consultation",  # itself a record of who read
    "OpenedList",  # the same
    "Term",  # written again each night from dates that have their own history
}


def our_models():
    return [m for m in apps.get_models() if m._meta.app_label in OURS and not m.__name__.endswith("Event")]


def test_imports_go_down_only():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]


def test_foreign_keys_point_down_or_sideways():
    up = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and (there := field.related_model._meta.app_label) in RANK
        and RANK[there] > RANK[model._meta.app_label]
    ]
    assert up == []


def test_every_model_about_people_says_whose_it_is_and_who_sees_it():
    silent = [
        model.__name__
        for model in our_models()
        if model.__name__ not in SHARED | {"Token"}
        and not model._meta.auto_created
        and not (
            hasattr(model, "organisation_path")
            and isinstance(model.seen_with, Permission)
            and isinstance(model._default_manager.all(), ScopedQuerySet)
        )
    ]
    assert silent == []


def test_every_model_about_people_is_tracked():
    untracked = {
        m.__name__ for m in our_models() if hasattr(m, "organisation_path") and not hasattr(m, "pgh_event_model")
    }
    assert untracked == UNTRACKED


def test_every_constraint_a_user_may_break_speaks_french():
    internal = {
        "flag_once",
        "value_once",
        "value_period_in_order",
        "value_known_within_eligible",
        "value_reporting_within_members",
        "value_organisation_of_its_scope",
    }
    mute = [
        constraint.name
        for model in our_models()
        for constraint in model._meta.constraints
        if constraint.name not in internal
        and constraint.violation_error_message == models.constraints.BaseConstraint.default_violation_error_message
    ]
    assert mute == []


def addresses(patterns=None, prefix=""):
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


# What a stranger may open: signing in, getting a password back, the health check, the API's description.
OPEN = re.compile(
    r"compte/(login|logout|signup|password/reset.*|inactive|confirm-email.*|login/code.*|reauthenticate|double-authentification/(authenticate|webauthn/login))|sante/|pret/|chiffres/$|mon-avis/|api/v1/openapi"
)


def concrete(route: str) -> str:
    route = re.sub(r"\(\?P<pk>[^)]*\)", "1", route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "x", route)
    route = re.sub(r"<int:\w+>", "1", route)
    route = re.sub(r"<\w+:?\w*>", "x", route)
    return "/" + route.replace("^", "").replace("$", "").replace("\\.", ".").replace("\\Z", "").replace("/?", "/")


@pytest.mark.django_db
def test_every_address_is_closed_to_a_stranger():
    client = Client()
    unexpected = {}
    for route in addresses():
        address = concrete(route)
        if OPEN.match(address[1:]):
            continue
        answer = client.get(address)
        to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/compte/login/")
        if not to_sign_in and answer.status_code not in {401, 404, 405}:
            unexpected[address] = answer.status_code
    assert unexpected == {}


def test_there_are_addresses_to_check():
    assert len(list(addresses())) > 60


def test_every_job_has_a_name_and_takes_only_texts_and_numbers():
    current_app.loader.import_default_modules()
    assert registry.names() == [
        "contracts.refresh_flags",
        "indicators.compute",
        "indicators.compute_structures",
        "indicators.gather",
        "indicators.then_gather",
        "jobs.alert",
        "lawbook.weigh",
        "notifications.send",
        "notifications.tell",
        "parcours.plan_exit_calls",
        "parcours.scan_attachment",
        "privacy.erase",
        "privacy.finish_erasure",
        "privacy.retain",
        "privacy.sweep",
        "privacy.tell_request",
        "privacy.tell_terms",
        "releases.audit",
        "releases.begin",
        "releases.freeze",
        "releases.protect",
        "releases.snapshot",
        "rights.open_steps",
    ]
    assert set(settings.NIGHT) <= set(registry.names())
    for name in registry.names():
        for parameter in inspect.signature(registry.handler(name)).parameters.values():
            assert parameter.annotation in {str, int, list[int], list[str], "Any", object} or "Any" in str(
                parameter.annotation
            ), name


def test_every_celery_task_is_one_of_ours_by_name():
    current_app.loader.import_default_modules()
    tasks = {name for name in current_app.tasks if not name.startswith("celery.")}
    assert tasks == {"jobs.perform", "jobs.relay", "jobs.nightly"}


def test_no_module_has_a_name_that_says_nothing():
    vague = {"utils", "helpers", "services", "signals", "common", "misc", "managers"}
    found = [
        p
        for app in (*OURS, "law", "disclosure", "embedded", "config")
        for p in (ROOT / app).rglob("*.py")
        if p.stem in vague
    ]
    assert found == []


def test_no_module_passes_four_hundred_and_fifty_lines():
    long = [
        (str(p.relative_to(ROOT)), n)
        for app in (*OURS, "law", "disclosure", "embedded", "config")
        for p in (ROOT / app).rglob("*.py")
        if "migrations" not in p.parts and (n := len(p.read_text().splitlines())) > 450
    ]
    assert long == []


# Who reads the clock below the doors, and what for: to write when something was really done, never to work out what is true.
CLOCKS = {
    "accounts/access.py": "who may see is asked of today unless a day is given",
    "accounts/code_tries.py": "when a code was tried",
    "contracts/imports/desk.py": "when a file was imported",
    "documents/exports/sending.py": "when a file had left",
    "lawbook/weighing.py": "when a value was weighed",
    "notifications/tasks.py": "when a message was handed over, and when to ask again",
    "privacy/tasks.py": "when someone was erased, and how old a file on the disk is",
}


def reads_the_clock(node):
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    asked = node.func.attr
    return asked in {"now", "today", "utcnow"} or (asked in {"localdate", "localtime"} and not node.args)


def test_no_job_reads_the_clock_but_to_say_when_it_was_done():
    found = {
        str(path.relative_to(ROOT))
        for app in {*LAYERS, "law", "disclosure"} - {"jobs"}  # `jobs` is the clock: it says what is due
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if reads_the_clock(node)
    }
    assert found - set(CLOCKS) == set()


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text()
    listed = tomllib.loads(text)["project"]["dependencies"]
    bare = [name for name in listed if not re.search(re.escape(name) + r'",\s*#\s*\w+', text)]
    assert bare == []


@pytest.mark.django_db
def test_migrations_say_all_that_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_our_commands_have_help_in_french():
    ours = [name for name, app in get_commands().items() if app == "console"]
    assert sorted(ours) == [
        "attack_release",
        "contribution",
        "demo",
        "erase_again",
        "import_file",
        "load_reference",
        "messages",
        "migrate",
        "night",
        "observatoire",
        "prepare",
        "release",
        "reseal",
        "sweep_files",
        "walls",
    ]
    assert [name for name in ours if len(load_command_class("console", name).help) < 20] == []


def test_roles_are_all_described_on_one_screen():
    assert set(PERMISSIONS) == set(NATURES) == set(Role)
    people = {Permission.SEE_PEOPLE, Permission.WRITE_FOLLOW_UP, Permission.SEE_CONTRACTS, Permission.SEE_INDICATORS}
    for role in (Role.ANALYST, Role.PUBLISHER, Role.ADMINISTRATOR):
        assert PERMISSIONS[role] & people == frozenset()


def test_the_map_names_every_package():
    packages = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"tests"}
    for page in ("README.md", "docs/architecture.md"):
        text = (ROOT / page).read_text()
        assert [name for name in sorted(packages) if f"`{name}/`" not in text] == [], page


def test_every_setting_of_the_environment_is_told_to_who_operates():
    page = (ROOT / "docs/operations.md").read_text()
    named = re.findall(r"env\.\w+\(\s*\"(\w+)\"", (ROOT / "config/settings.py").read_text())
    assert len(named) > 30
    assert [name for name in named if f"`{name}`" not in page] == []


def test_decisions_are_numbered_one_after_the_other():
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    heads = [page.read_text().partition(".")[0] for page in pages]
    assert heads == [f"# {number}" for number in range(1, len(pages) + 1)]
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
