"""Backup and restore: the database at one instant, the files it names, the secrets that open what it seals.

Files are added before the row that names them and never change: those copied after the database's instant hold all it names.
A restore is made beside, in a new database, and takes the place of the other in one transaction.
"""

import io
import json
import os
import shutil
import subprocess
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from embedded.archive import Archive, checked, digest_of, written
from embedded.postgres import find_binaries, major
from embedded.state import Refusal, in_words

DUMP, SECRETS, MEDIA = "database.dump", "secrets.json", "media"
# Files to which lines are added: a restore adds those that are missing. Keys of releases; marks of the people erased.
KEYS_OF_RELEASES = "release-secrets"
LINES = {
    KEYS_OF_RELEASES: ("RELEASE_SECRETS_FILE", "release-secrets"),
    "erasures": ("ERASURES_FILE", "media/erasures"),
}
SEALING = ("SECRET_KEY", "BADGE_SECRETS", "SEALING_SECRETS", "TEXT_SECRETS", "RELEASE_SECRETS")
# Who is signed in is not kept: after a restore, everyone signs in again.
EMPTY = ("django_session", "usersessions_usersession")
NO_POLICIES_SINCE = 18
# What follows a database's name: in that of the one a restore keeps (then the instant), and of the one it is making.
ASIDE, RESTORING = "_before_", "_restoring"
DEPTHS = ("*", "*/*", "*/*/*")  # of the libraries' applications: axes, allauth.mfa, django.contrib.auth
Environment = Mapping[str, str]
Connection = psycopg.Connection[Any]


# Backup --------------------------------------------------------------------------------------------------------------


def back_up(environment: Environment, checkout: Path, target: Path, *, secrets: bool = True) -> dict[str, int]:
    """Write an archive while the site works; the rows of each table. Raises Refusal, leaving no file.

    Without `secrets`, nothing of the archive opens what the database seals: they are to be kept apart."""
    with written(target) as archive, _connected(environment["DATABASE_URL"]) as database:
        database.autocommit = False
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        rows = _rows(database)
        facts = {
            "parcours": _version(checkout),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "postgresql": database.info.server_version,
            "migrations": _migrations(database),
            "rows": rows,
        }
        snapshot = _asked(database, "SELECT pg_export_snapshot()")
        left_out = [f"--exclude-table-data={table}" for table in EMPTY]
        command = ["pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", *left_out]
        with _program(command, environment["DATABASE_URL"], "stdout") as dump:
            archive.add(DUMP, dump)
        media, lines = Path(environment["STATE_DIR"]) / MEDIA, _lines(environment)
        for path in sorted(media.rglob("*")):
            try:
                if path.is_file() and path not in lines.values():
                    with path.open("rb") as stream:
                        archive.add(f"{MEDIA}/{path.relative_to(media)}", stream)
            except FileNotFoundError:
                continue  # erased meanwhile, and its row with it
        kept = {name: environment[name] for name in SEALING if secrets and environment.get(name)}
        archive.add(SECRETS, io.BytesIO(json.dumps(kept).encode()))
        for name, path in lines.items():
            if path.is_file() and (secrets or name != KEYS_OF_RELEASES):
                archive.add(name, io.BytesIO(path.read_bytes()))
        archive.close(facts)
        return rows


def _version(checkout: Path) -> str:
    return str(tomllib.loads((checkout / "pyproject.toml").read_text())["project"]["version"])


def _lines(environment: Environment) -> dict[str, Path]:
    state = Path(environment["STATE_DIR"])
    return {name: Path(environment.get(setting) or state / usual) for name, (setting, usual) in LINES.items()}


def _migrations(database: Connection) -> list[str]:
    if _empty(database):
        raise Refusal("Cette base est vide : il n'y a rien à sauvegarder.")
    rows = database.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    return [name for (name,) in rows]


def _rows(database: Connection) -> dict[str, int]:
    """How many rows each table holds at this instant."""
    tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    count = sql.SQL("SELECT count(*) FROM {}")
    return {table: _asked(database, count.format(sql.Identifier(table))) for (table,) in tables if table not in EMPTY}


# Restore -------------------------------------------------------------------------------------------------------------


