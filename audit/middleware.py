"""Attaches who and why to every change made during a request: user, URL and the reason a form may have given."""

from collections.abc import Callable

import pghistory
from django.http import HttpRequest, HttpResponse


class HistoryContextMiddleware:
    """Writes carry `{"user": id, "url": path}`; reads open no context and cost nothing.

    A program is known later, by its token: `api.authentication` then says who gave it, and which it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return self.get_response(request)
        user = request.user.pk if request.user.is_authenticated else None
        with pghistory.context(user=user, url=request.path):
            return self.get_response(request)
