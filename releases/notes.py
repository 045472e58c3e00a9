"""The note that goes with each issue, in plain French: it is kept with the figures, whoever reads."""

import math

from disclosure.audience import Audience
from disclosure.policy import policy as policy_of
from releases.margins import count_error, least_change
from releases.models import Release

ERROR = (
    "Tous les chiffres portent une petite erreur aléatoire, presque toujours de moins de {error} personnes ; les totaux peuvent "
    "ne pas tomber juste ; « np » veut dire trop peu de personnes, ou un résultat qui en dirait trop ; n'interprétez pas une "
    "évolution de moins de {change} personnes."
)
MARGINS = (
    "Chaque chiffre est donné avec sa marge : dans 95 cas sur 100, l'écart dû à cette erreur n'en sort pas. Les quartiles et "
    "les médianes n'ont pas de marge : ils sont arrondis."
)


def note(release: Release, audience: Audience) -> str:
    """What a reader must know of the figures of a release, one remark a line."""
    rules = policy_of(release.policy)
    lines = [
        f"Période : {release.period.label}, telle que connue le {release.known_at:%d/%m/%Y}, révision {release.revision}.",
        ERROR.format(error=math.floor(count_error(rules)) + 1, change=least_change(rules)),
        MARGINS,
        "Une personne salariée de deux structures compte deux fois.",
        f"Un effectif s'affiche à partir de {rules.display_persons} personnes, un taux à partir de {rules.rates_persons} "
        f"personnes avec au moins {rules.rates_tail} de chaque côté.",
    ]
    if audience == Audience.PEERS:
        lines.append(
            f"Un territoire ne s'affiche que s'il compte au moins {rules.structures_least} structures, dont aucune ne pèse "
            f"plus de {round(100 * rules.structures_largest_share)} %."
        )
    if release.revision > 1:
        lines.append(
            f"Cette révision ne change que les chiffres où au moins {rules.reissue_changed_records} fiches ont été corrigées ; "
            "les autres sont ceux de la première."
        )
    lines.append(f"Méthode : politique {release.policy}, catalogue {release.catalogue}.")
    return "\n".join(lines)
