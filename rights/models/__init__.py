"""Rights: what a person may claim, and the circumstances of her life that say so."""

from rights.models.circumstance import Circumstance
from rights.models.step import RightStep

__all__ = ["Circumstance", "RightStep"]
