"""What each job name means: a function taking the job's arguments and returning what it did, as JSON-able counts."""

from collections.abc import Callable
from typing import Any

Handler = Callable[..., dict[str, Any]]
_handlers: dict[str, Handler] = {}
_before: list[Callable[[], None]] = []


def before_each(function: Callable[[], None]) -> None:
    """Have a function called before each job: what a process keeps in memory is made fresh there."""
    if function not in _before:
        _before.append(function)


def run_before_each() -> None:
    for function in _before:
        function()


def job(name: str) -> Callable[[Handler], Handler]:
    """Register a function as the work behind a job name. It runs inside the transaction that marks the job done."""

    def register(function: Handler) -> Handler:
        if _handlers.setdefault(name, function) is not function:
            raise ValueError(f"two functions are registered for the job {name}")
        return function

    return register


def handler(name: str) -> Handler:
    """The function behind a name. Raises KeyError for an unknown one."""
    return _handlers[name]


def names() -> list[str]:
    return sorted(_handlers)
