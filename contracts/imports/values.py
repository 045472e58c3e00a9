"""Cells into values. French ways of writing dates, numbers, yes and no; a refusal says how to mend the cell. No Django."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from law.nomenclature import choices, contract_kinds

MONTHS = {
    name: number
    for number, names in enumerate(
        ("janvier janv", "fevrier fevr fev", "mars", "avril avr", "mai", "juin", "juillet juil", "aout", "septembre sept",
         "octobre oct", "novembre nov", "decembre dec"), 1
    )
    for name in names.split()
}  # fmt: skip
PIVOT = 50  # two-digit years: 49 is 2049, 50 is 1950
EXCEL_EPOCH = date(1899, 12, 30)
EARLIEST, NEVER = date(1900, 1, 1), date(2100, 1, 1)  # payrolls write « no end » as 31/12/2999 or 31/12/9999
MAX_WHOLE = 2**31 - 1
LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
TIME = r"(?:[ t]\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
WEEKDAY = r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mar|mer|jeu|ven|sam|dim)\.?,? )?"
ISO_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})" + TIME, re.ASCII)
FRENCH_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})" + TIME, re.ASCII)
SPOKEN_DAY = re.compile(WEEKDAY + r"(\d{1,2})(?:er)?[ \-]([a-z]+)\.?[ \-](\d{4}|\d{2})", re.ASCII)
EXCEL_DAY = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)


remembered = lru_cache(maxsize=10_000)  # the same few days, hours and codes fill whole columns


class Faulty(ValueError):
    """A cell that cannot be understood: what is wrong, and how to mend it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Lower case, without accents, stars, punctuation or double spaces: how headers, labels and names are compared.

    Letters of every script are kept: two names written in Arabic or Cyrillic stay two names.
    """
    folded = text.lower()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded.translate(LIGATURES))
        folded = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", folded).split())


def text(most: int) -> Callable[[str], str]:
    """A parser of text of at most `most` characters, spaces of every kind made one."""

    def parse(cell: str) -> str:
        written = " ".join(cell.split())
        if len(written) > most:
            raise Faulty(f"Texte trop long : {len(written)} caractères", f"Au plus {most} caractères.")
        return written

    return parse


@remembered
def day(cell: str) -> date:
    """12/03/2024, 12-3-24, 12.03.2024, 2024-03-12, an ISO moment, 1er mars 2024, 12-mars-24, or Excel's 45363.

    Two-digit years: see PIVOT. A time of day is accepted and left out. Days before 1900 or after 2099 are refused.
    """
    found = any_day(cell)
    if not EARLIEST <= found < NEVER:
        raise Faulty("Date invraisemblable", "Vérifiez l'année : de 1900 à 2099.")
    return found


@remembered
def end_day(cell: str) -> date | None:
    """As `day`; an end after 2099 is a payroll's way to say that there is none: None."""
    found = any_day(cell)
    return None if found >= NEVER else day(cell)


def any_day(cell: str) -> date:
    written = " ".join(cell.lower().split())
    try:
        if found := FRENCH_DAY.fullmatch(written):
            return date(_year(found[3]), int(found[2]), int(found[1]))
        if found := ISO_DAY.fullmatch(written):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := EXCEL_DAY.fullmatch(written):
            return EXCEL_EPOCH + timedelta(days=int(found[1]))
        if found := SPOKEN_DAY.fullmatch(_unaccented(written)):
            return date(_year(found[3]), MONTHS[found[2]], int(found[1]))
    except (ValueError, KeyError):
        pass
    raise Faulty("Date incomprise", "Écrivez la date ainsi : 31/12/2024.")


