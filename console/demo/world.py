"""Who exists in the demonstration: invented structures, names and users."""

from dataclasses import dataclass
from random import Random

from stdnum import luhn

from accounts.roles import Role

PASSWORD = "parcours-demo-2026"  # noqa: S105 - printed on screen, for invented people only
FEDERATION = "COORACE (démonstration)"
GROUP = "Groupe Les Rives solidaires"


@dataclass(frozen=True)
class StructureSeed:
    name: str
    kind: str
    commune: str
    postal_code: str
    in_group: bool = False


STRUCTURES = (
    StructureSeed("Les Jardins de la Vilaine", "ACI", "35238", "35000", in_group=True),
    StructureSeed("Rives Services", "AI", "35238", "35200", in_group=True),
    StructureSeed("Rives Intérim d'insertion", "ETTI", "35238", "35700", in_group=True),
    StructureSeed("L'Atelier du Port", "ACI", "56121", "56100"),
    StructureSeed("Penn ar Bed Recyclage", "EI", "29019", "29200"),
    StructureSeed("Le Tri du Nord", "EI", "59350", "59000"),
    StructureSeed("Artois Coup de main", "AI", "62498", "62300"),
    StructureSeed("GEIQ Picardie Bâtiment", "GEIQ", "80021", "80000"),
    StructureSeed("Garonne Emploi Solidaire", "AI", "31555", "31000"),
    StructureSeed("Les Restanques", "ACI", "34172", "34000"),
    StructureSeed("Confluence Intérim", "ETTI", "69123", "69007"),
    StructureSeed("Le Linge des Volcans", "EI", "63113", "63000"),
)

# (e-mail, first name, last name, role, where: a structure's name, the group or the federation)
PEOPLE = (
    ("conseillere@demo.example", "Nadia", "Le Bris", Role.COUNSELLOR, STRUCTURES[0].name),
    ("rh@demo.example", "Thomas", "Guéguen", Role.HR, STRUCTURES[0].name),
    ("directrice@demo.example", "Hélène", "Ollivier", Role.DIRECTOR, GROUP),
    ("analyste@demo.example", "Samir", "Benali", Role.ANALYST, FEDERATION),
    ("publication@demo.example", "Claire", "Fontaine", Role.PUBLISHER, FEDERATION),
    ("administration@demo.example", "Yann", "Kervella", Role.ADMINISTRATOR, STRUCTURES[0].name),
)

FIRST_NAMES = {
    "F": [
        "Amina",
        "Chloé",
        "Fatou",
        "Éloïse",
        "Marie-Thérèse",
        "Sophie",
        "Nour",
        "Inès",
        "Océane",
        "Aïcha",
        "Léa",
        "Monique",
        "Zoé",
        "Ghislaine",
        "Mariam",
        "Jeanne",
        "Solène",
        "Awa",
        "Camille",
        "Lucie",
        "Nathalie",
        "Françoise",
        "Rokhaya",
        "Anaïs",
        "Valérie",
        "Émilie",
        "Oumou",
        "Sylvie",
        "Leïla",
        "Maëlys",
    ],
    "M": [
        "Mamadou",
        "Kévin",
        "Jean-Baptiste",
        "Loïc",
        "Ibrahim",
        "Mathéo",
        "Théo",
        "Patrick",
        "Abdoulaye",
        "François",
        "Gaël",
        "Hervé",
        "Jordan",
        "Yassine",
        "Noël",
        "Dominique",
        "Étienne",
        "Ali",
        "Stéphane",
        "Ludovic",
        "Moussa",
        "Raphaël",
        "Didier",
        "Bilal",
        "Éric",
        "Sébastien",
        "Karim",
        "Joël",
        "Arthur",
        "Ousmane",
    ],
}
LAST_NAMES = [
    "Diallo",
    "Le Goff",
    "Martin",
    "Traoré",
    "Petit",
    "N'Guessan",
    "Lefèvre",
    "Haddad",
    "Moreau",
    "Kaya",
    "Garcia",
    "Dupont",
    "Ndiaye",
    "Robert",
    "Benoît",
    "de La Tour d'Auvergne",
    "Roussel",
    "Camara",
    "Lemoine",
    "Fernandes",
    "Nguyen",
    "Le Bihan",
    "Morvan",
    "Aït Saïd",
    "Girard",
    "Bonnet",
    "Coulibaly",
    "Dubois",
    "Özdemir",
    "Blanchard-Delacroix",
    "Guillou",
    "Perrot",
    "Da Silva",
    "Mercier",
    "Chevalier",
    "Koné",
    "Lambert",
    "Faure",
    "Simon",
    "Kowalczyk",
    "Leclerc",
    "Gauthier",
    "Sow",
    "Renard",
    "Poulain",
    "Bâ",
    "Vasseur",
    "Carpentier",
    "Delattre",
    "Lacombe",
    "Fabre",
    "Roche",
    "Vidal",
    "Navarro",
    "Berger",
]

CLIENTS = {
    "particulier": ("Mme Robin", "M. Carpentier", "Famille Le Roux", "Mme Vasseur"),
    "association": ("Secours populaire", "Club nautique", "Maison des familles"),
    "collectivite": ("Ville — écoles", "Communauté de communes"),
    "entreprise": ("Logis & Fils", "Biscuiterie de l'Ouest", "Transports Armor", "Nord Logistique"),
    "": ("Client à préciser",),
}

TRAININGS = (
    ("Sauveteur secouriste du travail", True, 2, 7),
    ("Gestes et postures", True, 1, 7),
    ("CACES R489 catégorie 3", False, 4, 7),
    ("Français à visée professionnelle", False, 10, 3),
    ("Certificat CléA", False, 8, 6),
    ("Permis B — code de la route", False, 6, 2),
)


def siret(number: int) -> str:
    """An invented SIRET whose keys are right: the SIREN starts with 900, the establishment is the first."""
    siren = f"900{number:05d}"
    siren += luhn.calc_check_digit(siren)
    start = siren + "0001"
    return start + luhn.calc_check_digit(start)


def pick(random: Random, weighted: dict[str, float]) -> str:
    """A key drawn by weight."""
    return random.choices(list(weighted), list(weighted.values()))[0]
