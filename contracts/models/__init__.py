"""Work contracts, what was worked under them, what must be decided, and the files they came from."""

from contracts.models.contract import Amendment, Assignment, Contract, Suspension
from contracts.models.decision import Decision
from contracts.models.file import FaultyLine, ImportedFile
from contracts.models.flag import Flag
from contracts.models.worked_month import WorkedMonth

__all__ = [
    "Amendment",
    "Assignment",
    "Contract",
    "Decision",
    "FaultyLine",
    "Flag",
    "ImportedFile",
    "Suspension",
    "WorkedMonth",
]
