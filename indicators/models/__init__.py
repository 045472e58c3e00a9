"""What is measured, and what a structure aims at."""

from indicators.models.target import Target
from indicators.models.value import Value

__all__ = ["Target", "Value"]
