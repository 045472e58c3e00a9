"""Work contracts, what was worked under them, what must be decided, and the files they came from."""

from contracts.models.assignment import Assignment, PlannedMonth
from contracts.models.change import Amendment, Derogation, Suspension
from contracts.models.contract import Contract, ContractDraft
from contracts.models.decision import Decision
from contracts.models.file import FaultyLine, ImportedFile
from contracts.models.flag import Flag
from contracts.models.immersion import Immersion
from contracts.models.pay_minimum import PayMinimum
from contracts.models.worked_month import Regularisation, WorkedMonth

__all__ = [
    "Amendment",
    "Assignment",
    "Contract",
    "ContractDraft",
    "Decision",
    "Derogation",
    "FaultyLine",
    "Flag",
    "Immersion",
    "ImportedFile",
    "PayMinimum",
    "PlannedMonth",
    "Regularisation",
    "Suspension",
    "WorkedMonth",
]
