"""Who may do what, on one screen.

A role is held in an organisation (accounts.models.Membership). Held in a solidarity group, it reaches the structures of
the group. The federation's roles reach no person's file: only released tables.
"""

from collections.abc import Mapping, Set
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    SEE_PEOPLE = "see_people"  # workers, pathways, timelines, skills, rights
    WRITE_FOLLOW_UP = "write_follow_up"  # follow-ups, plans, rights steps, skills
    SEE_SENSITIVE = "see_sensitive"  # what is written about health and justice (L6315-1 IV CT: not for the employer)
    SEE_CONTRACTS = "see_contracts"  # contracts, worked months, flags
    DECIDE_CONTRACTS = "decide_contracts"  # write contracts, record decisions
    IMPORT_FILES = "import_files"
    SEE_INDICATORS = "see_indicators"  # the structure's own indicators
    STEER = "steer"  # vote the structure's targets, register and end its experiments
    SEE_RELEASES = "see_releases"  # the federation's protected tables
    PREPARE_RELEASES = "prepare_releases"
    PUBLISH_RELEASES = "publish_releases"  # approve what another prepared, publish, withdraw
    MANAGE_ORGANISATION = "manage_organisation"  # members, tokens, parameters
    PROTECT_DATA = "protect_data"  # the rights of people over their file: who read it, accesses of the platform's team
    ERASE_FILES = "erase_files"  # erase a person for ever
    SEE_LAW = "see_law"  # the values of the law, their sources, what a new one changed
    WRITE_LAW = "write_law"  # add a value of the law, for everyone: held in a federation


class Role(models.TextChoices):
    COUNSELLOR = "counsellor", _("Conseiller en insertion")
    HR = "hr", _("Ressources humaines")
    DIRECTOR = "director", _("Direction de structure")
    PROTECTION = "protection", _("Référent données personnelles")
    ANALYST = "analyst", _("Analyste de la fédération")
    PUBLISHER = "publisher", _("Responsable des publications")
    ADMINISTRATOR = "administrator", _("Administration")

    def fits(self, nature: str) -> bool:
        """Whether the role exists in this nature of organisation (structure, group, federation)."""
        return nature in NATURES[self]


P = Permission
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.COUNSELLOR: frozenset(
        {P.SEE_PEOPLE, P.WRITE_FOLLOW_UP, P.SEE_SENSITIVE, P.SEE_CONTRACTS, P.SEE_INDICATORS, P.SEE_LAW}
    ),
    Role.HR: frozenset(
        {P.SEE_PEOPLE, P.SEE_CONTRACTS, P.DECIDE_CONTRACTS, P.IMPORT_FILES, P.SEE_INDICATORS, P.SEE_LAW}
    ),
    Role.DIRECTOR: frozenset(
        {
            P.SEE_PEOPLE,
            P.WRITE_FOLLOW_UP,
            P.SEE_CONTRACTS,
            P.DECIDE_CONTRACTS,
            P.IMPORT_FILES,
            P.SEE_INDICATORS,
            P.STEER,
            P.MANAGE_ORGANISATION,
            P.PROTECT_DATA,
            P.ERASE_FILES,
            P.SEE_LAW,
        }
    ),
    Role.PROTECTION: frozenset({P.PROTECT_DATA}),
    Role.ANALYST: frozenset({P.SEE_RELEASES, P.PREPARE_RELEASES}),
    Role.PUBLISHER: frozenset({P.SEE_RELEASES, P.PREPARE_RELEASES, P.PUBLISH_RELEASES}),
    Role.ADMINISTRATOR: frozenset({P.MANAGE_ORGANISATION, P.SEE_LAW, P.WRITE_LAW}),
}

# What someone of the platform's team reads of one structure while an access is open (accounts.openings), and nothing else.
OPENED = frozenset({P.SEE_PEOPLE, P.SEE_CONTRACTS})

NATURES: dict[Role, frozenset[str]] = {
    Role.COUNSELLOR: frozenset({"structure", "group"}),
    Role.HR: frozenset({"structure", "group"}),
    Role.DIRECTOR: frozenset({"structure", "group"}),
    Role.PROTECTION: frozenset({"structure", "group"}),
    Role.ANALYST: frozenset({"federation"}),
    Role.PUBLISHER: frozenset({"federation"}),
    Role.ADMINISTRATOR: frozenset({"structure", "group", "federation"}),
}


# What a principal reaches: the roles held in each organisation, by its id.
Reach = Mapping[int, Set[Role]]


def roles_with(permission: Permission) -> list[Role]:
    """The roles that carry a permission."""
    return [role for role, granted in PERMISSIONS.items() if permission in granted]
