"""A view names the permission it needs; without a name it is closed."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.access import permissions

if TYPE_CHECKING:
    from rest_framework.views import APIView


class HasRolePermission(BasePermission):
    """`reads_with` and `writes_with` on the view say what is needed, several meaning any of them; absent means nobody."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        needed = getattr(view, "reads_with" if request.method in {"GET", "HEAD", "OPTIONS"} else "writes_with", None)
        any_of = set(needed) if isinstance(needed, tuple) else {needed}
        return bool(any_of & permissions(request.user))
