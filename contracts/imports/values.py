"""Cells into values. French ways of writing dates, numbers, yes and no; a refusal says how to mend the cell. No Django."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

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


class Faulty(ValueError):
    """A cell that cannot be understood: what is wrong, and how to mend it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def plain(text: str) -> str:
    """Lower case, without accents, stars, punctuation or double spaces: how headers and labels are compared."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", folded).split())


def text(cell: str) -> str:
    return " ".join(cell.replace("\u00a0", " ").replace("\u202f", " ").split())


def day(cell: str) -> date:
    """12/03/2024, 12-3-24, 12.03.2024, 2024-03-12, an ISO moment, 1er mars 2024, 12 mars 2024, or Excel's 45363."""
    written = text(cell).lower()
    try:
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ].*)?", written):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})(?: 00:00(?::00)?)?", written):
            return date(_year(found[3]), int(found[2]), int(found[1]))
        if found := re.fullmatch(r"(\d{1,2})(?:er)? ([a-z]+)\.? (\d{4}|\d{2})", _unaccented(written)):
            return date(_year(found[3]), MONTHS[found[2]], int(found[1]))
        if re.fullmatch(r"\d{5}(?:\.0+)?", written):
            return EXCEL_EPOCH + timedelta(days=int(float(written)))
    except (ValueError, KeyError):
        pass
    raise Faulty("Date incomprise", "Écrivez la date ainsi : 31/12/2024.")


def month(cell: str) -> date:
    """First day of a month: 03/2024, 2024-03, mars 2024, or any day of it."""
    written = _unaccented(text(cell).lower())
    try:
        if found := re.fullmatch(r"(\d{1,2})[/.\-](\d{4})", written):
            return date(int(found[2]), int(found[1]), 1)
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})", written):
            return date(int(found[1]), int(found[2]), 1)
        if found := re.fullmatch(r"([a-z]+)\.? (\d{4})", written):
            return date(int(found[2]), MONTHS[found[1]], 1)
        return day(cell).replace(day=1)
    except (ValueError, KeyError):
        raise Faulty("Mois incompris", "Écrivez le mois ainsi : 03/2024.") from None


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < PIVOT else 1900)


def _unaccented(written: str) -> str:
    return unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode()


def number(most: Decimal, places: int, unit: str) -> Callable[[str], Decimal]:
    """A parser of amounts from 0 to `most`: 1 234,56 and 1234.56 are the same."""

    def parse(cell: str) -> Decimal:
        written = re.sub(r"[\s\u00a0\u202f€h]", "", cell).replace(",", ".")
        try:
            value = Decimal(written)
        except InvalidOperation:
            raise Faulty("Nombre incompris", "Écrivez un nombre, par exemple 26,5.") from None
        if not value.is_finite() or value < 0 or value > most:
            raise Faulty(f"Nombre impossible : de 0 à {most} {unit}", "Vérifiez la saisie.")
        return round(value, places)

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
    if not re.fullmatch(r"\d{4,5}", digits):
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
    written = text(cell)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", written):
        raise Faulty("Adresse e-mail incomprise", "Une adresse s'écrit nom@domaine.fr.")
    return written


def whole(cell: str) -> int:
    try:
        return int(text(cell))
    except ValueError:
        raise Faulty("Identifiant incompris", "Un nombre entier est attendu.") from None


def pass_number(cell: str) -> str:
    written = re.sub(r"\s", "", cell).upper()
    if not re.fullmatch(r"[0-9X]{5}[0-9]{7}", written):
        raise Faulty("Numéro de PASS IAE incompris", "12 caractères : 99999 puis 7 chiffres.")
    return written


def one_of(nomenclature: str) -> Callable[[str], str]:
    """A parser of codes or labels of a nomenclature, however written."""

    def parse(cell: str) -> str:
        known = {plain(label): code for code, label in choices(nomenclature)}
        known |= {plain(code): code for code, _label in choices(nomenclature)}
        if nomenclature == "contract_kind":
            known |= {plain(kind.short): kind.code for kind in contract_kinds()}
        found = known.get(plain(cell)) or known.get(plain(cell).zfill(2))
        if found is None:
            labels = ", ".join(label for _code, label in choices(nomenclature)[:6])
            raise Faulty("Valeur inconnue", f"Valeurs admises : {labels}…")
        return found

    return parse


CARNET_LEVELS = {"nv1": "10", "nv2": "20", "nv3": "30", "nv4": "40", "nv5": "50", "nv5bis": "60", "nv6": "70"}


def carnet_level(cell: str) -> str:
    found = CARNET_LEVELS.get(plain(cell).replace(" ", ""))
    if found is None:
        raise Faulty("Niveau de formation inconnu", "Niveaux admis : NV1 à NV6.")
    return found
