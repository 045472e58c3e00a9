"""A page names the permission it needs; without it the page does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.access import organisations
from accounts.access import permissions as permissions_of
from accounts.models import Organisation, User
from accounts.roles import Permission

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Given], HttpResponseBase]


def held(request: HttpRequest) -> frozenset[Permission]:
    """All the permissions the reader holds somewhere, asked once a request."""
    found: frozenset[Permission] | None = getattr(request, "_held", None)
    if found is None:
        found = request._held = permissions_of(request.user)  # type: ignore[attr-defined]
    return found


def needs(*permissions: Permission) -> Callable[[View[Given]], View[Given]]:
    """404 for whoever holds none of these permissions anywhere (LoginRequiredMiddleware has sent strangers to sign in)."""

    def guard(view: View[Given]) -> View[Given]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
            if held(request).isdisjoint(permissions):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded  # type: ignore[return-value]

    return guard


def of_the_team(view: View[Given]) -> View[Given]:
    """404 for whoever is not of the platform's team."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        if not me(request).is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


def me(request: HttpRequest) -> User:
    """The signed-in user."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def chosen_structure(request: HttpRequest, permission: Permission) -> tuple[Organisation, list[Organisation]]:
    """The structure a page speaks of (`?structure=`, else the first) and those one may choose from. 404 when none."""
    mine: list[Organisation] = list(organisations(request.user, permission).structures())
    asked: Any = request.GET.get("structure")
    for structure in mine:
        if asked in {None, "", str(structure.pk)}:
            return structure, mine
    raise Http404
