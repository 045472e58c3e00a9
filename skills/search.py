"""Finding a skill among the thousands of ROME: accents, case and typos forgiven, the closest first. One query."""

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import QuerySet, TextField, Value

from accounts.access import Principal, organisations
from accounts.roles import Permission
from parcours.models.worker import PlainText
from skills.models import Skill

MOST = 20


def search(
    text: str, *, principal: Principal, kinds: tuple[str, ...] = ("know_how", "behaviour"), most: int = MOST
) -> list[Skill]:
    """The skills whose label is closest to the text, of the common frameworks and of one's structures."""
    mine = organisations(principal, Permission.SEE_PEOPLE)
    rows = Skill.objects.offered(mine).filter(kind__in=kinds)
    return list(closest(rows, text)[:most])


def closest(rows: QuerySet[Skill], text: str) -> QuerySet[Skill]:
    """The rows that look like the text, the closest then the shortest label first."""
    plain = PlainText(Value(text.strip(), output_field=TextField()))
    return (
        rows.filter(label_key__trigram_word_similar=plain)
        .annotate(closeness=TrigramWordSimilarity(plain, "label_key"))  # type: ignore[arg-type]
        .order_by("-closeness", "label_key", "id")
    )
