"""What the law says, as data with a date and a source, and as pure functions. No framework, no clock, no database."""

from law.parameters_at import Law, history, law_on

__all__ = ["Law", "history", "law_on"]
