"""Saving with words fit for a user: constraints are checked first, and a race lost in the database says the same."""

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

M = TypeVar("M", bound=models.Model)


def violated(error: IntegrityError, model: type[models.Model]) -> ValidationError | None:
    """The message of the named constraint that the database refused, or None when it is not one of the model's."""
    diagnostics = getattr(error.__cause__, "diag", None)
    name = getattr(diagnostics, "constraint_name", None)
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return ValidationError(constraint.get_violation_error_message(), code=name)
    return None


def saved(row: M) -> M:
    """Validate and save a row. Raises ValidationError (field by field where possible); nothing is half-written."""
    row.full_clean()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        refusal = violated(error, type(row))
        if refusal is None:
            raise
        raise refusal from error
    return row
