"""Starting, watching and stopping child processes that never outlive us."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from embedded.state import Account, Refusal

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _child_setup(account: Account | None, death_signal: int, parent: int) -> Callable[[], None]:
    def setup() -> None:
        if account is not None:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
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
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def plain_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


class Child:
    """One supervised process: its command, its log, how it stops."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        cwd: Path,
        environment: Mapping[str, str],
        account: Account | None = None,
        stop_signal: int = signal.SIGTERM,
        death_signal: int = signal.SIGTERM,
        patience: float = 8,
    ) -> None:
        self.name, self.command, self.log, self.cwd = name, [str(part) for part in command], log, cwd
        self.environment, self.account = dict(environment), account
        self.stop_signal, self.death_signal, self.patience = stop_signal, death_signal, patience
        self.process: subprocess.Popen[bytes] | None = None
        self.quick_deaths = 0
        self.started_at = 0.0

    def start(self) -> None:
        """Start it in its own session, so the terminal's Ctrl-C reaches only the supervisor."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_child_setup(self.account, self.death_signal, os.getpid()),
            )
        self.started_at = time.monotonic()

    def start_in_terminal(self) -> None:
        """Start it writing where we write, in its own session."""
        self.process = subprocess.Popen(
            self.command,
            cwd=self.cwd,
            env=self.environment,
            start_new_session=True,
            preexec_fn=_child_setup(self.account, self.death_signal, os.getpid()),
        )

    def wait(self) -> int:
        return self.process.wait() if self.process is not None else 0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask, wait, then kill the whole session."""
        if self.process is None:
            return
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.kill()
        self.kill_session()

    def kill(self) -> None:
        self.kill_session()
        if self.process is not None:
            self.process.wait(5)

    def kill_session(self) -> None:
        """End what the process may have left behind in its own session."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self, lines: int = 8) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
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
