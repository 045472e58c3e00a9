"""Addresses of the pages, in French: what a user reads in the bar is the product too."""

from django.urls import path

from web.views import (
    attention,
    contracts,
    deadlines,
    federation,
    follow_ups,
    gallery,
    health,
    home,
    imports,
    indicators,
    organisation,
    rights,
    workers,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("sante/", health.health, name="health"),
    path("a-suivre/", attention.people, name="attention"),
    path("salaries/", workers.index, name="workers"),
    path("salaries/nouveau/", workers.create, name="worker-create"),
    path("salaries/<int:worker_id>/", workers.show, name="worker"),
    path("salaries/<int:worker_id>/suivi/", follow_ups.create, name="follow-up-create"),
    path("salaries/<int:worker_id>/contrat/", contracts.create, name="contract-create"),
    path("salaries/<int:worker_id>/sortie/", workers.leave, name="exit-create"),
    path("droits/<int:step_id>/", rights.move, name="right-step"),
    path("echeances/", deadlines.board, name="deadlines"),
    path("echeances/mois/", deadlines.month, name="deadlines-month"),
    path("echeances/ensemble/", deadlines.decide_together, name="decide-together"),
    path("echeances/<int:flag_id>/decision/", deadlines.answer, name="decide"),
    path("contrats/<int:contract_id>/", contracts.show, name="contract"),
    path("contrats/<int:contract_id>/decision/", deadlines.decide, name="contract-decide"),
    path("contrats/<int:contract_id>/<slug:verb>/", contracts.change, name="contract-change"),
    path("indicateurs/", indicators.dashboard, name="indicators"),
    path("indicateurs/<slug:code>/", indicators.sheet, name="indicator"),
    path("imports/", imports.index, name="imports"),
    path("imports/<int:file_id>/", imports.show, name="import"),
    path("imports/<int:file_id>/erreurs.csv", imports.faults, name="import-faults"),
    path("organisation/", organisation.show, name="organisation"),
    path("organisation/jetons/<int:token_id>/revoquer/", organisation.revoke, name="token-revoke"),
    path("federation/", federation.space, name="federation"),
    path("composants/", gallery.components, name="components"),
]