@remembered
def month(cell: str) -> date:
    """First day of a month: 03/2024, 2024-03, mars 2024, or any day of it."""
    written = _unaccented(" ".join(cell.lower().split()))
    try:
        if found := re.fullmatch(r"(\d{1,2})[/.\-](\d{4})", written, re.ASCII):
            first = date(int(found[2]), int(found[1]), 1)
        elif found := re.fullmatch(r"(\d{4})[/.\-]?(\d{2})", written, re.ASCII):
            first = date(int(found[1]), int(found[2]), 1)
        elif found := re.fullmatch(r"([a-z]+)\.?[ \-](\d{4}|\d{2})", written, re.ASCII):
            first = date(_year(found[2]), MONTHS[found[1]], 1)
        else:
            first = any_day(cell).replace(day=1)
    except (ValueError, KeyError):
        raise Faulty("Mois incompris", "Écrivez le mois ainsi : 03/2024.") from None
    if not EARLIEST <= first < NEVER:
        raise Faulty("Mois invraisemblable", "Vérifiez l'année : de 1900 à 2099.")
    return first


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < PIVOT else 1900)


def _unaccented(written: str) -> str:
    return unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode()


def number(most: Decimal, places: int, unit: str, above_zero: bool = False) -> Callable[[str], Decimal]:
    """A parser of amounts from 0 to `most`: 1 234,56 and 1234.56 € are the same. `above_zero` refuses zero."""
    bounds = f"plus de 0 et au plus {most}" if above_zero else f"de 0 à {most}"

    @remembered
    def parse(cell: str) -> Decimal:
        return _bounded(re.sub(r"[\s€]", "", cell).replace(",", "."))

    def _bounded(written: str) -> Decimal:
        if not re.fullmatch(r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+", written, re.ASCII):
            raise Faulty("Nombre incompris", "Écrivez un nombre, par exemple 26,5.")
        exact = Decimal(written)
        value = round(exact, places) if abs(exact) <= most + 1 else exact  # one without end does not round
        if value < 0 or value > most or (above_zero and value == 0):
            raise Faulty(f"Nombre impossible : {bounds} {unit}", "Vérifiez la saisie.")
        return value

    return parse


def hours(most: Decimal, unit: str, above_zero: bool = False) -> Callable[[str], Decimal]:
    """A parser of hours: 98,5 and 98.5 are hundredths; 98h30, 98 h 30 and 98:30 are minutes: 98,5."""
    decimal = number(most, 2, unit, above_zero)

    @remembered
    def parse(cell: str) -> Decimal:
        written = re.sub(r"\s", "", cell).lower()
        if found := re.fullmatch(r"(\d+)[h:]([0-5]\d)", written, re.ASCII):
            return decimal(f"{Decimal(found[1]) + Decimal(found[2]) / 60:.4f}")
        return decimal(written.removesuffix("h"))

    return parse


def yes_no(cell: str) -> bool:
    known = plain(cell)
    if known in {"oui", "o", "1", "vrai", "true", "x"} or known.startswith("oui "):
        return True
    if known in {"non", "n", "0", "faux", "false"}:
        return False
    raise Faulty("Réponse incomprise", "Écrivez oui ou non, ou laissez vide si on ne sait pas.")


def rsa_right(cell: str) -> bool:
    """Carnet de bord's « Droits RSA »: an open right, whether paid or suspended, is a yes."""
    known = plain(cell)
    return known.startswith("rsa droit ouvert") if known.startswith("rsa") else yes_no(cell)


def postal_code(cell: str) -> str:
    """Five digits; a spreadsheet may have eaten the first zero."""
    digits = re.sub(r"\s", "", cell).removesuffix(".0")
    if not re.fullmatch(r"\d{4,5}", digits, re.ASCII):
        raise Faulty("Code postal incompris", "Un code postal compte 5 chiffres.")
    return digits.zfill(5)


def sex(cell: str) -> str:
    known = plain(cell)
    if known in {"f", "femme", "mme", "madame", "feminin", "2"}:
        return "F"
    if known in {"m", "h", "homme", "monsieur", "masculin", "1"}:
        return "M"
    raise Faulty("Sexe incompris", "Écrivez F ou M, ou laissez vide.")


def email(cell: str) -> str:
    written = cell.strip()
    if len(written) > 254 or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", written):
        raise Faulty("Adresse e-mail incomprise", "Une adresse s'écrit nom@domaine.fr.")
    return written


def whole(cell: str) -> int:
    written = cell.strip().removesuffix(".0")
    if not re.fullmatch(r"\d{1,10}", written, re.ASCII) or not 0 < int(written) <= MAX_WHOLE:
        raise Faulty("Identifiant incompris", "Un nombre entier est attendu.")
    return int(written)


def rome_beginning(cell: str) -> str:
    """A ROME code or its beginning: K, K22, K2204."""
    written = re.sub(r"\s", "", cell).upper()
    if not re.fullmatch(r"[A-N](?:\d{2}){0,2}", written, re.ASCII):
        raise Faulty("Code ROME incompris", "Une lettre et quatre chiffres, ou leur début : K2204, K22 ou K.")
    return written


def days(most: int) -> Callable[[str], int]:
    """A parser of whole days from 0 to `most`: 21 and 21,0 are the same."""

    def parse(cell: str) -> int:
        written = re.sub(r"[,.]0+$", "", cell.strip())
        if not re.fullmatch(r"\d{1,4}", written, re.ASCII):
            raise Faulty("Nombre de jours incompris", "Écrivez un nombre entier de jours, par exemple 21.")
        if int(written) > most:
            raise Faulty(f"Nombre impossible : de 0 à {most} jours par mois", "Vérifiez la saisie.")
        return int(written)

    return parse


def pass_number(cell: str) -> str:
    written = re.sub(r"\s", "", cell).upper()
    if not re.fullmatch(r"[0-9X]{5}[0-9]{7}", written):
        raise Faulty("Numéro de PASS IAE incompris", "12 caractères : 99999 puis 7 chiffres.")
    return written


def emplois_contract(cell: str) -> str:
    """The reference we give to a contract of Les Emplois: its number there, out of the way of a payroll's numbers."""
    return f"emplois-{whole(cell)}"


def rome(cell: str) -> str:
    """A ROME code, alone or before its label: K2204, « K2204 Nettoyage »."""
    found = re.match(r"([A-N]\d{4})\b", cell.strip().upper(), re.ASCII)
    if found is None:
        raise Faulty("Code ROME incompris", "Une lettre et 4 chiffres, par exemple K2204.")
    return found[1]


def one_of(nomenclature: str) -> Callable[[str], str]:
    """A parser of codes or labels of a nomenclature, however written."""

    @remembered
    def parse(cell: str) -> str:
        known = _spoken_codes(nomenclature)
        found = known.get(plain(cell)) or known.get(plain(cell).zfill(2))
        if found is None:
            labels = ", ".join(label for _code, label in choices(nomenclature)[:6])
            raise Faulty("Valeur inconnue", f"Valeurs admises : {labels}…")
        return found

    return parse


@cache
def _spoken_codes(nomenclature: str) -> dict[str, str]:
    """The codes of a nomenclature by every way to write them: label, code, usual short name."""
    known = {plain(label): code for code, label in choices(nomenclature)}
    known |= {plain(code): code for code, _label in choices(nomenclature)}
    if nomenclature == "contract_kind":
        known |= {plain(kind.short): kind.code for kind in contract_kinds()}
    return known


# Carnet de bord (educationLevelKeys) to ASP levels: AFS never schooled; CP4, CFG, C3A left at or before the 3e, the end of
# compulsory schooling; C12 left in 2nde or 1re, which the former level V counts with CAP and BEP.
CARNET_LEVELS = {
    "afs": "01", "cp4": "70", "cfg": "70", "c3a": "70", "c12": "50",
    "nv5": "50", "nv4": "40", "nv3": "30", "nv2": "20", "nv1": "10",
}  # fmt: skip


def carnet_level(cell: str) -> str:
    found = CARNET_LEVELS.get(plain(cell).replace(" ", ""))
    if found is None:
        admitted = ", ".join(code.upper() for code in CARNET_LEVELS)
        raise Faulty("Niveau de formation inconnu", f"Niveaux admis : {admitted}.")
    return found
