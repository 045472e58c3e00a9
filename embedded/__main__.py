"""The commands of `./run`. Asking for help or status needs no library: those that do are imported when used."""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from embedded.state import CAUSES, Refusal, State, in_words

if TYPE_CHECKING:
    from embedded.supervisor import Supervisor

CHECKOUT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(CHECKOUT / "manage.py")]

HELP = """\
./run demo [--once] [--port N] [--seed N]
                        tout préparer, charger la démonstration, faire la nuit, servir le site
                        --once : s'arrêter après la nuit
./run serve [--port N]  servir le site, sans démonstration
./run test [options]    toute la suite de tests, avec de vrais serveurs (options de pytest)
./run lint              vérifier le style, les types, les couches et les fichiers de déploiement
./run manage COMMANDE   une commande de Django (migrate, import_file, night…)
./run backup FICHIER    tout sauvegarder en une archive, pendant que le site travaille
./run restore FICHIER   remettre une archive à la place de la base, gardée à côté
                        --undo : revenir à la base gardée ; --confirm : l'effacer
./run status            ce qui tourne
./run stop              tout arrêter
./run help              ce texte

Les données sont dans .state (ou STATE_DIR). Avec DATABASE_URL et BROKER_URL, aucun serveur embarqué n'est démarré.
Tout est dit dans docs/operations.md."""


