"""Dated parameters: `law_on(day)["smic.hourly"]` is the value in force that day, with its source.

Each YAML file of `law/parameters/` holds one theme: a list of parameters

    key, label, unit       what it is; label and unit in French
    status                 `confirmed`, or `to_confirm` when nobody of ours has read the text
    origin                 who says so: `law` (when absent), `platform` (the State's site), `house` (our own rule)
    until                  last day it was in force, for a rule that is over
    note                   what a reader must know
    values                 [{from, value, source, note}]: a value holds until the next one starts; `from: null` is « always »

Values added since, without code, come from whoever `added_by` names; they are layered over those of the files.

A key whose law and State platform differ exists twice, as `….law` and `….platform`.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "parameters"
ALWAYS = date(1900, 1, 1)
REQUIRED = {"key", "label", "unit", "status", "values"}
OPTIONAL = {"origin", "until", "note"}
VALUE_REQUIRED = {"from", "value", "source"}
STATUSES = ("confirmed", "to_confirm")
ORIGINS = ("law", "platform", "house")
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+")


class NotInForce(LookupError):
    """A known parameter has no value on the day: the rule does not exist yet, or no longer."""


ParameterValue = Decimal | int | bool | str


class ParameterError(ValueError):
    """A parameter file is wrong; the message names the file and the key."""


@dataclass(frozen=True)
class DatedValue:
    since: date
    value: ParameterValue
    source: str
    note: str = ""
    confirmed: bool | None = None  # None: as its parameter is


@dataclass(frozen=True)
class Parameter:
    key: str
    label: str
    unit: str
    confirmed: bool
    values: tuple[DatedValue, ...]
    origin: str = "law"
    until: date | None = None
    note: str = ""
    theme: str = ""

    def on(self, day: date) -> DatedValue:
        """The value in force on a day. Raises NotInForce before the first one and after the last day in force."""
        if self.until and day > self.until:
            raise NotInForce(f"{self.key} : n'est plus en vigueur au {day:%d/%m/%Y} (jusqu'au {self.until:%d/%m/%Y})")
        position = bisect_right([value.since for value in self.values], day)
        if position == 0:
            raise NotInForce(f"{self.key} : aucune valeur connue au {day:%d/%m/%Y}")
        return self.values[position - 1]


Added = Mapping[str, tuple[DatedValue, ...]]
_added: Callable[[], Added] = dict
_layered: tuple[Added, dict[str, Parameter]] = ({}, {})


def added_by(source: Callable[[], Added]) -> None:
    """Layer values over those of the files from now on. `source` is asked at each reading: it gives the same object until
    the values change, and is quick."""
    global _added
    _added = source


@cache
def written() -> dict[str, Parameter]:
    """The parameters of the files, by key. Raises ParameterError when a file is wrong."""
    return read_folder(FOLDER)


def parameters() -> dict[str, Parameter]:
    """All parameters by key, the values added since among theirs. Raises ParameterError when a file is wrong."""
    global _layered
    added = _added()
    if not added:
        return written()
    known, merged = _layered
    if known is not added:
        merged = {key: layered(parameter, added.get(key, ())) for key, parameter in written().items()}
        _layered = added, merged
    return merged


def layered(parameter: Parameter, added: Iterable[DatedValue]) -> Parameter:
    """A parameter with more values: one of the same day takes the place of the former, one after its last day in force
    revives it."""
    by_day = {value.since: value for value in (*parameter.values, *added)}
    values = tuple(by_day[since] for since in sorted(by_day))
    over = parameter.until is not None and values[-1].since > parameter.until
    return replace(parameter, values=values, until=None if over else parameter.until)


def read_folder(folder: Path) -> dict[str, Parameter]:
    """The parameters of every YAML file of a folder. Raises ParameterError, naming the file and the key."""
    found: dict[str, Parameter] = {}
    for path in sorted(folder.glob("*.yaml")):
        for parameter in read_theme(path.read_text(encoding="utf-8"), path.name):
            if parameter.key in found:
                raise ParameterError(f"{path.name} : {parameter.key} est défini deux fois")
            found[parameter.key] = parameter
    return found


def read_theme(text: str, file: str) -> list[Parameter]:
    """The parameters of one file. Raises ParameterError when anything in it is not as the module says."""
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ParameterError(f"{file} : ce n'est pas du YAML lisible ({error})") from None
    if not isinstance(entries, list):
        raise ParameterError(f"{file} : une liste de paramètres est attendue")
    return [_read(entry, file) for entry in entries]


def _read(entry: object, file: str) -> Parameter:
    if not isinstance(entry, dict):
        raise ParameterError(f"{file} : un paramètre est attendu, pas « {entry} »")
    key = entry.get("key", "?")
    where = f"{file} : {key}"
    _fields(entry, REQUIRED, OPTIONAL, where)
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise ParameterError(f"{where} n'est pas une clé (attendu : theme.nom)")
    for name in ("label", "unit"):
        _text(entry[name], f"{where}, {name}")
    if entry["status"] not in STATUSES:
        raise ParameterError(f"{where} a un statut inconnu « {entry['status']} », attendu {' ou '.join(STATUSES)}")
    origin = entry.get("origin", "law")
    if origin not in ORIGINS:
        raise ParameterError(f"{where} a une origine inconnue « {origin} », attendue {', '.join(ORIGINS)}")
    until = entry.get("until")
    if until is not None and not _is_day(until):
        raise ParameterError(f"{where} : « {until} » n'est pas une date (until)")
    values = _values(entry["values"], where)
    if until is not None and until < values[-1].since:
        raise ParameterError(f"{where} finit le {until:%d/%m/%Y}, avant sa dernière valeur")
    return Parameter(
        key=key,
        label=entry["label"],
        unit=entry["unit"],
        confirmed=entry["status"] == "confirmed",
        values=values,
        origin=origin,
        until=until,
        note=_text(entry.get("note", " "), f"{where}, note", empty=True),
        theme=file.removesuffix(".yaml"),
    )


def _values(items: object, where: str) -> tuple[DatedValue, ...]:
    if not isinstance(items, list) or not items:
        raise ParameterError(f"{where} n'a aucune valeur")
    values: list[DatedValue] = []
    for item in items:
        if not isinstance(item, dict):
            raise ParameterError(f"{where} : « {item} » n'est pas une valeur datée")
        _fields(item, VALUE_REQUIRED, {"note"}, f"{where}, valeur")
        since = ALWAYS if item["from"] is None else item["from"]
        if not _is_day(since):
            raise ParameterError(f"{where} : « {since} » n'est pas une date (from)")
        value = Decimal(str(item["value"])) if isinstance(item["value"], float) else item["value"]
        if not isinstance(value, Decimal | int | str) or value == "":
            raise ParameterError(
                f"{where} : la valeur au {since:%d/%m/%Y} n'est ni un nombre, ni oui ou non, ni un texte"
            )
        source = _text(item["source"], f"{where}, source au {since:%d/%m/%Y}")
        values.append(DatedValue(since, value, source, _text(item.get("note", " "), f"{where}, note", empty=True)))
    for before, after in pairwise(values):
        if before.since == after.since:
            raise ParameterError(f"{where} a deux valeurs au {after.since:%d/%m/%Y}")
        if before.since > after.since:
            raise ParameterError(f"{where} : la valeur au {after.since:%d/%m/%Y} vient après une plus récente")
    if len({family(value.value) for value in values}) > 1:
        raise ParameterError(f"{where} mêle des valeurs de natures différentes")
    return tuple(values)


def _fields(entry: dict[object, object], required: set[str], optional: set[str], where: str) -> None:
    absent = sorted(required - set(entry))
    unknown = sorted(str(name) for name in set(entry) - required - optional)
    if absent:
        raise ParameterError(f"{where} : il manque {', '.join(absent)}")
    if unknown:
        raise ParameterError(f"{where} : champs inconnus {', '.join(unknown)}")


def _text(value: object, where: str, empty: bool = False) -> str:
    if not isinstance(value, str) or not (value.strip() or empty):
        raise ParameterError(f"{where} : un texte est attendu")
    return value.strip()


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def family(value: ParameterValue) -> type:
    """Numbers are one family: 9.19 then 9 euros is one series, « 9 » or true among them is a slip."""
    return Decimal if isinstance(value, Decimal | int) and not isinstance(value, bool) else type(value)


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

    def since(self, key: str) -> date:
        """The day the value in force starts; `ALWAYS` when the text gives none."""
        return self._in_force(key).since

    def confirmed(self, key: str) -> bool:
        """Whether the text was read, and the parameter in force: what is not confirmed forbids nothing."""
        if not self.knows(key):
            return False
        own = self._in_force(key).confirmed
        return parameters()[key].confirmed if own is None else own

    def knows(self, key: str) -> bool:
        """Whether the parameter has a value on this day."""
        try:
            self._in_force(key)
        except LookupError:
            return False
        return True

    def fingerprint(self, keys: Iterable[str] | None = None) -> str:
        """sha256 of the values in force for these keys (all those in force when None): equal means the same rules.

        Labels, sources and dates are no part of it: a better source changes no figure.
        """
        used = filter(self.knows, parameters()) if keys is None else keys
        text = "\n".join(f"{key}={self[key]}" for key in sorted(used))
        return hashlib.sha256(text.encode()).hexdigest()


def law_on(day: date) -> Law:
    """The law in force on a day."""
    return Law(day)


def history(key: str) -> list[tuple[date, ParameterValue]]:
    """All values of a parameter with the day each starts, for joins in SQL. Raises KeyError for an unknown key."""
    return [(value.since, value.value) for value in parameters()[key].values]
