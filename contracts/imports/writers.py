"""What each kind of file writes: people, who follows them, PASS IAE, contracts, worked months."""

from collections import defaultdict
from datetime import date, timedelta

from django.db.models import F, Min

from accounts.models import Membership, Organisation
from contracts.imports.formats import Fault
from contracts.imports.staging import SCATTER, Among, loaded
from contracts.imports.values import plain
from contracts.imports.writing import NO_END, People, Refused, Values, Writer, person_key
from contracts.models import Assignment, Contract, PayMinimum, WorkedMonth
from contracts.models.contract import EXCLUSIVE_KINDS
from parcours.models import PassIAE, Pathway, Worker


class WorkersWriter(Writer):
    def __init__(self, organisation: Organisation, today: date) -> None:
        super().__init__(organisation, today)
        self.counsellors = counsellors_of(organisation, today)

    def load(self, lines: list[Values]) -> None:
        self.people = People(self.organisation, lines, "reference", "emplois_id", columns=())
        known = [worker.pk for worker in self.people.all()] if any("started_on" in values for values in lines) else []
        theirs = Pathway.objects.filter(Among(F("worker_id"), known))
        self.with_pathway = set(theirs.values_list("worker_id", flat=True))

    def line(self, number: int, values: Values) -> None:
        started_on = values.pop("started_on", None)
        emails = values.pop("counsellors", "")
        born = values.get("birth_date")
        if born and born > self.today:
            raise Refused("Date de naissance", "Date de naissance à venir", "Vérifiez l'année.", f"{born:%d/%m/%Y}")
        if not any(values.get(name) for name in ("reference", "emplois_id", "birth_date")):
            raise Refused(
                "Matricule",
                "Ni matricule ni date de naissance",
                "Sans l'un des deux, la personne serait créée de nouveau à chaque import.",
            )
        worker = self._known(values)
        if counsellor := next((self.counsellors[e] for e in split_emails(emails) if e in self.counsellors), None):
            values["counsellor_id"] = counsellor
        if worker is None:
            worker = self.add(number, Worker, organisation_id=self.organisation.pk, **values)
            self.once(worker.pk, number)
        else:
            self.once(worker.pk, number)
            self.merge(number, worker, values)
        self.people.add(worker)
        if started_on and worker.pk not in self.with_pathway:
            self.add(number, Pathway, worker_id=worker.pk, started_on=started_on)

    def _known(self, values: Values) -> Worker | None:
        """The person already there, or None. Raises Refused when the same person has another identifier."""
        reference, emplois_id = values.get("reference"), values.get("emplois_id")
        if reference and reference in self.people.by_reference:
            return self.people.by_reference[reference]
        if emplois_id and emplois_id in self.people.by_emplois:
            return self.people.by_emplois[emplois_id]
        for other in self.people.same_person(values):
            if reference and other.reference:
                raise Refused(
                    "Matricule",
                    f"Même nom et même date de naissance que la personne {other.reference}",
                    "Si c'est la même personne, gardez un seul identifiant ; sinon corrigez la date de naissance.",
                    reference,
                )
            if emplois_id and other.emplois_id:
                continue
            return other
        return None


class CounsellorsWriter(Writer):
    """Carnet de bord's réorientation: who follows a person."""

    def __init__(self, organisation: Organisation, today: date) -> None:
        super().__init__(organisation, today)
        self.counsellors = counsellors_of(organisation, today)

    def load(self, lines: list[Values]) -> None:
        self.people = People(self.organisation, lines, columns=())

    def line(self, number: int, values: Values) -> None:
        worker = self.people.find(values)
        if values.get("structures"):
            raise Refused(
                "Structures à rattacher",
                "Un rattachement à une autre structure ne s'importe pas",
                "Cette structure accueille la personne elle-même.",
                values["structures"],
            )
        for email in split_emails(values.get("added", "")):
            if email not in self.counsellors:
                raise Refused(
                    "Accompagnateurs à ajouter",
                    "Aucun compte de la structure n'a cette adresse",
                    "La personne qui administre la structure peut ouvrir ce compte.",
                    email,
                )
            self.merge(number, worker, {"counsellor_id": self.counsellors[email]})
        for email in split_emails(values.get("removed", "")):
            if worker.counsellor and worker.counsellor.email == email and not values.get("added"):
                self.merge(number, worker, {"counsellor_id": None})


class PassesWriter(Writer):
    def load(self, lines: list[Values]) -> None:
        self.people = People(self.organisation, lines)
        self.known: dict[int, list[PassIAE]] = defaultdict(list)
        for one in loaded(PassIAE.objects.filter(Among(F("worker_id"), self.people.workers))):
            self.known[one.worker_id].append(one)

    def line(self, number: int, values: Values) -> None:
        worker = self.people.find(values)
        values.pop("worker_emplois_id", None)
        start, end = values["started_on"], values["ended_on"]
        if end < start:
            raise Refused(
                "end_at", "La fin du PASS IAE précède son début", "Vérifiez les deux dates.", f"{end:%d/%m/%Y}"
            )
        mine = self.known[worker.pk]
        same = next((p for p in mine if p.number == values["number"]), None)
        self.once((worker.pk, values["number"]), number)
        for other in mine:
            if other is not same and other.started_on <= end and other.ended_on >= start:
                raise Refused(
                    "start_at",
                    f"La personne a déjà le PASS IAE {other} à ces dates",
                    "Un seul à la fois.",
                    f"{start:%d/%m/%Y}",
                    later=True,
                )
        if same:
            self.merge(number, same, values)
            return
        mine.append(self.add(number, PassIAE, worker_id=worker.pk, **values))


