"""How the API describes itself, and the viewer of that description.

The viewer's scripts are ours; its settings are written in the page, hence its own, local, content policy.
"""

from typing import Any

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.permissions import IsAuthenticated

INLINE = ["'self'", "'unsafe-inline'"]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Jeton d'une organisation."}


@method_decorator(csp_update({"script-src": INLINE, "style-src": INLINE}), name="dispatch")
class Viewer(SpectacularSwaggerView):
    permission_classes: Any = [IsAuthenticated]