def restore(environment: Environment, checkout: Path, source: Path, manage: Sequence[str]) -> str:
    """Put an archive in the place of the database; the name under which the former one is kept, if it held anything.

    Raises Refusal before anything changed: the archive is checked whole, restored beside, migrated, and only then renamed.
    """
    url = environment["DATABASE_URL"]
    name = _name(url)
    draft = f"{name}{RESTORING}"
    with checked(source) as archive, _alone(url) as server:
        _refuse_newer(archive, source, checkout)
        beside = {**environment, "DATABASE_URL": _naming(url, draft), "SEALING_SECRETS": _opening(archive, environment)}
        _drop(server, draft)
        try:
            server.execute(_creation(server, name, draft))
            with (
                archive.open(DUMP) as dump,
                _program(["pg_restore", "--exit-on-error", *_remade()], beside["DATABASE_URL"], "stdin") as into,
            ):
                shutil.copyfileobj(dump, into)
            with _connected(beside["DATABASE_URL"]) as restored:
                if _rows(restored) != archive.manifest["rows"]:
                    raise Refusal("Les lignes restaurées ne sont pas celles de l'archive : rien n'a été changé.")
                restored.execute("ANALYZE")
            _manage(manage, ["migrate", "--verbosity", "0"], beside)
            _put_back_files(archive, environment)
            if list(checkout.glob("*/management/commands/erase_again.py")):
                _manage(manage, ["erase_again"], beside)
            return _swap(server, url, draft)
        finally:
            _drop(server, draft)


def undo(environment: Environment) -> str:
    """Exchange the database and the one the last restore kept; asked twice, it changes nothing."""
    name = _name(environment["DATABASE_URL"])
    with _alone(environment["DATABASE_URL"]) as server:
        aside = _kept(server, name)
        if not aside:
            raise Refusal("Aucune base n'est gardée : il n'y a rien à remettre.")
        _rename(server, [(name, f"{name}{RESTORING}"), (aside[-1], name), (f"{name}{RESTORING}", aside[-1])])
        return aside[-1]


def confirm(environment: Environment) -> list[str]:
    """Drop the databases that restores kept; their names."""
    with _alone(environment["DATABASE_URL"]) as server:
        kept = _kept(server, _name(environment["DATABASE_URL"]))
        for aside in kept:
            _drop(server, aside)
        return kept


def secrets_elsewhere(source: Path, environment: Environment) -> dict[str, str]:
    """The secrets of an archive that are not those of this site."""
    with checked(source) as archive:
        kept: dict[str, str] = json.loads(archive.content(SECRETS))
    return {name: value for name, value in kept.items() if environment.get(name) != value}


def _refuse_newer(archive: Archive, source: Path, checkout: Path) -> None:
    """An archive holds what a migration made that this code, or one of its libraries, does not have: refused."""
    libraries = Path(sysconfig.get_path("purelib"))
    folders = [*checkout.glob("*/migrations"), *(f for depth in DEPTHS for f in libraries.glob(f"{depth}/migrations"))]
    known = {f"{folder.parent.name}.{path.stem}" for folder in folders for path in folder.glob("*.py")}
    if unknown := sorted(set(archive.manifest["migrations"]) - known):
        raise Refusal(
            f"{source} vient d'un code plus récent (Parcours {archive.manifest['parcours']}) : mettez d'abord à jour "
            f"celui-ci, qui ne connaît pas {', '.join(unknown[:3])}."
        )


def _opening(archive: Archive, environment: Environment) -> str:
    """The secrets that open what either database seals: marks of erasures are known by those of the site that wrote them."""
    both = (environment, json.loads(archive.content(SECRETS)))
    found = [kept.get("SEALING_SECRETS") or kept.get("SECRET_KEY", "") for kept in both]
    return ",".join(dict.fromkeys(secret for secret in found if secret))


def _remade() -> list[str]:
    """Who may read what is said again by `migrate`, for the roles of this server: it is not restored."""
    return ["--no-owner", "--no-acl", *(["--no-policies"] if major(find_binaries()[1]) >= NO_POLICIES_SINCE else [])]


def _put_back_files(archive: Archive, environment: Environment) -> None:
    """Add the files that are missing or damaged, each by a rename; none is taken away."""
    state = Path(environment["STATE_DIR"])
    try:
        for name in archive.names(MEDIA):
            path = state / name
            if not path.resolve().is_relative_to((state / MEDIA).resolve()):
                raise Refusal(f"L'archive nomme un fichier hors des pièces ({name}) : rien n'a été changé.")
            if not (path.is_file() and digest_of(path) == archive.digest(name)):
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as content:
                    _replace(path, content)
        for name, path in _lines(environment).items():
            held = path.read_bytes() if path.is_file() else b""
            if lost := [line for line in archive.content(name).splitlines(True) if line not in held.splitlines(True)]:
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, io.BytesIO(held + b"".join(lost)))
    except OSError as error:
        raise in_words(error, state) from error


def _replace(path: Path, content: IO[bytes]) -> None:
    draft = path.with_name(f".{path.name}.restoring")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        shutil.copyfileobj(content, output)
    draft.replace(path)


# The server ----------------------------------------------------------------------------------------------------------


def _name(url: str) -> str:
    return unquote(urlsplit(url).path.lstrip("/"))