class ContractsWriter(Writer):
    def __init__(self, organisation: Organisation, today: date) -> None:
        super().__init__(organisation, today)
        self.hired: set[int] = set()

    def load(self, lines: list[Values]) -> None:
        self.people = People(self.organisation, lines)
        self.known: dict[int, list[Contract]] = defaultdict(list)
        for one in loaded(Contract.objects.filter(Among(F("worker_id"), self.people.workers))):
            self.known[one.worker_id].append(one)

    def finish(self) -> tuple[int, list[Fault]]:
        """Those who have contracts and no pathway are given one, from the first contract on."""
        done = super().finish()
        theirs = Pathway.objects.filter(Among(F("worker_id"), self.hired))
        without = self.hired.difference(theirs.values_list("worker_id", flat=True))
        contracts = Contract.objects.filter(Among(F("worker_id"), without)).order_by(F("worker_id") % SCATTER)
        first = contracts.values_list("worker_id").annotate(Min("started_on"))
        if begun := self.staging(Pathway).insert_from(first, "worker_id", "started_on"):
            self.tallies[Pathway].created += begun
        return done

    def line(self, number: int, values: Values) -> None:
        worker = self.people.find(values)
        company = values.pop("company", None)
        if company and self.organisation.emplois_id and company != self.organisation.emplois_id:
            raise Refused(
                "company", "Contrat d'une autre entreprise", "Importez-le dans la structure qui l'a signé.", company
            )
        for name in IDENTITY:
            values.pop(name, None)
        renews = values.pop("renews", None)
        mine = self.known[worker.id]
        same = self._same(mine, values)
        self.once((worker.id, values.get("reference") or (values["started_on"], values.get("kind"))), number)
        if renews:
            values["renews_id"] = self._renewed(mine, renews, same, values["started_on"]).pk
        self._check(same, mine, {**_current(same), **values})
        if same:
            self.merge(number, same, values)
            return
        mine.append(self.add(number, Contract, worker_id=worker.id, **values))
        self.hired.add(worker.id)

    def _same(self, mine: list[Contract], values: Values) -> Contract | None:
        if reference := values.get("reference"):
            return next((c for c in mine if c.reference == reference), None)
        start, kind = values["started_on"], values.get("kind", "")
        return next((c for c in mine if (c.started_on, c.kind) == (start, kind)), None)

    def _renewed(self, mine: list[Contract], reference: str, renewal: Contract | None, start: date) -> Contract:
        found = next((c for c in mine if c.reference == reference), None)
        if found is None:
            raise Refused(
                "Renouvelle",
                "Contrat renouvelé inconnu",
                "Ajoutez-le au fichier, ou videz la cellule.",
                reference,
                True,
            )
        if found.started_on >= start:
            raise Refused(
                "Renouvelle", "Le contrat renouvelé commence après celui-ci", "Vérifiez les dates.", reference, True
            )
        if any(c.renews_id == found.pk and c is not renewal for c in mine):
            raise Refused(
                "Renouvelle",
                "Un autre contrat renouvelle déjà celui-là",
                "Chaque renouvellement suit le dernier.",
                reference,
            )
        return found

    def _check(self, row: Contract | None, mine: list[Contract], values: Values) -> None:
        start: date = values["started_on"]
        planned, ended = values.get("planned_end_on"), values.get("ended_on")
        if planned and planned < start:
            raise Refused(
                "Fin prévue", "La fin prévue précède le début", "Vérifiez les deux dates.", f"{planned:%d/%m/%Y}"
            )
        if ended and ended < start:
            raise Refused(
                "Fin effective", "La fin effective précède le début", "Vérifiez les deux dates.", f"{ended:%d/%m/%Y}"
            )
        if values.get("kind", "") not in EXCLUSIVE_KINDS:
            return
        last = ended or planned or NO_END
        for other in mine:
            busy = other.ended_on or other.planned_end_on or NO_END
            if other is not row and other.kind in EXCLUSIVE_KINDS and other.started_on <= last and busy >= start:
                until = "sans terme" if busy == NO_END else f"au {busy:%d/%m/%Y}"
                raise Refused(
                    "Début",
                    f"La personne a déjà un contrat du {other.started_on:%d/%m/%Y} {until}",
                    "Deux contrats de ce genre ne se superposent pas : corrigez les dates ou la fin effective.",
                    f"{start:%d/%m/%Y}",
                    later=True,
                )


