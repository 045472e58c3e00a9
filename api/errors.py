"""Errors of the API, in one shape: {"errors": [{"field", "code", "message"}]}."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from law.parameters_at import NotInForce

JSON = "application/json"


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """A verb's refusal is a 400; what one may not see or do is a 404, as on the pages."""
    if isinstance(error, NotInForce):  # a date of before the law that the verb asks about
        error = ValidationError(_("Aucune règle n'est connue à cette date."))
    if isinstance(error, ValidationError):
        return Response({"errors": _refused(error)}, status=status.HTTP_400_BAD_REQUEST, content_type=JSON)
    if isinstance(error, exceptions.PermissionDenied) and "CSRF" not in str(error.detail):
        error = Http404()
    response = exception_handler(error, context)
    if response is not None:
        response.data = {"errors": list(_flat(response.data))}
        response.content_type = JSON  # whatever the file that was asked for
    return response


def absent(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What an address that does not exist answers: the API in its shape, the site with its page."""
    if not request.path.startswith("/api/"):
        return page_not_found(request, exception)
    said = {"errors": [{"field": "", "code": "not_found", "message": str(exceptions.NotFound.default_detail)}]}
    return JsonResponse(said, status=status.HTTP_404_NOT_FOUND)


def _refused(error: ValidationError) -> list[dict[str, str]]:
    if not hasattr(error, "error_dict"):
        return [{"field": "", "code": e.code or "invalid", "message": e.messages[0]} for e in error.error_list]
    return [
        {"field": "" if field == "__all__" else field, "code": e.code or "invalid", "message": e.messages[0]}
        for field, errors in error.error_dict.items()
        for e in errors
    ]


def _flat(data: Any, field: str = "") -> Any:
    """Every message of a nested answer of the framework, with its field."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _flat(value, field if name in {"detail", "non_field_errors"} else name)
    elif isinstance(data, list):
        for value in data:
            yield from _flat(value, field)
    else:
        yield {"field": str(field), "code": getattr(data, "code", "invalid"), "message": str(data)}
