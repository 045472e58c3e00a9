"""People and their pathways."""

from parcours.models.follow_up import FollowUp
from parcours.models.pass_iae import PassIAE
from parcours.models.pathway import Exit, Pathway
from parcours.models.worker import Worker

__all__ = ["Exit", "FollowUp", "PassIAE", "Pathway", "Worker"]
