"""What a value of the law changes: the alerts of everyone with and without it, on one day, and the rights it concerns."""
# ruff: noqa: S608 - the only variable part of these statements is the name of a table of ours

from collections import Counter
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from audit.history import event_table
from contracts import flags
from contracts.flags.refresh import LOCK
from contracts.models import Flag
from law.parameters_at import written
from lawbook import overlay
from lawbook.models import AddedValue, Consequence
from rights import night

RIGHTS = {"clocks", "rights", "cdi_inclusion"}  # the themes the night of rights reads


@transaction.atomic
def weigh(value: AddedValue, day: date) -> dict[str, Any]:
    """Refresh the flags of everyone as if the value were not there, then with it: the difference is what it changed.

    Each difference is kept (Consequence), with counts by rule in `changes`. Set-based, whatever the number of contracts.
    """
    events = event_table(Flag)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if value.withdrawn_at is None:
        with overlay.without(value.pk):
            flags.refresh(day)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(max(pgh_id), 0) FROM {events}")
        mark = cursor.fetchone()[0]
    report = flags.refresh(day)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO lawbook_consequence (value_id, flag_id, what) "
            "SELECT %(value)s, pgh_obj_id, CASE WHEN pgh_label = 'insert' THEN 'opened' "
            f"WHEN closed_on IS NOT NULL THEN 'closed' ELSE 'changed' END FROM {events} WHERE pgh_id > %(mark)s",
            {"value": value.pk, "mark": mark},
        )
    changes = {what: dict(sum_by_rule(getattr(report, what)).most_common()) for what in ("opened", "changed", "closed")}
    parameter = written().get(value.key)  # None: it has left the files since
    if parameter is not None and parameter.theme in RIGHTS:
        changes["rights"] = night.refresh(day)
    value.changes, value.weighed_at = changes, timezone.now()
    value.save(update_fields=["changes", "weighed_at"])
    return changes


def sum_by_rule(counts: Counter[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (code, _severity), count in counts.items():
        found[code] += count
    return found


def consequences_of(value: AddedValue) -> Any:
    """The alerts a value changed, ready to be shown; the caller keeps those a reader may see."""
    return Consequence.objects.filter(value=value).select_related("flag__worker", "flag__organisation")
