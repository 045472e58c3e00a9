"""The page of figures for all, before anything is released; with releases, see tests/federation."""

import pytest

pytestmark = pytest.mark.django_db


def test_without_a_release_the_page_for_all_says_so(client):
    page = client.get("/chiffres/").content.decode()

    assert "Rien de publié pour l’instant" in page
    assert "/fichiers/" not in page
