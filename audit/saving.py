"""Saving with words fit for a user: constraints are checked first, and a race lost in the database says the same."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from law.findings import Finding

M = TypeVar("M", bound=models.Model)


def violated(error: IntegrityError, model: type[models.Model]) -> ValidationError | None:
    """The message of the named constraint that the database refused, or None when it is not one of the model's."""
    diagnostics = getattr(error.__cause__, "diag", None)
    name = getattr(diagnostics, "constraint_name", None)
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return ValidationError(constraint.get_violation_error_message(), code=name)
    return None


@contextmanager
def writing(model: type[models.Model]) -> Iterator[None]:
    """One transaction in which a named constraint of the model, refused by the database, becomes a ValidationError."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        refusal = violated(error, model)
        if refusal is None:
            raise
        raise refusal from error


def not_later(field: str, day: date | None, today: date) -> None:
    """Raise ValidationError for what is noted of a day that has not come."""
    if day is not None and day > today:
        raise ValidationError({field: _("Cette date est dans l'avenir.")})


def together(*checks: Callable[[], object]) -> None:
    """Make every check, and raise one ValidationError for all that they find wrong."""
    errors: dict[str, list[ValidationError]] = {}
    for check in checks:
        try:
            check()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
    if errors:
        raise ValidationError(errors)


def checked(row: models.Model) -> None:
    """Raise ValidationError for what is wrong in a row. A span that must not cross another is compared to the others only once
    the rest is right: PostgreSQL makes no span of an end before its start."""
    constraints = row._meta.constraints
    if not any(isinstance(one, ExclusionConstraint) for one in constraints):
        row.full_clean()
        return
    row.full_clean(validate_constraints=False)
    for alone in (False, True):
        kind = [one for one in constraints if isinstance(one, ExclusionConstraint) is alone]
        together(*(partial(one.validate, type(row), row) for one in kind))


def saved(row: M) -> M:
    """Validate and save a row. Raises ValidationError (field by field where possible); nothing is half-written."""
    checked(row)
    with writing(type(row)):
        row.save()
    return row


def all_saved(rows: Sequence[M]) -> list[M]:
    """Validate and insert rows of one model in one statement, whose references were loaded by the caller.

    Fields are judged here and constraints by the database: one question however many rows. Raises ValidationError.
    """
    for row in rows:
        row.clean_fields(exclude={field.name for field in row._meta.fields if field.is_relation})
    if not rows:
        return []
    with writing(type(rows[0])):
        return type(rows[0])._default_manager.bulk_create(rows)


def refuse_forbidden(findings: Iterable[Finding], fields: Mapping[str, str]) -> None:
    """Raise ValidationError when the law forbids: why, the article, what may be done; on the field of its rule if any."""
    refused: dict[str, list[str]] = {}
    for finding in findings:
        if finding.forbids:
            refused.setdefault(fields.get(finding.code, "__all__"), []).append(finding.told)
    if refused:
        raise ValidationError(refused)
