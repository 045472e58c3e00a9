"""People and their pathways."""

from parcours.models.after_exit import ExitCall, ExitCallAttempt
from parcours.models.barrier import Barrier, BarrierState, Diagnosis
from parcours.models.engagement import EngagementContract, PlanReview
from parcours.models.follow_up import Attachment, FollowUp, FollowUpTemplate, PrivateNote
from parcours.models.pass_iae import PassIAE
from parcours.models.pass_life import PassProlongation, PassSuspension
from parcours.models.pathway import Exit, Pathway
from parcours.models.plan import HoursWish, Objective, PlanAction, Strength
from parcours.models.worker import Worker

__all__ = [
    "Attachment",
    "Barrier",
    "BarrierState",
    "Diagnosis",
    "EngagementContract",
    "Exit",
    "ExitCall",
    "ExitCallAttempt",
    "FollowUp",
    "FollowUpTemplate",
    "HoursWish",
    "Objective",
    "PassIAE",
    "PassProlongation",
    "PassSuspension",
    "Pathway",
    "PlanAction",
    "PlanReview",
    "PrivateNote",
    "Strength",
    "Worker",
]
