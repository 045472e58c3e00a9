"""What every page knows: what the user may do."""

from typing import Any

from django.http import HttpRequest

from accounts.access import permissions


def navigation(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {"may": permissions(user) if user is not None else frozenset()}
