"""Renewals proposed for several people at once: the same terms, a new end, and what the law says of each.

    proposed(contracts, today=…)     {contract id: Proposal}, in a constant number of queries
    prepare(by=…, proposal=…, …)     the draft of one that is not refused

A proposal writes nothing. What the law forbids is refused with its articles, as a signature would be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from contracts import actions, life
from contracts.facts import contract_facts, facts_of_people
from contracts.models import Contract, ContractDraft
from contracts.simulation import same_again
from law import review
from law.facts import PersonFacts
from law.findings import Finding, Severity
from parcours.models import Worker


@dataclass(frozen=True)
class Proposal:
    """The renewal of a contract. `terms` are those of a draft; `refusals` say why not, each with its articles.

    `watch` is what the law does not forbid but asks to look at before signing.
    """

    contract: Contract
    terms: Mapping[str, Any]
    refusals: tuple[str, ...]
    articles: tuple[str, ...]
    watch: tuple[str, ...]

    @property
    def started_on(self) -> date | None:
        return self.terms.get("started_on")

    @property
    def planned_end_on(self) -> date | None:
        return self.terms.get("planned_end_on")

    @property
    def movable(self) -> bool:
        """Whether another end could change the answer: not when the contract is renewed already, or broken."""
        if not self.started_on or not self.planned_end_on:
            return False
        return not self.refusals or bool(self.articles) or self.planned_end_on < self.started_on

    @property
    def said(self) -> str:
        """What would be prepared, in a sentence."""
        hours = self.terms.get("weekly_hours")
        return _("Projet du %(start)s au %(end)s, %(hours)s, mêmes conditions.") % {
            "start": f"{self.started_on:%d/%m/%Y}",
            "end": f"{self.planned_end_on:%d/%m/%Y}",
            "hours": _("%(n)s h par semaine") % {"n": f"{hours.normalize():f}".replace(".", ",")}
            if hours
            else _("heures inconnues"),
        }


def proposed(
    contracts: Iterable[Contract], *, today: date, ends: Mapping[int, date] | None = None
) -> dict[int, Proposal]:
    """The renewal of each contract, by its id: as long as it was unless `ends` (by contract id) says until when."""
    wanted = {contract.pk: contract for contract in contracts}
    people = facts_of_people({contract.worker_id for contract in wanted.values()}, today)
    renewed = dict(Contract.objects.filter(renews__in=wanted).values_list("renews_id", "started_on"))
    drafts = ContractDraft.objects.waiting().filter(renews__in=wanted)
    prepared = dict(drafts.values_list("renews_id", "started_on"))
    found = {}
    for pk, contract in wanted.items():
        worker, person = people[contract.worker_id]
        terms = same_again(contract)
        if ends and pk in ends and "started_on" in terms:
            terms["planned_end_on"] = ends[pk]
        refusal = _impossible(contract, terms, renewed.get(pk), prepared.get(pk))
        law = [] if refusal else _said_by_law(contract, terms, worker, person, today)
        forbidden = [finding for finding in law if finding.forbids]
        found[pk] = Proposal(
            contract=contract,
            terms=terms,
            refusals=(refusal,) if refusal else tuple(finding.told for finding in forbidden),
            articles=tuple(dict.fromkeys(article for finding in forbidden for article in finding.articles)),
            watch=tuple(
                finding.told for finding in law if not finding.forbids and finding.severity >= Severity.WARNING
            ),
        )
    return found


def _impossible(contract: Contract, terms: Mapping[str, Any], renewed: date | None, prepared: date | None) -> str:
    """What keeps a contract from being renewed before any question of law; empty when nothing does."""
    if "started_on" not in terms:
        return _("Un contrat sans terme ne se renouvelle pas.")
    if renewed is not None:
        return _("Déjà renouvelé : le contrat suivant commence le %(day)s.") % {"day": f"{renewed:%d/%m/%Y}"}
    if prepared is not None:
        return _("Un projet de renouvellement est déjà prêt, du %(day)s : il reste à le signer ou à l'abandonner.") % {
            "day": f"{prepared:%d/%m/%Y}"
        }
    if terms["planned_end_on"] < terms["started_on"]:
        return _("La nouvelle fin, le %(end)s, précède le début du renouvellement, le %(start)s.") % {
            "end": f"{terms['planned_end_on']:%d/%m/%Y}",
            "start": f"{terms['started_on']:%d/%m/%Y}",
        }
    try:
        life.allow(life.state_on(contract, terms["started_on"]), "renew", terms["started_on"])
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def _said_by_law(
    contract: Contract, terms: Mapping[str, Any], worker: Worker, person: PersonFacts, today: date
) -> list[Finding]:
    draft = Contract(worker=worker, renews=contract, **terms)
    return review.of_draft(contract_facts(draft, worker.contracts.all(), today), person)


def prepare(*, by: User, proposal: Proposal, today: date) -> ContractDraft:
    """The draft of a proposal. Raises ValidationError when it is refused."""
    if proposal.refusals:
        raise ValidationError(list(proposal.refusals))
    contract = proposal.contract
    return actions.prepare_contract(by=by, worker=contract.worker, renews=contract, today=today, **proposal.terms)
