"""The commands of `./run`."""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from embedded.state import Refusal, State
from embedded.supervisor import Stopped, Supervisor

CHECKOUT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, "manage.py"]

HELP = """\
./run demo [--once] [--port N]   tout préparer, charger la démonstration, faire la nuit, servir le site
./run serve [--port N]           servir le site, sans démonstration
./run test [options de pytest]   toute la suite de tests, avec de vrais serveurs
./run lint                       vérifier le style, les types et les couches
./run manage COMMANDE …          une commande de Django (migrate, import_file, night…)
./run status | stop              ce qui tourne ; tout arrêter
Avec DATABASE_URL et BROKER_URL, aucun serveur embarqué n'est démarré."""


class Steps:
    """Says what is being done and, at the end, how long each step took."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, float]] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        print(f"▸ {title}…", flush=True)
        started = time.monotonic()
        yield
        self.taken.append((title, time.monotonic() - started))

    def summary(self) -> None:
        print("\nTemps par étape")
        for title, seconds in self.taken:
            print(f"  {title:<42} {seconds:6.1f} s")
        print(f"  {'Total':<42} {sum(seconds for _title, seconds in self.taken):6.1f} s", flush=True)


def state_folder(name: str = ".state") -> Path:
    return Path(os.environ.get("STATE_DIR") or CHECKOUT / name)


def manage(supervisor: Supervisor, *arguments: str) -> None:
    """A management command that must succeed. Raises SystemExit with its code."""
    code = supervisor.run([*MANAGE, *arguments])
    if code != 0:
        raise SystemExit(code if code > 0 else 1)


@contextmanager
def supervised(folder: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(folder, CHECKOUT)
    try:
        yield supervisor
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        supervisor.stop()


def serve(arguments: Sequence[str], demo: bool) -> int:
    parser = argparse.ArgumentParser(prog="./run demo" if demo else "./run serve")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    if demo:
        parser.add_argument("--once", action="store_true", help="s'arrêter après la nuit, sans servir")
        parser.add_argument("--seed", default="2012")
    options = parser.parse_args(arguments)
    once = demo and options.once
    steps = Steps()
    with supervised(state_folder()) as supervisor:
        with steps.step("Serveurs PostgreSQL et Valkey"):
            supervisor.start_servers()
        with steps.step("Tables de la base"):
            manage(supervisor, "migrate", "--verbosity", "0")
        with steps.step("Fichiers statiques et traductions"):
            manage(supervisor, "prepare")
        if demo:
            with steps.step("Données de démonstration"):
                manage(supervisor, "demo", "--seed", options.seed)
        with steps.step("Travailleur et ordonnanceur"):
            supervisor.start_worker()
        url = ""
        if not once:
            with steps.step("Site"):
                url = supervisor.start_web(options.port)
        if demo:
            with steps.step("La nuit : alertes et indicateurs"):
                manage(supervisor, "night", "--follow")
        steps.summary()
        if once:
            return 0
        if demo:
            manage(supervisor, "demo", "--logins")
        print(f"\nParcours est à l'adresse {url} — Ctrl-C pour arrêter.", flush=True)
        supervisor.watch()
    return 0


def test(arguments: Sequence[str]) -> int:
    with supervised(CHECKOUT / ".state-test") as supervisor:
        supervisor.start_servers()
        parallel = [] if any(argument.startswith("-n") for argument in arguments) else ["-n", "2"]
        return supervisor.run([sys.executable, "-m", "pytest", *parallel, *arguments], PLAIN_STATIC="1")


def run_manage(arguments: Sequence[str]) -> int:
    state = State(state_folder())
    if state.locked() and (known := state.read("environment")):
        return subprocess.run([*MANAGE, *arguments], env={**os.environ, **known}, cwd=CHECKOUT, check=False).returncode
    with supervised(state_folder()) as supervisor:
        supervisor.start_servers()
        return supervisor.run([*MANAGE, *arguments])


def lint(_arguments: Sequence[str]) -> int:
    """Every check, even after one failed; the code says whether all passed."""
    binary = Path(sys.executable).parent
    environment = {
        **os.environ,
        "SECRET_KEY": "lint",
        "DATABASE_URL": "postgresql://lint@127.0.0.1:1/lint",
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "PATH": f"{binary}:{os.environ.get('PATH', '')}",
        "POSTGRES_PASSWORD": "lint",
        "ALLOWED_HOSTS": "localhost",
    }
    checks = (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", "."],
        ["lint-imports"],
        ["djlint", "--quiet", "--check", "--lint", "web/templates"],
        ["docker-compose", "config", "-q"],
    )
    failed = [
        " ".join(check)
        for check in checks
        if subprocess.run([binary / check[0], *check[1:]], cwd=CHECKOUT, env=environment, check=False).returncode != 0
    ]
    print("Tout est en ordre." if not failed else f"À corriger : {', '.join(failed)}.")
    return 1 if failed else 0


def status(_arguments: Sequence[str]) -> int:
    state = State(state_folder())
    if not state.locked():
        print("Parcours ne tourne pas.")
        return 1
    print(f"Parcours tourne : {state.read('running').get('url') or 'sans site'}")
    return 0


def stop(_arguments: Sequence[str]) -> int:
    state = State(state_folder())
    pid = state.read("running").get("pid")
    if not state.locked() or not pid:
        print("Parcours ne tourne pas.")
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while state.locked():
        if time.monotonic() > deadline:
            print("L'arrêt prend trop de temps : recommencez, ou tuez le processus", pid)
            return 1
        time.sleep(0.1)
    print("Parcours est arrêté.")
    return 0


def main(arguments: Sequence[str]) -> int:
    command, rest = (arguments[0] if arguments else "help"), arguments[1:]
    commands = {
        "demo": lambda: serve(rest, demo=True),
        "serve": lambda: serve(rest, demo=False),
        "test": lambda: test(rest),
        "manage": lambda: run_manage(rest),
        "lint": lambda: lint(rest),
        "status": lambda: status(rest),
        "stop": lambda: stop(rest),
    }
    if command not in commands:
        print(HELP)
        return 0 if command in {"help", "-h", "--help"} else 2
    try:
        return commands[command]()
    except Stopped:
        print("\nParcours est arrêté.", flush=True)
        return 0
    except Refusal as refusal:
        print(str(refusal), file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
