"""Verbs on a structure's own framework of skills: its entries, one by one or from a CSV file."""

import csv
import io
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organisation, User
from audit.saving import saved
from contracts.imports.values import plain
from skills.models import Framework, Skill

MOST_BYTES = 2 * 1024 * 1024
MOST_FAULTS = 20  # said at once; the others are counted
COLUMNS = ("code", "intitule")
KINDS = {
    "": Skill.Kind.KNOW_HOW,
    **{plain(str(label)): Skill.Kind(value) for value, label in Skill.Kind.choices},
    **{value: Skill.Kind(value) for value in Skill.Kind.values},
}


def create_framework(
    *, by: User, organisation: Organisation, code: str, name: str, version: str = "1", source: str = ""
) -> Framework:
    """Open a framework of a structure's own. Raises ValidationError when this version exists."""
    return saved(Framework(organisation=organisation, code=code, name=name, version=version, source=source))


def add_skill(*, by: User, framework: Framework, code: str, label: str, kind: str = "know_how") -> Skill:
    """Add an entry. Raises ValidationError when its code is taken, or the framework is a common one."""
    refuse_common(framework)
    return saved(Skill(framework=framework, code=code, label=label, kind=kind))


def reword_skill(*, by: User, skill: Skill, label: str) -> Skill:
    """Say an entry with other words; what was assessed under it stays. Raises ValidationError."""
    refuse_common(skill.framework)
    skill.label = label
    return saved(skill)


def remove_skill(*, by: User, skill: Skill) -> None:
    """Take an entry away. Raises ValidationError once somebody was assessed on it, or a badge names it."""
    refuse_common(skill.framework)
    if skill.assessments.exists() or skill.badges.exists():
        raise ValidationError(_("Cette compétence a servi (évaluation ou badge) : elle ne peut plus être retirée."))
    skill.delete()


def refuse_common(framework: Framework) -> None:
    if framework.organisation_id is None:
        raise ValidationError(_("Un référentiel commun ne se change pas : créez celui de la structure."))


@transaction.atomic
def read_skills(*, by: User, framework: Framework, stream: BinaryIO) -> int:
    """Read a CSV file (`code;intitule;nature`, the last one optional) and return how many entries it holds.

    An entry known by its nature and code takes the words of the file; the same file twice changes nothing. Raises
    ValidationError on `file` with the line, the column and the remedy of each fault; then nothing is written.
    """
    refuse_common(framework)
    rows, faults = _understood(framework, _table(stream))
    if faults:
        more = len(faults) - MOST_FAULTS
        said = faults[:MOST_FAULTS]
        if more > 0:
            said.append(ngettext("… et %(n)s autre erreur.", "… et %(n)s autres erreurs.", more) % {"n": more})
        raise ValidationError({"file": said})
    if not rows:
        raise ValidationError({"file": _("Le fichier ne contient aucune compétence.")})
    Skill.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["framework", "kind", "code"],
        update_fields=["label"],
        batch_size=1000,
    )
    return len(rows)


def _table(stream: BinaryIO) -> "csv.DictReader[str]":
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise ValidationError({"file": _("Le fichier dépasse %(n)s Mo : découpez-le.") % {"n": MOST_BYTES >> 20}})
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError({"file": _("Le fichier n'est pas en UTF-8 : enregistrez-le dans ce codage.")}) from None
    if "\x00" in text:
        raise ValidationError({"file": _("Ce fichier n'est pas un CSV : enregistrez la feuille en CSV.")})
    head = text.split("\n", 1)[0]
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=head.count))
    table.fieldnames = [plain(name) for name in table.fieldnames or []]
    missing = [name for name in COLUMNS if name not in table.fieldnames]
    if missing:
        raise ValidationError(
            {
                "file": _("Ligne 1 : colonnes absentes : %(names)s. Attendues : code, intitule, nature (facultative).")
                % {"names": ", ".join(missing)}
            }
        )
    return table


def _understood(framework: Framework, table: "csv.DictReader[str]") -> tuple[list[Skill], list[str]]:
    """The entries of a table and what is wrong in it, in words."""
    rows: list[Skill] = []
    faults: list[str] = []
    seen: dict[tuple[str, str], int] = {}

    def fault(line: int, column: str, said: str) -> None:
        faults.append(
            _("Ligne %(line)s, colonne « %(column)s » : %(said)s") % {"line": line, "column": column, "said": said}
        )

    try:
        for cells in table:
            line = table.line_num
            code, label, nature = ((cells.get(name) or "").strip() for name in ("code", "intitule", "nature"))
            if not code and not label:
                continue
            kind = KINDS.get(plain(nature))
            if not code or len(code) > 32:
                fault(line, "code", _("vide ou de plus de 32 signes ; donnez un code court."))
            elif not label or len(label) > 300:
                fault(line, "intitule", _("vide ou de plus de 300 signes."))
            elif kind is None:
                names = ", ".join(str(label) for label in Skill.Kind.labels)
                fault(
                    line,
                    "nature",
                    _("« %(value)s » inconnue ; écrivez : %(names)s.") % {"value": nature, "names": names},
                )
            elif (kind, code) in seen:
                fault(line, "code", _("déjà donné à la ligne %(n)s ; gardez-en une.") % {"n": seen[kind, code]})
            else:
                seen[kind, code] = line
                rows.append(Skill(framework=framework, code=code, label=label, kind=kind))
    except csv.Error as error:
        raise ValidationError(
            {"file": _("Ce fichier n'est pas un CSV lisible (ligne %(n)s).") % {"n": table.line_num}}
        ) from error
    return rows, faults
