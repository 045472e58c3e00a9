from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The command-line door: one thin command per verb."""

    name = "console"
