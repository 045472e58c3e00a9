"""The whole API against its own description: what fits it, and what breaks it, never makes the server fail.

Some operations in the suite, three requests each; by hand, all of them and more:
`SCHEMATHESIS=40 ./run test tests/api/test_whole_schema.py -n 0 -s`, which prints how many requests and answers.
"""

import os
import random
from collections import Counter

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from config.wsgi import application
from tests.api.test_api import client_of, life_in
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
EXAMPLES, ALL = int(os.environ.get("SCHEMATHESIS", "3")), "SCHEMATHESIS" in os.environ
SAMPLED = 8  # operations, in the suite


class _Undo(Exception):
    pass


@pytest.fixture
def one_connection():
    """Requests stay in the test's own transaction, as Django's client has them."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "breaks"])
def test_no_request_makes_the_server_fail(mode, one_connection, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("django.conf.settings.MEDIA_ROOT", tmp_path)
    organisation = OrganisationFactory()
    worker = life_in(organisation)
    client = client_of(organisation)
    authorisation = client._credentials.get("HTTP_AUTHORIZATION") or client.defaults["HTTP_AUTHORIZATION"]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.yaml", application)
    operations = [result.ok() for result in schema.get_all_operations()]
    if not ALL:
        operations = random.Random(f"{mode}").sample(operations, SAMPLED)
    answers, failures = Counter(), {}
    for operation in operations:
        ask(operation, mode, authorisation, worker, answers, failures)
    if ALL:
        with capsys.disabled():
            print(f"\n{mode}: {len(operations)} operations, {sum(answers.values())} requests, answers {dict(answers)}")
    assert not failures, "\n".join(f"{name}: {case}" for name, case in failures.items())
    assert sum(answers.values()) >= len(operations)


def ask(operation, mode, authorisation, worker, answers, failures):
    """Requests of one operation, each undone. The rows of the structure are aimed at now and then."""

    @seed(1)
    @settings_of(EXAMPLES)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        if "id" in case.path_parameters and len(repr(case.body)) % 2:
            case.path_parameters["id"] = worker.pk
        try:
            with transaction.atomic():
                answer = case.call(headers={"Authorization": authorisation})
                answers[answer.status_code] += 1
                if answer.status_code >= 500:
                    failures.setdefault(operation.label, f"{answer.status_code} {case.as_curl_command()[:600]}")
                raise _Undo
        except _Undo:
            pass

    try:
        send()
    except schemathesis.errors.SchemathesisError as impossible:  # nothing of this kind can be made for it
        answers[type(impossible).__name__] += 1


def settings_of(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
