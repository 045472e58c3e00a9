"""How the API describes itself, and the viewer of that description, whose page holds no script and no style of its own."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Jeton d'une organisation."}


# What any address may answer besides what it is for, in the shape of `api.errors`.
REFUSALS = {
    "400": ("Refused", "Refusé : chaque faute, avec son champ."),
    "401": ("Stranger", "Ni jeton ni session valables."),
    "404": ("Absent", "N'existe pas, ou pas pour ce lecteur."),
    "415": ("Unread", "Le corps n'est pas d'un type que cette adresse lit."),
}
ERRORS = {
    "type": "object",
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        }
    },
}


def told_whole(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Adds to the description what each address refuses, and where a row just written leads (OpenAPI links)."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Errors"}}}
    result["components"]["schemas"]["Errors"] = ERRORS
    result["components"]["responses"] = {
        name: {"description": words, "content": content} for name, words in REFUSALS.values()
    }
    paths: dict[str, dict[str, Any]] = result["paths"]
    for address, methods in paths.items():
        for method, said in methods.items():
            for status, (name, _words) in REFUSALS.items():
                if status == "415" and "requestBody" not in said:
                    continue
                said["responses"].setdefault(status, {"$ref": f"#/components/responses/{name}"})
            if method == "post" and (made := said["responses"].get("201")):
                row = {"parameters": {"id": "$response.body#/id"}}
                there = [one for name in paths if name.startswith(f"{address}{{id}}/") for one in paths[name].values()]
                if there:
                    made["links"] = {one["operationId"]: {"operationId": one["operationId"], **row} for one in there}
    return result


class Viewer(SpectacularSwaggerSplitView):
    template_name = "api/viewer.html"
    permission_classes: Any = [IsAuthenticated]
