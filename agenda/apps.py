from django.apps import AppConfig


class AgendaConfig(AppConfig):
    """Who needs someone today, and why: gathered from pathways, contracts and rights."""

    name = "agenda"