def _naming(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _connected(url: str) -> Connection:
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise Refusal(f"La base ne répond pas : {str(error).strip()}") from error


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """A connection beside the databases that change, one restore at a time. What the server refuses is said."""
    with _connected(_naming(url, "postgres")) as server:
        if not _asked(server, "SELECT pg_try_advisory_lock(7201, 1)"):
            raise Refusal("Une autre restauration est en cours.")
        try:
            yield server
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refusal(
                "Le compte de la base n'a pas le droit d'en créer une : ALTER ROLE … CREATEDB, le temps de restaurer."
            ) from error
        except psycopg.Error as error:
            raise Refusal(f"PostgreSQL a refusé : {str(error).strip()}") from error


def _asked(database: Connection, query: str | sql.Composed, *values: Any) -> Any:
    """The first column of the first row; None when there is no row."""
    row = database.execute(query, values).fetchone()
    return row[0] if row else None


def _empty(database: Connection) -> bool:
    return _asked(database, "SELECT to_regclass('django_migrations')") is None


def _kept(server: Connection, name: str) -> list[str]:
    rows = server.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1", [f"{name}{ASIDE}"]
    ).fetchall()
    return [row[0] for row in rows]


def _drop(server: Connection, database: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _creation(server: Connection, model: str, new: str) -> sql.Composed:
    """An empty database that sorts text as the other does."""
    facts = _asked(server, "SELECT to_jsonb(d) FROM pg_database d WHERE datname = %s", model)
    if facts is None:
        raise Refusal(f"La base « {model} » n'existe pas : créez-la vide, comme le dit docs/operations.md.")
    parts = ["CREATE DATABASE {new} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {collate} LC_CTYPE {ctype}"]
    if kind := {"b": "BUILTIN", "i": "ICU"}.get(facts["datlocprovider"]):
        parts.append(f"LOCALE_PROVIDER {kind.lower()} {kind}_LOCALE {{locale}}")
    return sql.SQL(" ".join(parts)).format(
        new=sql.Identifier(new),
        collate=sql.Literal(facts["datcollate"]),
        ctype=sql.Literal(facts["datctype"]),
        locale=sql.Literal(facts.get("datlocale") or facts.get("daticulocale")),
    )


def _swap(server: Connection, url: str, draft: str) -> str:
    """The draft takes the name; the former one is kept aside, unless it never held anything."""
    name = _name(url)
    with _connected(url) as former:
        empty = _empty(former)
    aside = f"{name}{ASIDE}{datetime.now(UTC):%Y%m%d_%H%M%S}"
    _rename(server, [(name, aside), (draft, name)])
    if empty:
        _drop(server, aside)
        return ""
    return aside


def _rename(server: Connection, pairs: Sequence[tuple[str, str]]) -> None:
    """All renames or none. A name moves only while nobody uses it: who is connected is sent away, and comes back."""
    names = sorted({name for pair in pairs for name in pair})
    for attempt in range(10):
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)", [names])
        try:
            with server.transaction():
                for old, new in pairs:
                    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                    server.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))
            return
        except psycopg.errors.ObjectInUse:
            if attempt == 9:
                raise Refusal("La base reste occupée : arrêtez le site (« ./run stop ») et recommencez.") from None


# Programs ------------------------------------------------------------------------------------------------------------


@contextmanager
def _program(command: Sequence[str], url: str, pipe: str) -> Iterator[IO[bytes]]:
    """A program of PostgreSQL, beside which its output or input is used. Raises Refusal with its last words."""
    where = conninfo_to_dict(url)
    password = str(where.pop("password", ""))
    binaries = find_binaries()[1]
    process = subprocess.Popen(
        [str(binaries / command[0]), *command[1:], "--dbname", make_conninfo("", **where)],
        env={**os.environ, "PGPASSWORD": password, "LC_ALL": "C"},
        stdin=subprocess.PIPE if pipe == "stdin" else subprocess.DEVNULL,
        stdout=subprocess.PIPE if pipe == "stdout" else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    stream: Any = getattr(process, pipe)
    errors: Any = process.stderr
    try:
        yield stream
    except BrokenPipeError:
        pass  # it ended before having read all: it says why
    except BaseException:
        process.kill()
        raise
    finally:
        with suppress(BrokenPipeError):
            stream.close()
        said = errors.read().decode(errors="replace").strip()
        errors.close()
        process.wait()
    if process.returncode:
        full = "le disque est plein.\n" if "No space left" in said else ""
        raise Refusal(f"{command[0]} a échoué, rien n'a été changé : {full}{said[-1500:]}")


def _manage(manage: Sequence[str], arguments: Sequence[str], environment: Environment) -> None:
    """A management command that must succeed. Raises Refusal with its last words."""
    done = subprocess.run([*manage, *arguments], env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(f"« manage.py {arguments[0]} » a échoué : {(done.stderr or done.stdout).strip()[-1500:]}")
