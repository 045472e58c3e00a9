"""The whole API against its own description: what fits it, and what breaks it, never makes the server fail nor answer what
the description does not say; and chains of requests, each made of what the one before answered.

Some operations in the suite, three requests each; by hand, all of them and more (about an hour for 40):
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
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from tests.api.test_api import client_of, life_in
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
EXAMPLES, ALL = int(os.environ.get("SCHEMATHESIS", "3")), "SCHEMATHESIS" in os.environ
SAMPLED = 8  # operations, in the suite
CHAINED, STEPS = 40, 8  # chains, and requests in one; in the suite, of one part of the API
KEPT_TO = [status_code_conformance, content_type_conformance, response_schema_conformance]


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


class Trial:
    """A structure with one person, the description, and what was answered so far."""

    def __init__(self) -> None:
        organisation = OrganisationFactory()
        worker = life_in(organisation)
        client = client_of(organisation)
        self.authorisation = client._credentials.get("HTTP_AUTHORIZATION") or client.defaults["HTTP_AUTHORIZATION"]
        self.schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.yaml", application)
        self.worker, contract, pathway = worker, worker.contracts.first(), worker.pathways.first()
        self.rows = {
            "worker": worker.pk, "organisation": organisation.pk, "pathway": pathway.pk, "contract": contract.pk,
            "follow_up": pathway.follow_ups.first().pk, "pass_iae": worker.passes.first().pk,
            "training": worker.trainings.first().pk, "flag": worker.flags.first().pk,
        }  # fmt: skip
        self.answers, self.failures = Counter(), {}

    def aim(self, case):
        """Now and then a request is about rows that exist: a body made at random names none."""
        if "id" in case.path_parameters and len(repr(case.body)) % 2:
            case.path_parameters["id"] = self.worker.pk
        if isinstance(case.body, dict):
            for name in case.body.keys() & self.rows.keys():
                if len(repr(case.body)) % 4:
                    case.body[name] = self.rows[name]

    def judge(self, case, answer):
        self.answers[answer.status_code] += 1
        if answer.status_code >= 500:
            self.fail(case, f"{answer.status_code}")
            return
        try:
            case.validate_response(answer, checks=KEPT_TO)
        except BaseException as said:
            self.fail(
                case, "; ".join(f"{type(one).__name__}: {one}"[:400] for one in getattr(said, "exceptions", [said]))
            )

    def fail(self, case, why):
        self.failures.setdefault(f"{case.operation.label} {why[:60]}", f"{why} {case.as_curl_command()[:600]}")

    def end(self, capsys, what, least):
        if ALL:
            with capsys.disabled():
                print(
                    f"\n{what}: {sum(self.answers.values())} requests, answers {dict(sorted(self.answers.items(), key=str))}"
                )
        assert not self.failures, "\n".join(f"{name}: {case}" for name, case in self.failures.items())
        assert sum(self.answers.values()) >= least


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "breaks"])
def test_no_request_makes_the_server_fail(mode, one_connection, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("django.conf.settings.MEDIA_ROOT", tmp_path)
    trial = Trial()
    operations = [result.ok() for result in trial.schema.get_all_operations()]
    if not ALL:
        operations = random.Random(f"{mode}").sample(operations, SAMPLED)
    for operation in operations:
        ask(operation, mode, trial)
    trial.end(capsys, f"{mode}, {len(operations)} operations", len(operations))


def ask(operation, mode, trial):
    """Requests of one operation, each undone."""

    @seed(1)
    @settings_of(EXAMPLES)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        trial.aim(case)
        try:
            with transaction.atomic():
                trial.judge(case, case.call(headers={"Authorization": trial.authorisation}))
                raise _Undo
        except _Undo:
            pass

    try:
        send()
    except schemathesis.errors.SchemathesisError as impossible:  # nothing of this kind can be made for it
        trial.answers[type(impossible).__name__] += 1


def test_no_chain_of_requests_makes_the_server_fail(one_connection, monkeypatch, capsys, tmp_path):
    """Written, read, changed, deleted: each chain follows the links of the description, and is undone."""
    monkeypatch.setattr("django.conf.settings.MEDIA_ROOT", tmp_path)
    trial = Trial()
    schema = trial.schema if ALL else trial.schema.include(path_regex="/(follow-up-templates|data-requests|consents)/")

    class Chains(schema.as_state_machine()):
        def setup(self):
            self.undo = transaction.atomic()
            self.undo.__enter__()

        def teardown(self):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

        def before_call(self, case):
            if isinstance(case.body, dict):
                case.body |= {name: trial.rows[name] for name in case.body.keys() & trial.rows.keys()}

        def get_call_kwargs(self, case):
            return {"headers": {"Authorization": trial.authorisation}}

        def validate_response(self, response, case, **_said):
            trial.judge(case, response)

    links = sum(len(one.outgoing) for one in Chains._transitions.operations.values())
    chains = CHAINED * EXAMPLES if ALL else CHAINED // 10
    Chains.run(settings=settings(settings_of(chains), stateful_step_count=STEPS))
    trial.end(capsys, f"chains, {chains} of at most {STEPS} requests, {links} links", chains)


def settings_of(examples):
    return settings(
        max_examples=examples,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
