"""Facts about health and justice are seen by who recorded them and by those who hold `Permission.SEE_SENSITIVE`: this is
the one place that says so for whole rows (for what is written in a follow-up, see `follow_up`)."""

from typing import TypeVar

from django.db.models import Model, Q

from accounts.access import Principal, ScopedQuerySet, organisations
from accounts.models import User
from accounts.roles import Permission
from law.nomenclature import codes

M = TypeVar("M", bound=Model)
SENSITIVE_THEMES = codes("theme", sensitive=True)


class ThemedQuerySet(ScopedQuerySet[M]):
    """Rows about a theme. The model names the lookup of its theme in `theme_path`; no theme is not sensitive."""

    def visible_to(self, principal: Principal, permission: Permission | None = None) -> "ThemedQuerySet[M]":
        """As everywhere, less the sensitive themes where the principal may not see them."""
        theme, path = self.model.theme_path, self.model.organisation_path  # type: ignore[attr-defined]
        allowed = ~Q(**{f"{theme}__in": SENSITIVE_THEMES})
        allowed |= Q(**{f"{path}__in": organisations(principal, Permission.SEE_SENSITIVE)})
        if isinstance(principal, User):
            allowed |= Q(recorded_by=principal)
        return super().visible_to(principal, permission).filter(allowed)
