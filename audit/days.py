"""The days a row may hold, on pages and in the API alike: those of lives."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
IN_LIFE = (
    MinValueValidator(FIRST_DAY, _("Cette date est d'avant 1900 : vérifiez l'année.")),
    MaxValueValidator(LAST_DAY, _("Cette date est d'après 2199 : vérifiez l'année.")),
)
