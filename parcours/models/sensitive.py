"""What is written about health and justice, or tells of everything at once, is read by who wrote it and by those who hold
`Permission.SEE_SENSITIVE`: this is the one place that says so.

Some rows are hidden whole (`ThemedQuerySet`). Of others everyone knows that they are, and some read what they say
(`WordedQuerySet`), in columns named `shown_…`: doors, exports and copies read those, never the columns themselves.
"""

from typing import Any, Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, F, Model, Q, Value, When

from accounts.access import Principal, ScopedQuerySet, reached
from accounts.models import User
from accounts.roles import Permission
from law.nomenclature import codes

M = TypeVar("M", bound=Model)
SENSITIVE_THEMES = codes("theme", sensitive=True)
ALWAYS = Q(pk__isnull=False)


def entrusted(model: type[Model], principal: Principal, written_by: str) -> Q:
    """The rows a principal reads whatever they speak of: those of the structures that trust her with it, and her own."""
    path: str = model.organisation_path  # type: ignore[attr-defined]
    rows = Q(**{f"{path}__in": reached(principal, Permission.SEE_SENSITIVE)})
    return rows | Q(**{written_by: principal}) if isinstance(principal, User) else rows


class ThemedQuerySet(ScopedQuerySet[M]):
    """Rows about a theme. The model names the lookup of its theme in `theme_path`; no theme is not sensitive."""

    def visible_to(self, principal: Principal, permission: Permission | None = None) -> "ThemedQuerySet[M]":
        """As everywhere, less the sensitive themes where the principal may not see them."""
        theme: str = self.model.theme_path  # type: ignore[attr-defined]
        allowed = ~Q(**{f"{theme}__in": SENSITIVE_THEMES}) | entrusted(self.model, principal, "recorded_by")
        return super().visible_to(principal, permission).filter(allowed)


class WordedQuerySet(ScopedQuerySet[M]):
    """Rows whose words are not for everybody. The model names these columns in `words_of_trust`, in `reserved_when` the rows
    where they are reserved, in `written_by` who wrote them."""

    def visible_to(self, principal: Principal, permission: Permission | None = None) -> Self:
        """As everywhere, each row with `readable` and, for each column of words, `shown_…`: empty when it is reserved."""
        model: Any = self.model
        readable = ~model.reserved_when | entrusted(model, principal, model.written_by)
        return (
            super()
            .visible_to(principal, permission)
            .annotate(readable=Case(When(readable, then=Value(True)), default=Value(False)))
            .annotate(**{f"shown_{name}": _shown(model, name) for name in model.words_of_trust})
        )


def _shown(model: type[Model], name: str) -> Case:
    column: Any = model._meta.get_field(name)
    nothing: Any = [] if isinstance(column, ArrayField) else ""
    return Case(When(readable=True, then=F(name)), default=Value(nothing), output_field=column.clone())
