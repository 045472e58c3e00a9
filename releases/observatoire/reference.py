"""The sixteen reference tables of the Observatoire: what each asks, what it lacks here, and why."""

from dataclasses import dataclass

Margin = tuple[str, ...]
WHOLE: Margin = ()


@dataclass(frozen=True)
class Reference:
    """`margins` are those printed, of the released tables that carry its code. `lacks` says what the released tables do not
    allow, in French. `drawn` is the released table whose picture it shows."""

    code: str
    title: str
    margins: tuple[Margin, ...] = (WHOLE, ("kind",))
    lacks: str = ""
    drawn: str = ""


REFERENCES = (
    Reference(
        "T1",
        "Structures par type et par région",
        lacks="Sont comptées les structures ouvertes pendant l'année, et non celles qui ont signé au moins un contrat.",
    ),
    Reference(
        "T2",
        "Personnes accompagnées",
        margins=(WHOLE, ("kind",), ("sex",), ("age",), ("level",)),
        lacks="Une personne salariée de deux structures compte deux fois : aucune clé ne la suit d'une structure à l'autre.",
        drawn="EFFECTIF",
    ),
    Reference(
        "T3",
        "Publics à l'entrée",
        lacks="Seuls le RSA et la RQTH sont au catalogue. Les autres publics (ASS, AAH, demandeurs d'emploi de longue durée, "
        "QPV, ZRR, sortants de l'ASE ou de détention, réfugiés, parents isolés, hébergés) ne sont pas publiés : chacun "
        "ajouterait des cases sensibles sur les mêmes personnes.",
        drawn="RSA",
    ),
    Reference(
        "T4",
        "Heures et équivalents temps plein",
        lacks="On publie des heures par personne. Les sommes d'heures et les ETP ne se publient pas à côté d'une moyenne, car "
        "les deux ensemble diraient un effectif exact ; le type d'utilisateur n'est pas au catalogue.",
        drawn="HEURES",
    ),
    Reference(
        "T5",
        "Contrats",
        lacks="La durée moyenne des contrats et la durée hebdomadaire moyenne ne sont pas au catalogue. Les contrats sont ceux "
        "du dernier mois, et non les signatures de l'année.",
        drawn="CONTRATS",
    ),
    Reference(
        "T6",
        "Sorties",
        lacks="Les taux portent sur les sorties dont on connaît la situation : les retraits et les sorties non documentées "
        "n'ont pas de case.",
        drawn="SORTIES",
    ),
    Reference("T7", "Emplois trouvés à la sortie", drawn="EMPLOYEURS"),
    Reference(
        "T8",
        "Accompagnement",
        lacks="Le tableau des freins de l'ASP, les entretiens par personne et les temps de conseillers ne sont pas au catalogue : "
        "les freins, un à un, en diraient trop sur la santé ou la justice.",
        drawn="ENG-03",
    ),
    Reference(
        "T9",
        "Formation",
        lacks="Formations certifiantes, AFEST et CPF mobilisés ne sont pas au catalogue.",
        drawn="COM-02",
    ),
    Reference(
        "T10",
        "Droits",
        lacks="Le détail droit par droit, les délais et les droits perdus ne sont pas publiés : ils sont sensibles et leurs bases "
        "trop petites. Seul l'ensemble des droits dus l'est.",
        drawn="DRO-01",
    ),
    Reference("T11", "Qualité de l'emploi", drawn="REM-03"),
    Reference(
        "T12",
        "Participation",
        lacks="Sièges, élections et réunions d'instances parlent des structures et non des personnes : ils ne sont pas relevés.",
        drawn="PAR-04",
    ),
    Reference(
        "T13",
        "Immersions (PMSMP)",
        lacks="On publie la part des personnes qui en ont fait une. Le nombre de conventions, les jours, le type d'accueil, l'objet "
        "et l'issue ne sont pas au catalogue.",
        drawn="IMMERSIONS",
    ),
    Reference(
        "T14",
        "Financements",
        lacks="Les aides par source ne sont pas relevées : Parcours suit des parcours de personnes, pas la comptabilité des structures.",
    ),
    Reference(
        "T15",
        "Groupes d'économie solidaire",
        lacks="Il faudrait suivre une personne d'une structure à l'autre. La publication s'y refuse : les clés y sont aveuglées, "
        "et changent chaque année.",
    ),
    Reference("T16", "Comparaison entre régions", margins=(("region",),), drawn="SORTIES"),
)  # fmt: skip