class Steps:
    """Says what is being done and, at the end, how long each step took."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, float]] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        print(f"▸ {title}…", flush=True)
        started = time.monotonic()
        try:
            yield
        except Refusal:
            print(f"✗ {title} : échec après {time.monotonic() - started:.1f} s", flush=True)
            raise
        self.taken.append((title, time.monotonic() - started))

    def summary(self) -> None:
        print("\nTemps par étape")
        for title, seconds in self.taken:
            print(f"  {title:<42} {seconds:6.1f} s")
        print(f"  {'Total':<42} {sum(seconds for _title, seconds in self.taken):6.1f} s", flush=True)


def site_state() -> State:
    return State(Path(os.environ.get("STATE_DIR") or CHECKOUT / ".state"))


@contextmanager
def supervised(state: State, what: str) -> Iterator["Supervisor"]:
    from embedded.supervisor import Supervisor

    supervisor = Supervisor(state, CHECKOUT, what)
    try:
        yield supervisor
    finally:
        supervisor.stop()


def manage(supervisor: "Supervisor", *arguments: str) -> None:
    """A management command that must succeed; taken up again once if a server died under it. Raises Refusal."""
    before = supervisor.revived_servers
    code = supervisor.run([*MANAGE, *arguments])
    supervisor.revive()
    if code != 0 and supervisor.revived_servers > before:
        print("  Un serveur s'est arrêté pendant cette étape : on la reprend.", flush=True)
        code = supervisor.run([*MANAGE, *arguments])
    if code != 0:
        raise Refusal(f"« ./run manage {arguments[0]} » a échoué (code {code}).")


def prepare(supervisor: "Supervisor") -> None:
    """Static files and translations, made again only when something they come from changed."""
    sources = [CHECKOUT / "requirements.lock"]
    for pattern in ("[!.]*/static/**/*", "*/management/commands/prepare.py", "locale/**/*.po"):
        sources += sorted(path for path in CHECKOUT.glob(pattern) if path.is_file())
    facts = "\n".join(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sources)
    made_from = hashlib.sha256(facts.encode()).hexdigest()
    kept = supervisor.state.read("prepared")
    compiled = all(path.with_suffix(".mo").exists() for path in CHECKOUT.glob("locale/**/*.po"))
    if kept != {"made_from": made_from} or not compiled or not (supervisor.state.folder / "static").is_dir():
        manage(supervisor, "prepare")
        supervisor.state.write("prepared", {"made_from": made_from})


def serve(arguments: Sequence[str], demo: bool) -> int:
    parser = argparse.ArgumentParser(prog="./run demo" if demo else "./run serve")
    parser.add_argument("--port", type=int, help="port du site (8000)")
    parser.set_defaults(once=False)
    if demo:
        parser.add_argument("--once", action="store_true", help="s'arrêter après la nuit")
        # The demonstration's accounts are entered with a password alone; it holds nobody's data.
        os.environ.setdefault("REQUIRE_SECOND_FACTOR", "false")
        parser.add_argument("--seed", type=int, default=2012, help="graine : la même donne les mêmes vies")
    options = parser.parse_args(arguments)
    from embedded.supervisor import Stopped, check_port

    state, steps = site_state(), Steps()
    try:
        with supervised(state, "demo" if demo else "serve") as supervisor:
            with steps.step("Serveurs PostgreSQL et Valkey"):
                supervisor.start_servers()
                port = options.port or int(os.environ.get("PORT") or (state.port("web") if options.once else 8000))
                check_port(port)
            with steps.step("Tables de la base"):
                manage(supervisor, "migrate", "--verbosity", "0")
                # What no secret opens any more is said, and keeps nobody from working.
                supervisor.run([*MANAGE, "reseal", "--verbosity", "0"])
            with steps.step("Fichiers statiques et traductions"):
                prepare(supervisor)
            if demo:
                with steps.step("Données de démonstration"):
                    manage(supervisor, "demo", "--seed", str(options.seed))
            with steps.step("Site, travailleur et ordonnanceur"):
                supervisor.start_worker()
                url = supervisor.start_web(port)
            if demo:
                with steps.step("La nuit : alertes et indicateurs"):
                    manage(supervisor, "night", "--follow")
            steps.summary()
            if options.once:
                return 0
            if demo:
                manage(supervisor, "demo", "--logins")
            print(f"\nParcours est à l'adresse {url} — Ctrl-C pour arrêter.", flush=True)
            supervisor.watch()
    except Stopped:
        print("\nParcours est arrêté.", flush=True)
        return 130 if options.once else 0  # what was asked for was not done
    return 0


def test(arguments: Sequence[str]) -> int:
    from embedded.supervisor import Stopped

    state = State(CHECKOUT / ".state-test", disposable=True)
    parallel = [] if any(argument.startswith("-n") for argument in arguments) else ["-n", "2", "--dist", "worksteal"]
    try:
        with supervised(state, "test") as supervisor:
            supervisor.start_servers()
            (state.folder / "static").mkdir(exist_ok=True)  # pages are tested without collecting files first
            command = [sys.executable, "-m", "pytest", *parallel, *arguments]
            return supervisor.run(command, in_terminal=True, PLAIN_STATIC="1")
    except Stopped:
        return 130


def run_manage(arguments: Sequence[str]) -> int:
    """With the servers of the environment, else those that run already, else our own for the time of the command."""
    from embedded.supervisor import Stopped

    state, here = site_state(), os.environ.get("CALLED_FROM") or os.getcwd()
    if all(os.environ.get(name) for name in ("DATABASE_URL", "BROKER_URL", "SECRET_KEY")):
        os.chdir(here)
        os.execv(sys.executable, [*MANAGE, *arguments])  # noqa: S606 - our own command
    if known := running_environment(state):
        state.guests(wait=False)
        os.chdir(here)
        given = {name: value for name, value in os.environ.items() if value}
        os.execve(sys.executable, [*MANAGE, *arguments], {**known, **given})  # noqa: S606 - our own command
    try:
        with supervised(state, "manage") as supervisor:
            supervisor.start_servers()
            code = supervisor.run([*MANAGE, *arguments], in_terminal=True, cwd=here)
            state.guests(wait=True)
            return code
    except Stopped:
        return 130


@contextmanager
def reachable(state: State, what: str) -> Iterator[dict[str, str]]:
    """How to reach the servers: those of the environment, those that run already or, else, our own meanwhile."""
    given = {name: value for name, value in os.environ.items() if value}
    if all(name in given for name in ("DATABASE_URL", "BROKER_URL", "SECRET_KEY")):
        yield {"STATE_DIR": str(state.folder), **given}
    elif known := running_environment(state):
        state.guests(wait=False)
        yield {**known, **given}
    else:
        with supervised(state, what) as supervisor:
            supervisor.start_servers()
            yield supervisor.environment
            state.guests(wait=True)


def backup(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run backup")
    parser.add_argument("target", type=Path, metavar="FICHIER", help="archive à écrire, par exemple 2026-11-29.zip")
    parser.add_argument("--without-secrets", action="store_true", help="sans les secrets, que vous gardez ailleurs")
    options = parser.parse_args(arguments)
    target = Path(os.environ.get("CALLED_FROM", "")) / options.target
    from embedded import backup

    with reachable(site_state(), "backup") as environment:
        rows = backup.back_up(environment, CHECKOUT, target, secrets=not options.without_secrets)
    print(f"{target} : {sum(rows.values())} lignes de {len(rows)} tables et les pièces.")
    if options.without_secrets:
        print(
            "Les secrets n'y sont pas : sans ceux de ce site, les textes scellés ne s'ouvriront pas. Le reste se lit."
        )
    else:
        print("Les secrets y sont : qui lit ce fichier lit tout. Gardez-le chiffré, ailleurs que sur cette machine.")
    return 0


def restore(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run restore")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("source", nargs="?", type=Path, metavar="FICHIER", help="archive de « ./run backup »")
    what.add_argument("--undo", action="store_true", help="revenir à la base que la dernière restauration a gardée")
    what.add_argument("--confirm", action="store_true", help="effacer les bases gardées")
    options = parser.parse_args(arguments)
    from embedded import backup

    state = site_state()
    with reachable(state, "restore") as environment:
        if options.confirm:
            print(f"Effacées : {', '.join(backup.confirm(environment)) or 'aucune base gardée'}.")
        elif options.undo:
            aside = backup.undo(environment)
            state.exchange_secret("django", aside)
            print(f"La base d'avant est remise ; celle de la restauration est gardée : {aside}.")
        else:
            source = Path(os.environ.get("CALLED_FROM", "")) / options.source
            aside = backup.restore(environment, CHECKOUT, source, MANAGE)
            print(f"{source} est restaurée." + (f" La base d'avant est gardée : {aside}." if aside else ""))
            if aside:
                print("Le site vérifié, « ./run restore --confirm » l'efface ; « ./run restore --undo » y revient.")
            tell_secrets(state, aside, backup.secrets_elsewhere(source, environment), source)
    return 0


def tell_secrets(state: State, aside: str, elsewhere: dict[str, str], source: Path) -> None:
    """Take back the archive's secret key where we keep it ourselves; say which of its secrets the environment must give."""
    if not os.environ.get("SECRET_KEY") and (key := elsewhere.pop("SECRET_KEY", "")):
        state.keep_secret(aside or "former", state.secret("django"))
        state.keep_secret("django", key)
        if not os.environ.get("TEXT_SECRETS"):
            # the first still seals; the archive's open what it brought, until resealed
            ours, theirs = state.secret("texts"), elsewhere.pop("TEXT_SECRETS", "") or key
            state.keep_secret("texts", ",".join(dict.fromkeys([*ours.split(","), *theirs.split(",")])))
        print("La clé secrète de l'archive est reprise : redémarrez le site (« ./run stop », puis « ./run serve »).")
    if elsewhere:
        print(
            f"Ces secrets ne sont pas ceux de l'archive : {', '.join(elsewhere)}. Donnez les siens au site "
            f"(« unzip -p {source} secrets.json ») et redémarrez-le : sans eux, ce que la base scelle ne s'ouvre plus."
        )


