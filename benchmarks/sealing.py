"""What sealing costs: `python -m benchmarks.sealing [times]`, on an empty base migrated first.

The same person, follow-ups and texts twice: ordinary (in clear) and about health (sealed), asked in turn so that the load of the
machine falls on both. Prints medians and sealed over clear, then the seconds a whole base takes to be sealed again.
"""

import os
import statistics
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.roles import Role  # noqa: E402
from accounts.sealing import opened_text, sealed_text  # noqa: E402
from benchmarks.results import BACKEND, milliseconds, timed  # noqa: E402
from parcours import follow_ups  # noqa: E402
from parcours.models import FollowUp  # noqa: E402
from privacy import resealing  # noqa: E402
from tests.factories import PathwayFactory, user_with  # noqa: E402

TIMES = int(sys.argv[1]) if len(sys.argv) > 1 else 200
HELD = 100  # follow-ups of a person
NOTE = "Point d'étape : le transport est réglé, la formation commence lundi, on se revoit dans deux semaines. " * 4
KINDS = {"clear": ["logement"], "sealed": ["sante"]}


def compared(what: str, times: int, act: Callable[[str], Any]) -> None:
    """Both kinds in turn; the medians in milliseconds and their ratio."""
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _time in range(times):
        for kind in KINDS:
            found[kind].append(milliseconds(lambda kind=kind: act(kind)))  # type: ignore[misc]
    clear, sealed = (statistics.median(found[kind]) for kind in KINDS)
    print(f"| {what} | {clear:.2f} | {sealed:.2f} | {sealed / clear:.2f} |", flush=True)


def main() -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    today = timezone.localdate()
    pathways = {kind: PathwayFactory(started_on=today - timedelta(days=400)) for kind in KINDS}
    users = {kind: user_with(Role.COUNSELLOR, pathway.worker.organisation) for kind, pathway in pathways.items()}
    clients = {kind: Client() for kind in KINDS}
    for kind, user in users.items():
        clients[kind].force_login(user, backend=BACKEND)

    def save(kind: str) -> None:
        follow_ups.record_follow_up(
            by=users[kind], pathway=pathways[kind], kind="telephone", held_on=today, minutes=15, today=today,
            themes=KINDS[kind], note=NOTE, next_step="Rappeler la CAF",
        )  # fmt: skip

    def read(kind: str) -> None:
        assert len(list(FollowUp.objects.visible_to(users[kind])[:HELD])) == HELD

    def page(path: str) -> Callable[[str], None]:
        def asked(kind: str) -> None:
            answer = clients[kind].get(path.format(pathways[kind].worker_id))
            assert answer.status_code == 200, (answer.status_code, answer.headers)

        return asked

    for kind in KINDS:
        for _row in range(HELD):
            save(kind)
    print(f"{HELD} follow-ups a person, texts of {len(NOTE)} letters, {TIMES} times; milliseconds\n")
    print("| | Clear | Sealed | Sealed ÷ clear |\n|---|---|---|---|")
    compared(f"Read {HELD} follow-ups", TIMES, read)
    compared("Person's page", TIMES, page("/salaries/{}/"))
    compared("List of follow-ups", TIMES, page("/suivis/"))
    compared("Save a follow-up", TIMES, save)
    sealed = sealed_text(NOTE, "x")
    sealing = milliseconds(lambda: [sealed_text(NOTE, "x") for _n in range(1000)])  # microseconds each
    opening = milliseconds(lambda: [opened_text(sealed, "x") for _n in range(1000)])
    print(
        f"\nOne text: sealed in {sealing:.1f} µs, opened in {opening:.1f} µs; {len(sealed) / len(NOTE.encode()):.2f} times as long."
    )
    settings.TEXT_SECRETS = ["another", *settings.TEXT_SECRETS]
    seconds, changed = timed(resealing.reseal)
    print(f"Sealed again: {changed} texts in {seconds:.1f} s; asked again, nothing left to do: "
          f"{milliseconds(resealing.reseal):.0f} ms.")  # fmt: skip


if __name__ == "__main__":
    main()
