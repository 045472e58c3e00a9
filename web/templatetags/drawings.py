"""`{% draw … %}`: a drawing of `web.drawings` as an SVG."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def draw(drawing: Any) -> SafeString | str:
    """The SVG of a drawing, from the template named after it; nothing when there is nothing to draw."""
    return (
        "" if drawing is None else render_to_string(f"drawings/{type(drawing).__name__.lower()}.html", {"d": drawing})
    )