class MonthsWriter(Writer):
    def load(self, lines: list[Values]) -> None:
        self.people = People(self.organisation, lines)
        references = {values["contract_reference"] for values in lines}
        self.contracts: dict[str, list[Contract]] = defaultdict(list)
        ours = Contract.objects.filter(worker__organisation=self.organisation)
        for contract in ours.filter(Among(F("reference"), references)):
            self.contracts[contract.reference].append(contract)
        ids = [contract.pk for fitting in self.contracts.values() for contract in fitting]
        self.assignments: dict[tuple[int, str], Assignment] = {}
        for assignment in Assignment.objects.filter(Among(F("contract_id"), ids)):
            self.assignments.setdefault((assignment.contract_id, plain(assignment.client_name)), assignment)
        asked = {values["month"] for values in lines}
        months = WorkedMonth.objects.filter(Among(F("contract_id"), ids), Among(F("month"), asked))
        self.months = {(m.contract_id, m.assignment_id, m.month): m for m in months}

    def line(self, number: int, values: Values) -> None:
        contract = self._contract(values)
        values = {k: v for k, v in values.items() if k not in IDENTITY and k != "contract_reference"}
        month: date = values["month"]
        last = contract.ended_on or contract.planned_end_on
        if month < contract.started_on.replace(day=1) or (last and month > last + timedelta(days=31)):
            raise Refused("Mois", "Mois hors du contrat", "Vérifiez le mois et le numéro de contrat.", f"{month:%m/%Y}")
        client, kind = values.pop("client_name", ""), values.pop("client_kind", "")
        self.once((contract.pk, plain(client), month), number)
        assignment = self.assignments.get((contract.pk, plain(client))) if client else None
        existing = (
            None
            if client and assignment is None
            else self.months.get((contract.pk, assignment.pk if assignment else None, month))
        )
        if existing and existing.closed and any(getattr(existing, n) != v for n, v in values.items()):
            raise Refused(
                "Mois",
                "Ce mois est clos avec d'autres chiffres",
                "Une régularisation est nécessaire.",
                f"{month:%m/%Y}",
            )
        if client:
            assignment = self._assignment(number, contract, client, kind)
        if existing:
            self.merge(number, existing, values)
        else:
            theirs = {"contract_id": contract.pk, "assignment_id": assignment.pk if assignment else None}
            self.add(number, WorkedMonth, **theirs, **values)

    def _contract(self, values: Values) -> Contract:
        reference = values["contract_reference"]
        fitting = self.contracts.get(reference, [])
        if not fitting:
            raise Refused(
                "Numéro de contrat", "Contrat inconnu", "Importez d'abord le fichier des contrats.", reference
            )
        if values.get("worker_reference") or person_key(values):
            worker = self.people.find(values)
            fitting = [contract for contract in fitting if contract.worker_id == worker.pk]
            if not fitting:
                raise Refused(
                    "Numéro de contrat",
                    "Ce contrat est celui d'une autre personne",
                    "Vérifiez le matricule.",
                    reference,
                )
        if len(fitting) > 1:
            raise Refused(
                "Numéro de contrat",
                "Plusieurs personnes ont un contrat de ce numéro",
                "Ajoutez le matricule.",
                reference,
            )
        return fitting[0]

    def _assignment(self, number: int, contract: Contract, client: str, kind: str) -> Assignment:
        key = (contract.pk, plain(client))
        found = self.assignments.get(key)
        if found is None:
            about = {"client_name": client, "client_kind": kind, "started_on": contract.started_on}
            self.assignments[key] = found = self.add(number, Assignment, contract_id=contract.pk, **about)
        elif kind:
            self.merge(number, found, {"client_kind": kind})
        return found


class MinimaWriter(Writer):
    """What collective agreements say jobs are worth at least (REM-01)."""

    def load(self, lines: list[Values]) -> None:
        self.known = {(m.rome_code, m.since): m for m in PayMinimum.objects.filter(organisation=self.organisation)}

    def line(self, number: int, values: Values) -> None:
        values.setdefault("rome_code", "")
        key = values["rome_code"], values["since"]
        self.once(key, number)
        if key in self.known:
            self.merge(number, self.known[key], values)
        else:
            self.add(number, PayMinimum, organisation_id=self.organisation.pk, **values)


IDENTITY = {"worker_reference", "worker_emplois_id", "last_name", "first_name", "birth_date"}

WRITERS: dict[str, type[Writer]] = {
    "workers": WorkersWriter,
    "counsellors": CounsellorsWriter,
    "passes": PassesWriter,
    "contracts": ContractsWriter,
    "months": MonthsWriter,
    "minima": MinimaWriter,
    "none": Writer,  # every line is refused before it comes to a writer
}


def _current(contract: Contract | None) -> Values:
    if contract is None:
        return {}
    return {name: getattr(contract, name) for name in ("kind", "started_on", "planned_end_on", "ended_on")}


def split_emails(cell: str) -> list[str]:
    return [email.strip().lower() for email in cell.replace(";", ",").split(",") if email.strip()]


def counsellors_of(organisation: Organisation, today: date) -> dict[str, int]:
    """The structure's members by e-mail, each by the number of her account."""
    members = Membership.objects.filter(organisation=organisation, started_on__lte=today).select_related("user")
    return {m.user.email: m.user_id for m in members if m.ended_on is None or m.ended_on >= today}
