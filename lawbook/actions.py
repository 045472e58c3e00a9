"""Adding a dated value of the law without code: checked against its parameter, kept with who and why, weighed by a job."""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import saved
from jobs.actions import enqueue
from law.parameters_at import ParameterValue, family, parameters, written
from lawbook import overlay
from lawbook.models import AddedValue, Edition

WEIGH = "lawbook.weigh"
WHOLE_UNITS = {"mois", "ans", "jours", "semaines", "conventions", "renouvellements"}


def parse(key: str, text: str) -> ParameterValue:
    """A typed value in the nature of its parameter: a number (« 12,31 »), oui or non, or a text.

    Raises ValidationError: an unknown parameter, another nature, a negative number, a share above 1, a part of a month.
    """
    if key not in written():
        raise ValidationError({"key": _("Ce paramètre n'existe pas.")})
    parameter, text = written()[key], text.strip()
    if not text:
        raise ValidationError({"value": _("Une valeur est nécessaire.")})
    nature = family(parameter.values[-1].value)
    if nature is bool:
        if text.lower() not in {"oui", "non"}:
            raise ValidationError({"value": _("Ce paramètre se dit par « oui » ou « non ».")})
        return text.lower() == "oui"
    if nature is str:
        return text
    try:
        number = Decimal(text.replace(",", ".").replace(" ", "").replace("\u202f", "").replace("\xa0", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    unit = {"unit": parameter.unit}
    if not number.is_finite() or number < 0:
        raise ValidationError({"value": _("Un nombre positif est attendu, en %(unit)s : par exemple 12,31.") % unit})
    if parameter.unit == "part" and number > 1:
        raise ValidationError({"value": _("Une part va de 0 à 1 : 20 % s'écrit 0,2.")})
    if number == number.to_integral_value():
        return int(number)
    if parameter.unit in WHOLE_UNITS or isinstance(parameter.values[-1].value, int):
        raise ValidationError({"value": _("Un nombre entier est attendu, en %(unit)s.") % unit})
    return number


@transaction.atomic
def add_value(
    *, by: User, key: str, since: date, value: str, source: str, reason: str, confirmed: bool, at: datetime
) -> AddedValue:
    """Add a value from a day on; a job then weighs what it changes. Raises ValidationError, field by field."""
    parse(key, value)
    parameter = parameters()[key]
    if parameter.until is not None and since > parameter.until + timedelta(days=1):
        raise ValidationError(
            {
                "since": _("Ce paramètre a cessé le %(day)s : une valeur qui le prolonge commence le lendemain.")
                % {"day": f"{parameter.until:%d/%m/%Y}"}
            }
        )
    row = saved(
        AddedValue(
            key=key, since=since, value=value.strip(), source=source.strip(), reason=reason.strip(),
            confirmed=confirmed, added_by=by, added_at=at,
        )
    )  # fmt: skip
    _changed(row, at)
    return row


@transaction.atomic
def withdraw_value(*, by: User, value: AddedValue, reason: str, at: datetime) -> AddedValue:
    """Take back a value added by mistake; what it had changed is weighed again. Raises ValidationError without a reason."""
    value = AddedValue.objects.select_for_update().get(pk=value.pk)
    if value.withdrawn_at is not None:
        raise ValidationError(_("Cette valeur est déjà retirée."))
    if not reason.strip():
        raise ValidationError({"reason": _("Dites pourquoi cette valeur est retirée.")})
    value.withdrawn_at, value.withdrawal_reason, value.weighed_at = at, reason.strip(), None
    saved(value)
    _changed(value, at)
    return value


def _changed(value: AddedValue, at: datetime) -> None:
    """Every process sees the new edition at its next request or job; the contracts concerned are looked at again."""
    Edition.objects.update_or_create(pk=1, defaults={"mark": uuid4()})
    overlay.begin()
    what = "withdrawn" if value.withdrawn_at else "added"
    enqueue(
        WEIGH,
        key=f"{WEIGH}:{value.pk}:{what}",
        arguments={"value_id": value.pk, "day": timezone.localtime(at).date().isoformat()},
    )
