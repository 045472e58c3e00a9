"""Released figures through the REST door: the same walls, the same figures, and no other table is read."""

import pytest
from rest_framework.test import APIClient

from accounts import tokens
from accounts.roles import Role
from releases import actions, reading
from tests.factories import FederationFactory, OrganisationFactory, user_with
from tests.federation.test_pages import READERS, tables_read
from tests.releases.world import NOW

pytestmark = pytest.mark.django_db
LISTS = ("releases", "tables", "cells")


def client_of(organisation, role):
    giver = user_with(role, organisation)
    _token, secret = tokens.issue(by=giver, organisation=organisation, name="essai", role=role)
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")


@pytest.fixture
def client(world):
    return client_of(world.federation, Role.ANALYST)


def test_figures_are_those_of_the_pages(world, client):
    edition = reading.latest(world.federation.pk)
    cells = reading.cells(reading.table(edition, "SORTIES", ["region"]))

    answer = client.get(
        "/api/v1/cells/", {"release": edition.id, "code": "SORTIES", "margin": "region", "page_size": 200}
    )

    read = {
        (row["coordinates"]["region"], row["category"]): (row["value"], row["marker"])
        for row in answer.json()["results"]
    }
    assert read == {
        (cell.coordinates["region"], cell.category): (None if cell.value is None else f"{cell.value:.4f}", cell.marker)
        for cell in cells
    }


def test_cells_are_filtered_by_place_and_paged_by_a_cursor(world, client):
    edition = reading.latest(world.federation.pk)
    asked = {"release": edition.id, "code": "EFFECTIF", "region": "AZ", "page_size": 5}

    page, seen = client.get("/api/v1/cells/", asked).json(), []
    while True:
        seen += page["results"]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()

    ids = [row["id"] for row in seen]
    assert len(ids) == len(set(ids)) > 5
    assert {row["coordinates"]["region"] for row in seen} == {"AZ"}
    assert client.get("/api/v1/cells/", {"table": "x"}).status_code == 400


def test_tables_of_an_edition_are_found_by_dimension(world, client):
    edition = reading.latest(world.federation.pk)
    rows = client.get("/api/v1/tables/", {"release": edition.id, "dimension": "exits", "page_size": 200}).json()[
        "results"
    ]

    assert {row["code"] for row in rows} == {"SORTIES", "EMPLOYEURS", "DUREE"}


def test_a_withdrawn_release_and_another_federations_do_not_exist(world, client):
    other = client_of(FederationFactory(), Role.ANALYST)
    rows = {name: client.get(f"/api/v1/{name}/").json()["results"] for name in LISTS}
    assert all(rows.values())
    for name in LISTS:
        address = f"/api/v1/{name}/{rows[name][0]['id']}/"
        assert client.get(address).status_code == 200
        assert other.get(address).status_code == 404
        assert other.get(f"/api/v1/{name}/").json()["results"] == []

    for release in (world.release, world.before):
        actions.withdraw(by=world.publisher, release=release, reason="Essai", at=NOW)
    assert [client.get(f"/api/v1/{name}/").json()["results"] for name in LISTS] == [[], [], []]


@pytest.mark.parametrize("name", LISTS)
def test_only_the_federation_reads_them(world, name):
    assert APIClient().get(f"/api/v1/{name}/").status_code == 401
    structure = client_of(OrganisationFactory(federation=world.federation), Role.DIRECTOR)
    assert structure.get(f"/api/v1/{name}/").status_code in {403, 404}


@pytest.mark.parametrize("name", LISTS)
def test_no_address_touches_anything_but_what_is_released(world, client, name):
    assert tables_read(client, f"/api/v1/{name}/") - READERS == set()
    row = client.get(f"/api/v1/{name}/").json()["results"][0]["id"]
    assert tables_read(client, f"/api/v1/{name}/{row}/") - READERS == set()
