"""Labels and templates never stigmatise; forms suggest other words, and never block."""

from pathlib import Path

import pytest
from django.conf import settings

from accounts.roles import Role
from console.management.commands.messages import texts
from law.nomenclature import nomenclatures
from parcours.wording import suggestions
from tests.factories import OrganisationFactory, PathwayFactory, user_with

ROOT = Path(settings.BASE_DIR)


def test_no_text_of_the_interface_uses_a_listed_term():
    said = [
        (place, found.said)
        for place, _line, message in texts()
        for text in ([message] if isinstance(message, str) else message)
        for found in suggestions(text)
    ]
    assert said == []


def test_no_label_of_a_nomenclature_uses_a_listed_term():
    said = [
        (name, found.said)
        for name, entries in nomenclatures().items()
        for entry in entries
        for found in suggestions(f"{entry['label']} {entry.get('definition', '')}")
    ]
    assert said == []


def test_no_template_uses_a_listed_term():
    said = [
        (path.name, found.said)
        for folder in ("web", "documents", "notifications")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".html", ".typ", ".txt"} and "static" not in path.parts
        for found in suggestions(path.read_text(encoding="utf-8"))
    ]
    assert said == []


def test_the_lint_can_fail():
    assert [found.said for found in suggestions("Absence injustifiée")] == ["injustifiée"]


@pytest.mark.django_db
def test_a_listed_term_is_saved_as_it_was_written_and_the_page_suggests_another(client):
    pathway = PathwayFactory(worker__organisation=OrganisationFactory())
    client.force_login(user_with(Role.COUNSELLOR, pathway.worker.organisation))
    hint = client.post("/mots/", {"words": "Je suis SDF"}).content.decode()
    assert "« SDF » peut blesser. On peut dire aussi : sans logement." in hint
    form = {"words": "Je suis SDF", "own_words": "true", "set_on": "2024-02-01", "theme": "logement"}
    assert client.post(f"/salaries/{pathway.worker_id}/plan/objectif/", form).status_code == 302
    assert pathway.objectives.get().words == "Je suis SDF"
