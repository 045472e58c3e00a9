"""The Observatoire of a year: the sixteen reference tables as far as what is released allows, and a PDF of them.

It reads released tables only (releases.reading). What cannot be made is said, with the reason.
"""

from releases.observatoire.report import Absent, facts, printed

__all__ = ["Absent", "facts", "printed"]
