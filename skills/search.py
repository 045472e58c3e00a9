"""Finding a skill among the thousands of ROME: accents, case and typos forgiven, the closest first."""

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import QuerySet, TextField, Value

from accounts.access import Principal, organisations
from accounts.roles import Permission
from parcours.models.worker import PlainText
from skills.models import Skill

MOST = 20
LIKENESS = 0.4  # of a word, by its trigrams: « elager » is found in « élaguer »
LIKENESS_OF_PHRASES = 0.5  # one slip costs a long text little of its likeness, and fewer rows are then compared
PHRASE = 12  # letters


def search(
    text: str, *, principal: Principal, kinds: tuple[str, ...] = ("know_how", "behaviour"), most: int = MOST
) -> list[Skill]:
    """The skills whose label is closest to the text, of the common frameworks and of one's structures."""
    mine = organisations(principal, Permission.SEE_PEOPLE)
    return closest(Skill.objects.offered(mine).filter(kind__in=kinds), text, most)


def likeness(text: str) -> float:
    """How alike a label must be to what was typed."""
    return LIKENESS_OF_PHRASES if len(text.strip()) > PHRASE else LIKENESS


def closest(rows: QuerySet[Skill], text: str, most: int = MOST) -> list[Skill]:
    """The rows that look like the text, the closest first; the trigram index finds them. Two short statements."""
    plain = PlainText(Value(text.strip(), output_field=TextField()))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(likeness(text))])
        found = rows.filter(label_key__trigram_word_similar=plain).annotate(
            closeness=TrigramWordSimilarity(plain, "label_key")  # type: ignore[arg-type]
        )
        return list(found.order_by("-closeness", "label_key", "id")[:most])
