"""Releases: what is prepared and judged, the secure zone (snapshot, ledger), and what the federation may read."""

from releases.models.contribution import Contribution, ContributorKey
from releases.models.ledger import LedgerCell, SnapshotRow
from releases.models.release import ENDED_UNPUBLISHED, PUBLISHED_STATES, TRANSITIONS, Audit, Release
from releases.models.released import Issue, ReleasedCell, ReleasedTable, Withdrawal

__all__ = [
    "ENDED_UNPUBLISHED",
    "PUBLISHED_STATES",
    "TRANSITIONS",
    "Audit",
    "Contribution",
    "ContributorKey",
    "Issue",
    "LedgerCell",
    "Release",
    "ReleasedCell",
    "ReleasedTable",
    "SnapshotRow",
    "Withdrawal",
]
