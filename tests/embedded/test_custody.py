"""Who is given the keys of releases: what draws and what the host runs by hand, never the site."""

import json
import subprocess
import sys

import pytest
import yaml

from embedded.supervisor import Supervisor
from tests.embedded.conftest import CHECKOUT, own_environment

KEYS = {"RELEASE_SECRETS", "RELEASE_SECRETS_FILE"}


@pytest.mark.parametrize(("name", "given"), [("web", set()), ("beat", set()), ("worker", KEYS)])
def test_the_supervisor_gives_the_keys_to_the_worker_alone(state, name, given):
    supervisor = Supervisor(state, CHECKOUT, "serve")
    supervisor.environment = own_environment(RELEASE_SECRETS=f"2025:{'ab' * 32}", RELEASE_SECRETS_FILE="/nonexistent")

    child = supervisor._start_child(
        name, [sys.executable, "-c", "import json, os; print(json.dumps(sorted(os.environ)))"]
    )
    while child.wait(0.3) is None:
        pass

    told = set(json.loads((state.logs / f"{name}.log").read_text()))
    assert told & KEYS == given
    assert {"DATABASE_ROLE", "PATH"} <= told


def test_compose_gives_the_keys_to_the_worker_and_to_the_commands_of_the_host():
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]

    assert {name for name, service in services.items() if KEYS & set(service["environment"])} == {"worker", "commands"}
    assert services["commands"]["profiles"] == ["commands"]  # not started with the site


@pytest.mark.parametrize(("role", "found"), [("parcours_app", False), ("parcours_worker", True), ("", True)])
def test_a_process_of_the_site_knows_no_key_even_when_it_is_given_them(tmp_path, role, found):
    (tmp_path / "release-secrets").write_text(f"2026:{'cd' * 32}\n")
    environment = own_environment(
        RELEASE_SECRETS=f"2025:{'ab' * 32}", STATE_DIR=str(tmp_path), DATABASE_ROLE=role, SECRET_KEY="x",
        DATABASE_URL="postgresql://x@127.0.0.1:1/x", BROKER_URL="redis://127.0.0.1:1/0",
        DJANGO_SETTINGS_MODULE="config.settings",
    )  # fmt: skip
    ask = "import django; django.setup(); from releases.secrets import _listed; print(sorted(_listed()))"

    told = subprocess.run([sys.executable, "-c", ask], env=environment, cwd=CHECKOUT, capture_output=True, text=True)

    assert told.stdout.strip().splitlines()[-1] == ("[2025, 2026]" if found else "[]"), told.stderr
