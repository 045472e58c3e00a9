"""Dated parameters: `law_on(day)["smic.hourly"]` is the value in force that day, with its source.

Each YAML file of `law/parameters/` holds entries {key, label, unit, status, values: [{from, value, source}]}; `status` is
`confirmed` or `to_confirm`, and a value holds until the next one starts. A key whose law and State platform differ exists
twice, as `….law` and `….platform`.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "parameters"
ALWAYS = date(1900, 1, 1)
FIELDS = {"key", "label", "unit", "status", "values"}

ParameterValue = Decimal | int | bool | str


class ParameterError(ValueError):
    """A parameter file is wrong; the message names the file and the key."""


@dataclass(frozen=True)
class DatedValue:
    since: date
    value: ParameterValue
    source: str


@dataclass(frozen=True)
class Parameter:
    key: str
    label: str
    unit: str
    confirmed: bool
    values: tuple[DatedValue, ...]

    def on(self, day: date) -> DatedValue:
        """The value in force on a day. Raises LookupError before the first one."""
        position = bisect_right([value.since for value in self.values], day)
        if position == 0:
            raise LookupError(f"{self.key} : aucune valeur connue au {day:%d/%m/%Y}")
        return self.values[position - 1]


@cache
def parameters() -> dict[str, Parameter]:
    """All parameters by key. Raises ParameterError when a file is wrong."""
    found: dict[str, Parameter] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            parameter = _read(entry, path.name)
            if parameter.key in found:
                raise ParameterError(f"{path.name} : {parameter.key} est défini deux fois")
            found[parameter.key] = parameter
    return found


def _read(entry: dict[str, object], file: str) -> Parameter:
    key = str(entry.get("key", "?"))
    if set(entry) != FIELDS:
        raise ParameterError(f"{file} : {key} a les champs {sorted(entry)}, attendus {sorted(FIELDS)}")
    values = []
    for item in entry["values"]:  # type: ignore[attr-defined]
        since = item.get("from") or ALWAYS
        if not isinstance(since, date) or not item.get("source") or "value" not in item:
            raise ParameterError(f"{file} : {key} a une valeur sans date, montant ou source")
        value = Decimal(str(item["value"])) if isinstance(item["value"], float) else item["value"]
        values.append(DatedValue(since, value, item["source"]))
    if [v.since for v in values] != sorted({v.since for v in values}):
        raise ParameterError(f"{file} : les dates de {key} ne se suivent pas")
    if entry["status"] not in {"confirmed", "to_confirm"}:
        raise ParameterError(f"{file} : {key} a un statut inconnu")
    return Parameter(key, str(entry["label"]), str(entry["unit"]), entry["status"] == "confirmed", tuple(values))


@dataclass(frozen=True)
class Law:
    """The law as it stands on a day."""

    day: date

    def _in_force(self, key: str) -> DatedValue:
        try:
            return parameters()[key].on(self.day)
        except KeyError:
            raise LookupError(f"{key} : paramètre inconnu") from None

    def __getitem__(self, key: str) -> ParameterValue:
        return self._in_force(key).value

    def whole(self, key: str) -> int:
        """A whole number (days, months, years). Raises TypeError for anything else."""
        value = self[key]
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{key} n'est pas un nombre entier")
        return value

    def amount(self, key: str) -> Decimal:
        """A number as an exact decimal (euros, hours, shares)."""
        return Decimal(str(self[key]))

    def source(self, key: str) -> str:
        return self._in_force(key).source

    def fingerprint(self, keys: Iterable[str]) -> str:
        """sha256 of the values in force for these keys: two equal fingerprints mean the same rules."""
        text = "\n".join(f"{key}={self[key]}" for key in sorted(keys))
        return hashlib.sha256(text.encode()).hexdigest()


def law_on(day: date) -> Law:
    """The law in force on a day."""
    return Law(day)


def history(key: str) -> list[tuple[date, ParameterValue]]:
    """All values of a parameter with the day each starts, for joins in SQL. Raises KeyError for an unknown key."""
    return [(value.since, value.value) for value in parameters()[key].values]
