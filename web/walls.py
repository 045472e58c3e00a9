"""Each request goes to the database behind the wall of what its user reaches (`accounts.walls`)."""

from collections.abc import Callable, Iterable, Iterator

from django.http import FileResponse, HttpRequest, HttpResponseBase

from accounts import walls

WITHOUT = {"health", "ready", "metrics"}  # they read nobody's row, and must answer when the database does not


class WallMiddleware:
    """Up before the view, once the user is known; down once the answer is made, or has been sent when it is streamed.

    A program is known later, by its token: `api.authentication` puts the wall up again, as high as that token reaches.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        kept = False
        try:
            response = self.get_response(request)
            if walled(request) and response.streaming and not isinstance(response, FileResponse):  # a file is on disk
                response.streaming_content = UntilSent(response.streaming_content)  # type: ignore[attr-defined]
                kept = True
            return response
        finally:
            if walled(request) and not kept:
                walls.take_down()

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        if request.resolver_match and request.resolver_match.url_name not in WITHOUT:
            request.walled = True  # type: ignore[attr-defined]
            walls.put_up(request.user)


def walled(request: HttpRequest) -> bool:
    return getattr(request, "walled", False)


class UntilSent:
    """What is being sent, with the wall up until it is sent or given up: Django calls `close` either way."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    def close(self) -> None:
        walls.take_down()
