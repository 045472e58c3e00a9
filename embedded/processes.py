"""Starting, watching and stopping child processes that never outlive us."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from embedded.state import Account, Refusal

PR_SET_PDEATHSIG = 1
SERVERS = {"postgres", "valkey-server", "redis-server"}
# Every child carries this variable, with the state folder: what a killed supervisor left is known by it.
MARK = "SUPERVISED_FROM"
LOG_LIMIT = 10_000_000  # bytes; one older log is kept beside
_libc = ctypes.CDLL(None, use_errno=True)


def _child_setup(account: Account | None, death_signal: int, parent: int) -> Callable[[], None]:
    def setup() -> None:
        if account is not None:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, death_signal)  # after setuid, which clears it
            if os.getppid() != parent:
                os._exit(1)

    return setup


def run_as(account: Account | None, command: Sequence[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a short command, as the unprivileged account when given; its output is kept for the error message."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=plain_environment(),
        preexec_fn=_child_setup(account, signal.SIGKILL, os.getpid()),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def plain_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


class Child:
    """One supervised process: its command, its log (None: it writes where we write), how it stops."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        log: Path | None = None,
        account: Account | None = None,
        own_session: bool = True,
        stop_signal: int = signal.SIGTERM,
        death_signal: int = signal.SIGTERM,
        force_signal: int = signal.SIGKILL,
        patience: float = 8,
    ) -> None:
        self.name, self.command, self.log, self.cwd = name, [str(part) for part in command], log, cwd
        self.environment, self.account, self.own_session = dict(environment), account, own_session
        self.stop_signal, self.death_signal, self.force_signal = stop_signal, death_signal, force_signal
        self.patience = patience
        self.process: subprocess.Popen[bytes] | None = None
        self.quick_deaths = 0
        self.started_at = 0.0

    def start(self) -> None:
        """In its own session, the terminal's Ctrl-C reaches only the supervisor."""
        self.started_at = time.monotonic()
        with contextlib.ExitStack() as opened:
            output = None
            if self.log is not None:
                if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
                    self.log.replace(self.log.with_suffix(".log.1"))
                output = opened.enter_context(self.log.open("ab"))
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.environment,
                stdin=subprocess.DEVNULL if self.own_session else None,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=self.own_session,
                preexec_fn=_child_setup(self.account, self.death_signal, os.getpid()),
            )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait(self, seconds: float) -> int | None:
        """Its code, or None when it still runs after so long."""
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
            return self.process.returncode
        return 0

    def ask_to_stop(self) -> None:
        if self.process is not None and self.alive:
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Ask, wait, then insist; nothing of its session remains."""
        self.ask_to_stop()
        if self.wait(self.patience) is None:
            self.force()
            self.wait(5)
        self.end_session()

    def force(self) -> None:
        """End it now."""
        if self.process is not None and self.alive:
            self.process.send_signal(self.force_signal)
        if self.force_signal == signal.SIGKILL:
            self.end_session()

    def end_session(self) -> None:
        """End what the process may have left behind in its own session."""
        if self.process is not None and self.own_session:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self, lines: int = 8) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log else ""
        except OSError:
            return ""


def wait_until(ready: Callable[[], bool], child: Child, seconds: float) -> None:
    """Wait for a condition. Raises Refusal, with the child's last words, when it dies or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not child.alive:
            raise Refusal(f"{child.name} s'est arrêté au démarrage :\n{child.last_words()}")
        if time.monotonic() > deadline:
            raise Refusal(f"{child.name} ne répond pas après {seconds:.0f} s :\n{child.last_words()}")
        time.sleep(0.05)


def strays(chosen: Callable[[Path], bool]) -> list[int]:
    """Processes other than us that `chosen` recognises by their /proc folder (none where there is no /proc)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or belongs to another user
            if int(process.name) != os.getpid() and chosen(process):
                found.append(int(process.name))
    return found


def marked_by(folder: Path) -> Callable[[Path], bool]:
    """Recognises what was started from a state folder."""
    mark = f"{MARK}={folder}".encode()
    return lambda process: mark in (process / "environ").read_bytes().split(b"\0")


def server_in(folder: Path) -> Callable[[Path], bool]:
    """Recognises a database or broker process whose data are in a folder (servers overwrite their environment)."""

    def chosen(process: Path) -> bool:
        program = (process / "exe").readlink().name.removesuffix(" (deleted)")
        return program in SERVERS and (process / "cwd").readlink() == folder

    return chosen


def end_strays(chosen: Callable[[Path], bool], first: int = signal.SIGTERM, patience: float = 15) -> None:
    """Ask every recognised process to end, wait, then kill what stays. Raises Refusal when one cannot be ended."""
    for number, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
        left = strays(chosen)
        signal_all(left, number)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            time.sleep(0.05)
            left = strays(chosen)
        if not left:
            return
    raise Refusal(f"Un processus d'un lancement précédent ne s'arrête pas (numéro {left[0]}) : arrêtez-le d'abord.")


def signal_all(pids: Sequence[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
