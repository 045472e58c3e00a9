"""Building blocks of pages, in one place."""

from django import template

register = template.Library()