def running_environment(state: State) -> dict[str, str]:
    """How to reach the servers that run already; empty when none does. Waits for those that are starting."""
    deadline = time.monotonic() + 120
    while state.locked() and time.monotonic() < deadline:
        if known := state.read("environment"):
            return known
        time.sleep(0.1)
    return {}


def lint() -> int:
    """Every check, even after one failed; the code says whether all passed."""
    binary = Path(sys.executable).parent
    names = ("SECRET_KEY", "POSTGRES_PASSWORD", "WEB_PASSWORD", "JOBS_PASSWORD", "BROKER_PASSWORD", "ALLOWED_HOSTS")
    environment = {
        **os.environ,
        **dict.fromkeys(names, "lint"),
        "DATABASE_URL": "postgresql://lint@127.0.0.1:1/lint",
        "BROKER_URL": "redis://127.0.0.1:1/0",
        "PATH": f"{binary}:{os.environ.get('PATH', '')}",
    }
    checks = (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", "."],
        ["lint-imports"],
        ["djlint", "--quiet", "--lint", "web/templates"],
        ["docker-compose", "config", "-q"],
    )
    failed = []
    for check in checks:
        print(f"▸ {' '.join(check)}", flush=True)
        if not (binary / check[0]).exists():
            print("  absent de cette plateforme : non vérifié.", flush=True)
        elif subprocess.run([binary / check[0], *check[1:]], cwd=CHECKOUT, env=environment, check=False).returncode:
            failed.append(" ".join(check))
    print("Tout est en ordre." if not failed else f"À corriger : {', '.join(failed)}.")
    return 1 if failed else 0


def status() -> int:
    state = site_state()
    if not state.locked():
        print("Parcours ne tourne pas.")
        return 1
    running = state.read("running")
    print(f"« ./run {running.get('what', '?')} » tourne : {running.get('url') or 'pas de site pour le moment'}")
    for name, pid in running.get("children", {}).items():
        print(f"  {name:<12} processus {pid}")
    print(f"  journaux dans {state.logs}")
    return 0


def stop() -> int:
    state = site_state()
    pid = state.read("running").get("pid")
    if not state.locked() or not pid:
        print("Parcours ne tourne pas.")
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while state.locked():
        if time.monotonic() > deadline:
            print(f"L'arrêt prend trop de temps : recommencez pour l'imposer (processus {pid}).")
            return 1
        time.sleep(0.1)
    print("Parcours est arrêté.")
    return 0


def main(arguments: Sequence[str]) -> int:
    command, rest = (arguments[0] if arguments else "help"), arguments[1:]
    commands: dict[str, Callable[[], int]] = {
        "demo": lambda: serve(rest, demo=True),
        "serve": lambda: serve(rest, demo=False),
        "test": lambda: test(rest),
        "manage": lambda: run_manage(rest),
        "backup": lambda: backup(rest),
        "restore": lambda: restore(rest),
        "lint": lint,
        "status": status,
        "stop": stop,
    }
    if command not in commands:
        asked = command in {"help", "-h", "--help"}
        print(HELP if asked else f"Commande inconnue : {command}\n\n{HELP}", file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        return commands[command]()
    except Refusal as refusal:
        print(str(refusal), file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        if error.errno not in CAUSES or error.filename is None:
            raise
        print(str(in_words(error, error.filename)), file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
