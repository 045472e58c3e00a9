"""The lines all formats share: one a figure, a column a dimension, « total » where a table does not tell by it."""

from decimal import Decimal
from typing import Any, NamedTuple

from releases import reading
from releases.reading import Edition

DIMENSIONS = ("region", "department", "kind", "structure", "sex", "age", "level")
HEADER = {
    "tableau": "code du tableau",
    "titre": "ce qu'il montre",
    "region": "code de la région, vide pour toutes",
    "department": "code du département, vide pour tous",
    "kind": "type de structure, vide pour tous",
    "structure": "numéro de la structure, vide pour toutes",
    "sex": "sexe, vide pour tous",
    "age": "tranche d'âge, vide pour toutes",
    "level": "niveau de formation, vide pour tous",
    "libelle": "la case en toutes lettres",
    "modalite": "modalité mesurée, vide pour un effectif",
    "base": "personnes sur lesquelles porte le chiffre, arrondi aléatoire compris ; vide quand elle n'est pas publiée",
    "nombre": "personnes de la modalité ; vide quand ce n'est pas un taux, ou quand il n'est pas publié",
    "valeur": "le chiffre",
    "marge_95": "à ajouter et à retrancher : 95 cas sur 100",
    "marque": "np : non publié ; beyond : durée non atteinte dans la table",
    "unite": "unité de la valeur",
}


class Line(NamedTuple):
    table: str
    title: str
    coordinates: tuple[str, ...]  # in the order of DIMENSIONS, "" for all
    label: str
    category: str
    base: int | None
    number: int | None
    value: Decimal | None
    error: Decimal | None
    marker: str
    unit: str

    def flat(self) -> tuple[Any, ...]:
        """In the order of HEADER."""
        return (self.table, self.title, *self.coordinates, *self[3:])


def lines(edition: Edition, tables: list[reading.Table]) -> list[Line]:
    """The figures of some tables, in one order whoever asks."""
    found: list[Line] = []
    for table, cells in reading.cells_by_table(tables):
        for cell in cells:
            label = ", ".join(edition.labels.get(name, {}).get(code, code) for name, code in cell.coordinates.items())
            found.append(
                Line(
                    table.code,
                    table.title,
                    tuple(cell.coordinates.get(name, "") for name in DIMENSIONS),
                    label or "Ensemble",
                    cell.category,
                    cell.base,
                    cell.number,
                    cell.value,
                    cell.error,
                    cell.marker,
                    table.unit,
                )
            )
    return sorted(found, key=lambda line: (line.table, line.coordinates, line.category))


def plain(number: Decimal | int | None) -> str:
    """A number as text, without zeros that say nothing."""
    if number is None:
        return ""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
