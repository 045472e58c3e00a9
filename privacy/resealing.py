"""Sealing again: all that the database holds, history included, under the first secret of its list.

What was written in clear before it had to be sealed is sealed too. Work is found in the rows, so a run cut short is taken up by
the next; a row changes only if it still holds what was read, so nobody's writing is lost; history takes no note of it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pgtrigger
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction

from accounts.sealed_fields import SENSITIVE, SealedField
from accounts.sealing import MARK, Damaged, UnknownKey, opened_text, sealed_text, seals, text_keys
from audit.history import WHY, event_table
from parcours.models import Attachment, FollowUp
from skills.models import IssuerKey

BATCH = 500
PASSES = 3  # rows written behind us meanwhile are found by the next pass
CLEAR, UNKNOWN = "en clair", "clé inconnue"


@dataclass(frozen=True)
class Held:
    """How many rows of a place are in a state: in clear though they must not be, or under a key. `done`: nothing to do."""

    where: str
    key: str
    rows: int
    done: bool


@dataclass(frozen=True)
class Texts:
    """A place of sealed texts, as SQL on `t`: its table, the number of its rows, the text, whether it must be sealed, and how
    another is written over it."""

    where: str
    table: str
    number: str
    value: str
    must: str
    written: str
    column: str
    kind: str = "bigint"

    def held(self) -> Iterator[Held]:
        first, known = text_keys()[0], text_keys()
        rows = self._asked(
            f"SELECT CASE WHEN starts_with({self.value}, %(mark)s) THEN split_part({self.value}, ':', 2) ELSE '' END AS key,"  # noqa: S608
            f" count(*) FROM {self.table} t WHERE {self.value} <> '' AND"
            f" (starts_with({self.value}, %(mark)s) OR {self.must}) GROUP BY 1 ORDER BY 1"
        )
        for key, count in rows:
            named = CLEAR if not key else key if key in known else f"{UNKNOWN} {key}"
            yield Held(self.where, named, count, key == first)

    def pass_over(self) -> int:
        """Seal again all there is, batch by batch; how many rows changed."""
        changed, last = 0, None
        while True:
            batch = self._asked(
                f"SELECT {self.number}, {self.value} FROM {self.table} t WHERE {self.value} <> ''"  # noqa: S608
                f" AND (%(last)s::{self.kind} IS NULL OR {self.number} > %(last)s::{self.kind})"
                f" AND CASE WHEN starts_with({self.value}, %(mark)s) THEN NOT starts_with({self.value}, %(first)s)"
                f" ELSE {self.must} END ORDER BY 1 LIMIT {BATCH}",
                last=last,
            )
            if not batch:
                return changed
            last = batch[-1][0]
            pairs = [(number, old, new) for number, old in batch if (new := self._again(old)) is not None]
            if pairs:
                changed += self._write(pairs)

    def _again(self, text: str) -> str | None:
        """The text under the first key; None when it does not open."""
        try:
            return sealed_text(opened_text(text, self.column) if text.startswith(MARK) else text, self.column)
        except (UnknownKey, Damaged):
            return None

    def _write(self, pairs: Sequence[tuple[Any, str, str]]) -> int:
        numbers, old, new = zip(*pairs, strict=True)
        with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.table} t SET {self.written} FROM unnest(%s::{self.kind}[], %s::text[], %s::text[])"  # noqa: S608
                f" AS n (number, old, new) WHERE {self.number} = n.number AND {self.value} = n.old",
                [list(numbers), list(old), list(new)],
            )
            return int(cursor.rowcount)

    def _asked(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        given = {"mark": MARK, "first": f"{MARK}{text_keys()[0]}:", "sensitive": sorted(SENSITIVE), **values}
        with connection.cursor() as cursor:
            cursor.execute(query, given)
            return list(cursor.fetchall())


def _sensitive(field: SealedField, model: type[models.Model], alias: str) -> str:
    if not field.sealed_when:
        return "TRUE"
    themes = model._meta.get_field(field.sealed_when)
    told = f"{alias}.{themes.column}"  # type: ignore[union-attr]
    if isinstance(themes, ArrayField):
        return f"{told} && %(sensitive)s::varchar[]"
    return f"{told} = ANY(%(sensitive)s::varchar[])"


def _columns() -> Iterator[Texts]:
    """Every sealed column of the models. A former state is sealed too when the row is sensitive now."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if not isinstance(field, SealedField):
                continue
            table, value, must = model._meta.db_table, f"t.{field.column}", _sensitive(field, model, "t")
            number = f"t.{model._meta.pk.column}"
            if (tracked := getattr(model, "pgh_tracked_model", None)) and field.sealed_when:
                now = f"SELECT FROM {tracked._meta.db_table} o WHERE o.id = t.pgh_obj_id AND "
                must = f"({must} OR EXISTS ({now}{_sensitive(field, tracked, 'o')}))"
            yield Texts(
                f"{table}.{field.column}", table, number, value, must, f"{field.column} = n.new", field.sealed_as
            )


