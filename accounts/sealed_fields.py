"""Columns whose texts are sealed in the database, history included, and read as any other text.

`column` names the column in what is sealed, so that a text put in another column does not open. `when` names a field of the row
that holds themes: the text is sealed when one of them is sensitive, and kept in clear, to be searched, otherwise.

The database compares nothing: `isnull` and `exact ""` are the only lookups. A text given without its row (`update`,
`bulk_update`) is sealed whatever its theme. An unchanged text keeps its ciphertext, so saving a row again changes nothing,
and a text that does not open is put back as it was.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Exact, IsNull
from django.utils.translation import gettext as _

from accounts.sealing import MARK, Damaged, UnknownKey, key_of, opened_text, sealed_text, text_keys
from law.nomenclature import codes

if TYPE_CHECKING:
    Field: TypeAlias = models.Field[str, str]
    CharField: TypeAlias = models.CharField[str, str]
    TextField: TypeAlias = models.TextField[str, str]
else:
    Field, CharField, TextField = models.Field, models.CharField, models.TextField

SENSITIVE = frozenset(codes("theme", sensitive=True))


class Opened(str):
    """A text read from a sealed column, with what the column holds."""

    sealed: str
    column: str
    lost = False


class _Stored(str):
    """What goes to the column as it is."""


def opened(stored: str, column: str) -> str:
    """The text of a column; in the place of one that does not open, words that say so: a page never fails for it."""
    if not stored.startswith(MARK):
        return stored
    try:
        text = Opened(opened_text(stored, column))
    except UnknownKey:
        text = Opened(_("[Ce texte est scellé par une clé qui n'est plus connue.]"))
        text.lost = True
    except Damaged:
        text = Opened(_("[Ce texte scellé est abîmé : il ne s'ouvre plus.]"))
        text.lost = True
    text.sealed, text.column = stored, column
    return text


class Unsealed(models.Func):
    """SQL: the text of a sealed column when it is in clear, nothing otherwise."""

    template = f"CASE WHEN starts_with(%(expressions)s, '{MARK}') THEN '' ELSE %(expressions)s END"
    output_field = models.TextField()


class _Emptiness(Exact):
    def get_prep_lookup(self) -> Any:
        if getattr(self.rhs, "value", self.rhs) != "":
            raise FieldError("A sealed text is compared to nothing but the empty text.")
        return self.rhs


class SealedField(Field):
    """What both kinds share; a mixin."""

    def __init__(self, *args: Any, column: str, when: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.sealed_as, self.sealed_when = column, when

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "column": self.sealed_as, "when": self.sealed_when}

    def db_type(self, connection: Any) -> str:
        return "text"

    def get_lookup(self, lookup: str) -> Any:
        if lookup == "exact":
            return _Emptiness
        if lookup == "isnull":
            return IsNull
        raise FieldError(f"“{self.sealed_as}” is sealed: the database cannot look for “{lookup}” in it.")

    def get_transform(self, name: str) -> Any:
        return self.get_lookup(name)

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        return opened(value, self.sealed_as) if value else value

    def pre_save(self, row: models.Model, add: bool) -> Any:
        value = super().pre_save(row, add)
        themes = getattr(row, self.sealed_when) if self.sealed_when else SENSITIVE
        return self._stored(value, not SENSITIVE.isdisjoint([themes] if isinstance(themes, str) else themes))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is None or hasattr(value, "as_sql"):
            return value
        return str(value if isinstance(value, _Stored) else self._stored(value, True))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """In a question, only whether there is a text: what it says is not told to the database, nor to its logs."""
        return "…" if isinstance(value, str) and value else value

    def _stored(self, value: Any, must: bool) -> Any:
        """What the column is to hold. Who would write what looks sealed has it sealed."""
        if value is None or hasattr(value, "as_sql"):
            return value
        value = self.get_prep_value(value)
        if not value:
            return value
        kept = value if isinstance(value, Opened) and value.column == self.sealed_as else None
        if kept and (kept.lost or (must and key_of(kept.sealed) == text_keys()[0])):
            return _Stored(kept.sealed)
        if must or value.startswith(MARK):
            return _Stored(sealed_text(value, self.sealed_as))
        return _Stored(value)


class SealedTextField(SealedField, TextField):
    pass


class SealedCharField(SealedField, CharField):
    """`max_length` is that of the text; what is sealed is longer."""
