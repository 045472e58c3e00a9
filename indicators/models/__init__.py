"""What is measured, what a structure aims at, and the experiments it tries."""

from indicators.models.experiment import Experiment, Participant
from indicators.models.target import Target
from indicators.models.value import Value

__all__ = ["Experiment", "Participant", "Target", "Value"]
