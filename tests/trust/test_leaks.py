"""What the matrix does not see: ids in a body, names in a filter, fields that nobody offered."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from accounts.models import ApiToken
from accounts.roles import Role
from api.urls import router
from tests.trust.world import client_of as signed_in
from tests.trust.world import row_of

pytestmark = pytest.mark.django_db
FAR = 9_000_000_000


@pytest.fixture
def _django_db_helper(world):
    """The transaction of the world is that of each test here."""


def client_of(user) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.force_login(user)
    return client


def creating(world) -> Iterator[tuple[str, Any]]:
    """Every resource one may create, with its serializer as a director and counsellor of alpha would meet it."""
    for address, viewset, _name in router.registry:
        if not hasattr(viewset, "create"):
            continue
        request = APIRequestFactory().post("/")
        force_authenticate(request, world.alpha.users[Role.DIRECTOR])
        view = viewset(action="create", format_kwarg=None, kwargs={}, action_map={"post": "create"})
        view.request = view.initialize_request(request)
        yield address, view.get_serializer()


def references(serializer) -> Iterator[tuple[str, type, bool]]:
    """(field, model, many) of every reference a body may hold."""
    for name, field in serializer.fields.items():
        many = isinstance(field, serializers.ManyRelatedField)
        inner = field.child_relation if many else field
        if isinstance(inner, serializers.PrimaryKeyRelatedField) and not field.read_only:
            yield name, inner.get_queryset().model, many


def test_the_number_of_a_neighbours_row_in_a_body_is_an_unknown_number(world):
    accepted, tried = [], 0
    for address, serializer in creating(world):
        how = "multipart" if address in {"imports", "attachments", "contributions"} else "json"
        for name, model, many in references(serializer):
            theirs = row_of(world.bravo, model)
            if theirs is None:
                continue  # shared reference data: communes, skills of the national framework
            for role in (Role.COUNSELLOR, Role.HR, Role.DIRECTOR):
                tried += 1
                client, answers = client_of(world.alpha.users[role]), []
                for number in (theirs.pk, FAR):
                    answer = client.post(f"/api/v1/{address}/", {name: [number] if many else number}, format=how)
                    said = [error for error in answer.json()["errors"] if error["field"] == name]
                    answers.append((answer.status_code, [error["code"] for error in said]))
                theirs_answer, nobodys = answers
                if theirs_answer != nobodys or theirs_answer[0] not in {400, 404}:
                    accepted.append((address, name, role.value, answers))
    assert accepted == []
    assert tried > 100


def test_a_body_may_not_hold_a_field_nobody_offered(world):
    taken = []
    for address, serializer in creating(world):
        offered = {name for name, field in serializer.fields.items() if not field.read_only}
        hidden = {f.name for f in serializer.Meta.model._meta.concrete_fields} - offered
        if not hasattr(serializer, "Meta") or address in {"imports", "attachments", "papers", "contributions"}:
            continue  # these take a file or a kind, never a row's fields
        for name in sorted(hidden):
            answer = client_of(world.alpha.users[Role.DIRECTOR]).post(f"/api/v1/{address}/", {name: 1}, format="json")
            refused = answer.status_code == 400 and name in {error["field"] for error in answer.json()["errors"]}
            if not refused:
                taken.append((address, name, answer.status_code))
    assert taken == []


def test_a_filter_does_not_tell_which_numbers_exist(world):
    told, tried = [], 0
    for address, viewset, _name in router.registry:
        view = viewset(action="list", format_kwarg=None, kwargs={}, action_map={"get": "list"})
        view.request = view.initialize_request(APIRequestFactory().get("/"))
        view.request.user = world.alpha.users[Role.DIRECTOR]
        try:
            view.check_permissions(view.request)
        except PermissionDenied:
            continue  # the federation's: the matrix says so
        rows = view.get_queryset()
        filters = view.filter_backends[0]().get_filterset_class(view, rows)
        for name, one in (filters.base_filters if filters else {}).items():
            field = rows.model._meta.get_field(one.field_name) if hasattr(rows.model, one.field_name) else None
            if field is None or not field.is_relation:
                continue
            theirs = row_of(world.bravo, field.related_model)
            if theirs is None and field.related_model is not type(world.bravo.counsellor):
                continue
            number, tried = (theirs or world.bravo.counsellor).pk, tried + 1
            client = client_of(world.alpha.users[Role.DIRECTOR])
            one, none = (client.get(f"/api/v1/{address}/", {name: n}) for n in (number, FAR))
            if (one.status_code, one.json()) != (none.status_code, none.json()):
                told.append((address, name, one.json(), none.json()))
    assert told == []
    assert tried > 40


def test_a_program_receives_no_right_its_giver_does_not_hold(world):
    """An administrator reads no personal file: she may not make a token that reads them."""
    before = ApiToken.objects.count()
    mine = world.alpha.organisation.pk
    given = {}
    for role in (Role.ADMINISTRATOR, Role.DIRECTOR):
        for asked in (Role.COUNSELLOR, Role.HR, Role.ADMINISTRATOR):
            body = {"organisation": mine, "name": "n", "role": asked.value}
            user = world.alpha.users[role]
            api = client_of(user).post("/api/v1/tokens/", body, format="json").status_code == 201
            page = "prc_" in signed_in(user).post("/organisation/", body).content.decode().split("Jetons", 1)[0]
            given[role, asked] = (api, page)
    assert {pair for pair, made in given.items() if made != (False, False)} == {
        (Role.ADMINISTRATOR, Role.ADMINISTRATOR), (Role.DIRECTOR, Role.HR),
    }  # fmt: skip
    assert ApiToken.objects.count() == before + 4
