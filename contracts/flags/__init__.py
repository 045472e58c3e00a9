"""Flags: what must be decided before a day. `refresh` finds them for everyone at once, `board` tells people about them."""

from contracts.flags.board import URGENCY, Asked, Description, calendar, describe, open_flags
from contracts.flags.refresh import FlagReport, refresh

__all__ = ["URGENCY", "Asked", "Description", "FlagReport", "calendar", "describe", "open_flags", "refresh"]
