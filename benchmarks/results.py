"""What benchmarks measured, kept as JSON beside them, for docs/performance.md (benchmarks.document)."""

import json
import os
import platform
import re
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"  # who benchmarks sign in by
FOLDER = Path(__file__).with_name("results")
# What frames a transaction, with or without the words that history puts before a statement.
FRAME = re.compile(r"(SELECT set_config\('pghistory.*?, true\); )?(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)", re.DOTALL)


def asks(sql: str) -> bool:
    """Whether a statement is a query, as tests and docs/performance.md count them."""
    return FRAME.match(sql) is None


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """How many seconds it took, and what came of it."""
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def milliseconds(work: Callable[[], object]) -> float:
    return timed(work)[0] * 1000


def peak() -> int:
    """The most memory this process held, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def keep(name: str, **figures: Any) -> None:
    """Keep the figures of a run with its day, its machine and the most memory this process held, in MB."""
    known = {
        "on": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} processors, {platform.machine()}",
        "load": round(os.getloadavg()[0], 1),
        "memory": peak(),
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps({**known, **figures}, indent=1, ensure_ascii=False) + "\n")


def kept(name: str) -> dict[str, Any] | None:
    """The last run, or None when it was never run."""
    path = FOLDER / f"{name}.json"
    found: dict[str, Any] | None = json.loads(path.read_text()) if path.exists() else None
    return found
