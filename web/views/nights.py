"""« Travaux de nuit »: when each job of the schedule last ran, how long, on what, what failed and what comes next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from jobs.models import Job
from jobs.nights import nights
from web.access import needs

TITLES = {
    "parcours.plan_exit_calls": _("Prévoir les appels après une sortie"),
    "rights.open_steps": _("Ouvrir les démarches de droits"),
    "contracts.refresh_flags": _("Mettre à jour les alertes"),
    "indicators.compute": _("Calculer les indicateurs"),
    "privacy.retain": _("Faire respecter les durées de conservation"),
    "privacy.sweep": _("Effacer les fichiers que rien ne nomme"),
    "notifications.tell": _("Préparer les messages du matin"),
}
# What the jobs count, by the name they give it.
COUNTED = {
    "planned": _("appels prévus"), "opened": _("ouvertes"), "mended": _("rectifiées"), "withdrawn": _("retirées"),
    "renewals": _("renouvellements à demander"), "lapsed": _("échues"), "renewed": _("renouvelées"), "changed": _("changées"),
    "closed": _("closes"), "jobs": _("travaux demandés"), "announced": _("dossiers annoncés"), "to_erase": _("dossiers à effacer"),
    "erased_again": _("effacés de nouveau"), "consultations_forgotten": _("consultations oubliées"),
    "traces_forgotten": _("autres traces oubliées"), "files": _("fichiers effacés"),
    "bytes": _("octets"), "told": _("faits annoncés"), "messages": _("messages"), "waiting": _("en attente"),
}  # fmt: skip


@needs(Permission.MANAGE_ORGANISATION)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    found = [
        (
            TITLES.get(night.name, night.name),
            night,
            night.last and night.missed_at(now),
            [(COUNTED.get(name, name), n) for name, n in night.counts],
        )
        for night in nights(now)
    ]
    given_up = Job.objects.filter(failed_at__isnull=False).order_by("-failed_at")[:20]
    context = {"nights": found, "missed": any(late for _title, _night, late, _counted in found), "given_up": given_up}
    return render(request, "web/nights.html", context)
