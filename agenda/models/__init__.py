"""What is planned, what is put off, and who reads an agenda from outside."""

from agenda.models.appointment import Appointment
from agenda.models.feed import FeedToken
from agenda.models.snooze import Snooze

__all__ = ["Appointment", "FeedToken", "Snooze"]
