"""People and their pathways."""

from parcours.models.follow_up import Attachment, FollowUp, FollowUpTemplate, PrivateNote
from parcours.models.pass_iae import PassIAE
from parcours.models.pass_life import PassProlongation, PassSuspension
from parcours.models.pathway import Exit, Pathway
from parcours.models.worker import Worker

__all__ = [
    "Attachment",
    "Exit",
    "FollowUp",
    "FollowUpTemplate",
    "PassIAE",
    "PassProlongation",
    "PassSuspension",
    "Pathway",
    "PrivateNote",
    "Worker",
]
