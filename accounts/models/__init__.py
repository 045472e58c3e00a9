"""Who may enter: users, organisations on the territory, memberships, API tokens, accesses of
the platform's team."""

from accounts.models.code_tries import CodeTries
from accounts.models.opening import Opening
from accounts.models.organisation import Membership, Organisation
from accounts.models.territory import Commune, Departement, Region
from accounts.models.token import ApiToken
from accounts.models.user import User

__all__ = [
    "ApiToken",
    "CodeTries",
    "Commune",
    "Departement",
    "Membership",
    "Opening",
    "Organisation",
    "Region",
    "User",
]