def _reasons() -> Texts:
    """Why a follow-up or a piece was changed, in the contexts of history."""
    told = " OR ".join(
        f"EXISTS (SELECT FROM {event_table(model)} e WHERE e.pgh_context_id = t.id)" for model in (FollowUp, Attachment)
    )
    return Texts(
        "pghistory_context.why", "pghistory_context", "t.id", "(t.metadata ->> 'why')", f"({told})",
        "metadata = jsonb_set(t.metadata, '{why}', to_jsonb(n.new))", WHY, "uuid",
    )  # fmt: skip


@dataclass(frozen=True)
class Tokens:
    """A place of Fernet tokens: its rows as (number, what the column holds, its tokens), and how a row is written."""

    where: str
    secrets: Sequence[str]
    rows: Callable[[], Iterable[tuple[int, Any, list[str]]]]
    write: Callable[[int, Any, dict[str, str]], int]

    def held(self) -> Iterator[Held]:
        found = Counter(self._rank(token) for _number, _held, tokens in self.rows() for token in tokens)
        for rank, count in sorted(found.items(), key=lambda one: (one[0] is None, one[0])):
            yield Held(self.where, UNKNOWN if rank is None else f"secret n° {rank + 1}", count, rank == 0)

    def pass_over(self) -> int:
        changed = 0
        for number, held, tokens in self.rows():
            again = {token: self._again(token) for token in tokens if self._rank(token) not in {0, None}}
            if again:
                with pgtrigger.ignore():
                    changed += self.write(number, held, again)
        return changed

    def _again(self, token: str) -> str:
        return seals(self.secrets).rotate(token.encode()).decode()

    def _rank(self, token: str) -> int | None:
        """The place in the list of the secret that opens a token."""
        for rank, secret in enumerate(self.secrets):
            try:
                seals([secret]).decrypt(token.encode())
            except InvalidToken:
                continue
            return rank
        return None


def _factors() -> Tokens:
    def rows() -> Iterator[tuple[int, Any, list[str]]]:
        for number, data in Authenticator.objects.values_list("pk", "data").order_by("pk"):
            if tokens := [data[name] for name in ("secret", "seed") if data.get(name)]:
                yield number, data, tokens

    def write(number: int, data: Any, again: dict[str, str]) -> int:
        new = {name: again.get(value, value) if isinstance(value, str) else value for name, value in data.items()}
        return int(Authenticator.objects.filter(pk=number, data=data).update(data=new))

    return Tokens("mfa_authenticator.data", settings.SEALING_SECRETS, rows, write)


def _signing_keys() -> Tokens:
    def rows() -> Iterator[tuple[int, Any, list[str]]]:
        for number, sealed in IssuerKey.objects.values_list("pk", "sealed").order_by("pk"):
            yield number, sealed, [sealed]

    def write(number: int, sealed: Any, again: dict[str, str]) -> int:
        return IssuerKey.objects.filter(pk=number, sealed=sealed).update(sealed=again[sealed])

    return Tokens("skills_issuerkey.sealed", settings.BADGE_SECRETS, rows, write)


def places() -> list[Texts | Tokens]:
    return [*_columns(), _reasons(), _factors(), _signing_keys()]


def held() -> list[Held]:
    """What is sealed, by place and key, and what is in clear though it must not be."""
    return [one for place in places() for one in place.held()]


def reseal() -> int:
    """Seal again all that must be; how many rows changed. What no secret opens is left as it is."""
    changed = 0
    for _pass in range(PASSES):
        here = sum(place.pass_over() for place in places())
        changed += here
        if not here:
            break
    return changed
