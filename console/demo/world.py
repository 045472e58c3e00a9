"""Who exists in the demonstration: invented structures, names and users."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from stdnum import luhn

from accounts.roles import Role

T = TypeVar("T")
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

# What the plans of the demonstration say.
STRENGTHS = (
    ("know_how", "Je répare les vélos de tout le quartier"), ("language", "Je parle arabe et un peu d'espagnol"),
    ("quality", "Je suis à l'heure, toujours"), ("experience", "J'ai tenu une caisse pendant six ans"),
    ("relations", "Ma sœur garde les petits le matin"), ("project", "Je veux travailler dehors"),
    ("commitment", "J'entraîne les poussins au foot"), ("means", "J'ai un scooter"), ("know_how", "Je sais lire un plan"),
)  # fmt: skip
OBJECTIVES = {
    "mobilite": "Je veux le permis pour aller travailler plus loin que le bus.",
    "logement": "Je veux une chambre pour mon fils.",
    "projet": "Je veux savoir si la logistique, c'est pour moi.",
    "formation": "Je veux un papier qui dit ce que je sais faire.",
    "langue": "Je veux écrire un message sans demander à ma fille.",
    "recherche_emploi": "Je veux décrocher un vrai entretien.",
}
ACTIONS = {
    "mobilite": ("S'inscrire au code", "Essayer le trajet en car", "Demander l'aide au permis"),
    "logement": ("Déposer la demande de logement social", "Rencontrer Action Logement"),
    "projet": ("Passer deux semaines en immersion", "Visiter un entrepôt"),
    "formation": ("Choisir une formation au titre professionnel", "Monter le dossier CléA"),
    "langue": ("Commencer l'atelier du mardi",),
    "recherche_emploi": ("Refaire le CV", "S'entraîner à l'entretien"),
    "famille": ("Chercher une place en crèche",),
    "finances": ("Prendre rendez-vous au point conseil budget",),
    "administratif": ("Refaire la carte d'identité",),
    "numerique": ("Créer l'adresse e-mail",),
    "sante": ("Prendre rendez-vous pour le bilan de santé",),
}
DIRECTORY = (
    ("Garage solidaire de l'Ouest", "civil_society", "Location de voitures à 8 € par jour", "mobilite--acceder-a-un-vehicule"),
    ("Auto-école sociale Volant libre", "civil_society", "Permis accompagné", "mobilite--preparer-un-permis"),
    ("CCAS", "local_authority", "Domiciliation et accès aux droits",
     "difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"),
    ("Point conseil budget", "civil_society", "Budget et dettes, sans jugement", "difficultes-financieres--ameliorer-sa-gestion-budgetaire"),
    ("Crèche à horaires élargis", "", "Garde dès 5 h 30", "famille--garde-denfants"),
    ("Atelier des mots", "civil_society", "Français, lecture et écriture", "lecture-ecriture-calcul--maitriser-le-francais"),
    ("Espace France services", "public_service", "Démarches en ligne", "numerique--acceder-a-des-services-en-ligne"),
    ("Logis pour tous", "public_service", "Chercher un logement", "logement-hebergement--louer-un-logement"),
    ("Centre de santé", "public_service", "Bilan de santé gratuit", "sante--acces-aux-soins"),
)  # fmt: skip
PROPOSALS = (
    ("conditions", "Commencer à 7 h quand il fait chaud"), ("organisation", "Savoir le lundi où l'on va de la semaine"),
    ("safety", "Des gants à notre taille"), ("project", "Un jardin partagé derrière l'atelier"),
    ("pathway", "Un temps par mois pour parler de la suite"), ("content", "Changer de poste tous les deux mois"),
)  # fmt: skip


def siret(number: int) -> str:
    """An invented SIRET whose keys are right: the SIREN starts with 900, the establishment is the first."""
    siren = f"900{number:05d}"
    siren += luhn.calc_check_digit(siren)
    start = siren + "0001"
    return start + luhn.calc_check_digit(start)


def pick(random: Random, weighted: Mapping[T, float]) -> T:
    """A key drawn by weight."""
    return random.choices(list(weighted), list(weighted.values()))[0]
