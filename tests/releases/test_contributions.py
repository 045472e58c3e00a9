"""Members with their own installation: a signed file, judged line by line, received once, merged into the same release."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts import tokens
from accounts.roles import Role
from releases import actions, contributions, tasks
from releases.models import Contribution, SnapshotRow
from tests.factories import FederationFactory, OrganisationFactory, WorkerFactory, user_with
from tests.releases.test_facts import life
from tests.releases.world import YEAR

pytestmark = pytest.mark.django_db
SIRET = "13000548100010"
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


@pytest.fixture
def federation():
    return FederationFactory()


@pytest.fixture
def member(federation):
    found = OrganisationFactory(federation=federation, siret=SIRET)
    contributions.register(organisation=found, public_key=contributions.public_half(KEY), at=datetime.now(UTC))
    return found


def made(member, sequence=1):
    return contributions.make(member=member, period=YEAR, sequence=sequence, known_at=datetime.now(UTC), key=KEY)


def signed(lines, key=KEY):
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    return body + json.dumps({"signature": base64.b64encode(key.sign(body)).decode()}).encode() + b"\n"


def header(**fields):
    return {"format": "parcours-contribution/1", "member": SIRET, "period": "2025", "catalogue": "2026-1", "sequence": 1,
            "structures": [SIRET], **fields}  # fmt: skip


def person(record="00000000000000ab", **fields):
    return {
        "structure": SIRET,
        "record": record,
        "sex": "F",
        "age": "26-49",
        "level": "2",
        "values": {"exit": "durable"},
        **fields,
    }


def received(member, content):
    return contributions.receive(organisation=member, content=content, at=datetime.now(UTC))


def refused(member, content):
    with pytest.raises(ValidationError) as told:
        received(member, content)
    assert not Contribution.objects.exists()
    return told.value.messages


def test_a_file_made_at_home_names_nobody_and_is_received(member):
    worker, _pathway = life(member)

    content = made(member)
    found = received(member, content)

    assert (found.count, found.structures, found.sequence) == (1, [member.pk], 1)
    for told in (worker.last_name, worker.first_name, "1985", str(worker.birth_date)):
        assert told not in content.decode()
    assert json.loads(content.splitlines()[1])["values"]["present"] == "oui"


def test_the_same_file_and_an_old_number_are_refused(member):
    life(member)
    content = made(member, sequence=3)
    received(member, content)

    with pytest.raises(ValidationError, match="le n° 3 a déjà été reçu pour 2025"):
        received(member, content)
    with pytest.raises(ValidationError, match="Envoyer le n° 4"):
        received(member, made(member, sequence=2))
    assert received(member, made(member, sequence=4)).sequence == 4


def test_a_changed_byte_another_key_or_a_key_taken_back_are_refused(member):
    content = signed([header(), person()])

    assert refused(member, content.replace(b"durable", b"durablE")) == refused(
        member, signed([header(), person()], Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    )
    member.contributor_keys.update(revoked_at=datetime.now(UTC))
    assert "aucune clé enregistrée" in refused(member, content)[0]
    assert "dernière ligne" in refused(member, b'{"a": 1}\n')[0]


def test_each_fault_says_its_line_its_field_and_how_to_mend_it(member):
    faults = refused(
        member,
        signed(
            [
                header(),
                person(sex="X"),
                person(record="zz"),
                person("0" * 16, structure="1"),
                person("0" * 16),
                person("1" * 16, values={"exit": "parti", "religion": "?", "hours": "beaucoup"}),
                {"record": "2" * 16},
            ]
        ),
    )

    assert faults == [
        "Ligne 2, « sex » : « X » n'est pas parmi ?, F, M.",
        "Ligne 3, « record » : 16 chiffres hexadécimaux attendus : la clé masquée de la personne.",
        "Ligne 4, « structure » : ce SIRET n'est pas dans l'en-tête.",
        "Ligne 5, « record » : cette personne figure déjà dans le fichier.",
        "Ligne 6, « values.exit » : « parti » n'est pas parmi durable, other, positive, transition.",
        "Ligne 6, « values.religion » : cette donnée n'est pas au catalogue : la retirer.",
        "Ligne 6, « values.hours » : un nombre attendu.",
        "Ligne 7 : une personne doit porter exactement structure, record, sex, age, level, values.",
    ]


def test_a_wrong_header_says_all_that_is_wrong(member):
    faults = refused(
        member, signed([header(member="1", period="2099", catalogue="1", sequence=0, structures=["2"]), person()])
    )

    assert [fault.split(" : ")[0] for fault in faults] == [
        "Ligne 1, « member »", "Ligne 1, « catalogue »", "Ligne 1, « sequence »", "Ligne 1, « period »", "Ligne 1, « structures »",
    ]  # fmt: skip
    assert "exactement" in refused(member, signed([{"period": "2025"}, person()]))[0]


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"period": 2025}, "Ligne 1, « period » : un texte attendu"),
        ({"period": ["2025"]}, "Ligne 1, « period » : un texte attendu"),
        ({"period": "0000"}, "Ligne 1, « period » : « 0000 » n'est pas une période"),
        ({"period": "9999"}, "Ligne 1, « period » : « 9999 » n'est pas une période"),
        ({"period": "٢٠٢٥"}, "Ligne 1, « period » : « ٢٠٢٥ » n'est pas une période"),
        ({"structures": [[SIRET]]}, "Ligne 1, « structures » : une liste de SIRET attendue"),
        ({"structures": [{SIRET: 1}]}, "Ligne 1, « structures » : une liste de SIRET attendue"),
        ({"structures": [int(SIRET)]}, "Ligne 1, « structures » : une liste de SIRET attendue"),
        ({"structures": {SIRET: 1}}, "Ligne 1, « structures » : la liste des SIRET des structures est vide"),
        ({"structures": ["\ud800"]}, "Ligne 1, « structures » : ? n'est pas une structure de cet adhérent."),
        ({"sequence": 2**40}, "Ligne 1, « sequence » : un numéro d'envoi est un entier, de 1 à 2147483647."),
        ({"sequence": True}, "Ligne 1, « sequence »"),
        ({"sequence": 1.0}, "Ligne 1, « sequence »"),
        ({"member": {}, "catalogue": []}, "Ligne 1, « member »"),
    ],
)
def test_a_malformed_header_is_told_and_not_stumbled_on(member, changed, said):
    assert refused(member, signed([header(**changed), person()]))[0].startswith(said)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"structure": [SIRET]}, "Ligne 2, « structure » : ce SIRET n'est pas dans l'en-tête."),
        ({"structure": {}}, "Ligne 2, « structure » : ce SIRET n'est pas dans l'en-tête."),
        ({"structure": None}, "Ligne 2, « structure » : ce SIRET n'est pas dans l'en-tête."),
        ({"record": ["0" * 16]}, "Ligne 2, « record » : 16 chiffres hexadécimaux"),
        ({"sex": ["F"]}, "Ligne 2, « sex » : « ['F'] » n'est pas parmi ?, F, M."),
        ({"age": "x" * 100_000}, f"Ligne 2, « age » : « {'x' * 60}… » n'est pas parmi"),
        ({"values": []}, "Ligne 2, « values » : un objet attendu."),
        ({"values": {"exit": {}}}, "Ligne 2, « values.exit » : « {} » n'est pas parmi"),
        ({"values": {"exit": "\ud800"}}, "Ligne 2, « values.exit » : « ? » n'est pas parmi"),
        ({"values": {"\ud800": 1}}, "Ligne 2, « values.? » : cette donnée n'est pas au catalogue"),
        ({"values": {"hours": float("nan")}}, "Ligne 2 : une personne doit porter exactement"),
        ({"values": {"hours": float("inf")}}, "Ligne 2 : une personne doit porter exactement"),
        ({"values": {"hours": 10**400}}, "Ligne 2, « values.hours » : un nombre attendu."),
        ({"values": {"hours": True}}, "Ligne 2, « values.hours » : un nombre attendu."),
    ],
)
def test_a_malformed_person_is_told_and_not_stumbled_on(member, changed, said):
    (fault,) = refused(member, signed([header(), person(**changed)]))

    assert fault.startswith(said)
    assert fault.encode()


def signed_bytes(*lines):
    body = b"".join(line + b"\n" for line in lines)
    return body + json.dumps({"signature": base64.b64encode(KEY.sign(body)).decode()}).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "La dernière ligne doit être la signature"),
        (b"\n\n\n", "La dernière ligne doit être la signature"),
        (b"{}\n[1]\n", "La dernière ligne doit être la signature"),
        (b'{}\n{"signature": [1]}\n', "La dernière ligne doit être la signature"),
        (b'{}\n{"signature": "\xff"}\n', "La dernière ligne doit être la signature"),
        (b"{}\n" + DEEP.encode() + b"\n", "La dernière ligne doit être la signature"),
        (signed_bytes(DEEP.encode()), "Ligne 1 : l'en-tête doit porter exactement"),
        (signed_bytes(b"\xff\xfe\x00"), "Ligne 1 : l'en-tête doit porter exactement"),
        (signed_bytes(json.dumps(header()).encode(), DEEP.encode()), "Ligne 2 : une personne doit porter exactement"),
        (signed_bytes(json.dumps(header()).encode(), b"1" * 5000), "Ligne 2 : une personne doit porter exactement"),
        (signed_bytes(json.dumps(header()).encode(),
                      json.dumps(person()).encode().replace(b'{"exit": "durable"}', b'{"hours": 1e999}')),
         "Ligne 2, « values.hours » : un nombre attendu."),
    ],
)  # fmt: skip
def test_bytes_that_are_no_file_are_told_and_not_stumbled_on(member, content, said):
    assert refused(member, content)[0].startswith(said)


def test_the_door_answers_a_malformed_file_with_its_faults(member):
    from django.core.files.uploadedfile import SimpleUploadedFile

    _token, secret = tokens.issue(
        by=user_with(Role.DIRECTOR, member), organisation=member, name="essai", role=Role.DIRECTOR
    )
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}", raise_request_exception=False)
    for content in (
        signed([header(period=2025), person()]),
        signed([header(structures=["\ud800"]), person()]),
        signed([header(), person(values={"\ud800": "\ud800"})]),
        signed_bytes(DEEP.encode()),
    ):
        file = SimpleUploadedFile("2025.txt", content)
        answer = client.post("/api/v1/contributions/", {"organisation": member.pk, "file": file}, format="multipart")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "file")


def test_people_of_a_contribution_that_says_nothing_of_these_structures_are_not_read(
    federation, member, django_assert_num_queries
):
    from releases.contributed import rows_of

    received(member, signed([header(), person()]))
    release = actions.prepare(
        by=user_with(Role.ANALYST, federation), federation=federation, period=YEAR, known_at=datetime.now(UTC)
    )

    with django_assert_num_queries(1) as asked:
        assert rows_of(release, [member.pk + 1]) == (set(), [])
    assert '"people"' not in asked.captured_queries[0]["sql"]
    with django_assert_num_queries(2):
        assert len(rows_of(release, [member.pk])[1]) == 1


def test_what_was_contributed_is_merged_once_in_place_of_what_is_known_here(federation, member):
    life(member)  # also known here: the contribution wins, so nobody counts twice
    life(OrganisationFactory(federation=federation))
    received(member, signed([header(), person(), person("0" * 16)]))
    received(member, signed([header(sequence=2), person(), person("1" * 16), person("2" * 16)]))

    release = tasks.run(
        actions.prepare(
            by=user_with(Role.ANALYST, federation), federation=federation, period=YEAR, known_at=datetime.now(UTC)
        )
    )

    rows = SnapshotRow.objects.filter(release=release)
    assert (rows.filter(structure=member.pk).count(), rows.exclude(structure=member.pk).count()) == (3, 1)
    assert not rows.filter(record__in=[0, 0xAB, int("1" * 16, 16)]).exists()  # blinded again


def test_a_director_sends_it_through_the_api_and_nobody_for_another(member):
    _token, secret = tokens.issue(
        by=user_with(Role.DIRECTOR, member), organisation=member, name="essai", role=Role.DIRECTOR
    )
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    from django.core.files.uploadedfile import SimpleUploadedFile

    def send(content, organisation=member):
        file = SimpleUploadedFile("2025.txt", content)
        return client.post(
            "/api/v1/contributions/", {"organisation": organisation.pk, "file": file}, format="multipart"
        )

    done = send(signed([header(), person()]))
    again = send(signed([header(), person()]))
    other = send(signed([header(), person()]), OrganisationFactory())

    assert (done.status_code, done.json()["count"], "people" in done.json()) == (201, 1, False)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "file")
    assert other.status_code == 404
    assert [row["sequence"] for row in client.get("/api/v1/contributions/").json()["results"]] == [1]


def test_the_command_makes_a_key_a_file_and_receives_it(federation, tmp_path, capsys):
    member = OrganisationFactory(federation=federation, siret=SIRET)
    WorkerFactory(organisation=member)
    life(member)
    key, file = tmp_path / "cle.pem", tmp_path / "2025.txt"

    call_command("contribution", "key", str(key))
    public = capsys.readouterr().out.split(": ")[1].strip()
    call_command("contribution", "register", public, organisation=SIRET)
    call_command("contribution", "make", "2025", key=key, output=file, organisation=SIRET)
    call_command("contribution", "receive", str(file), organisation=SIRET)

    assert Contribution.objects.get().count == 1
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="déjà été reçu"):
        call_command("contribution", "receive", str(file), organisation=SIRET)
    call_command("contribution", "revoke", public)
    with pytest.raises(CommandError, match="aucune clé"):
        call_command("contribution", "receive", str(file), organisation=SIRET)
