"""`manage.py night`: asks for tonight's jobs now, follows them, and says what they found."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from contracts.flags.refresh import open_counts
from contracts.models import Flag
from indicators import report
from jobs import actions
from jobs.models import Job
from jobs.tasks import relay
from law.findings import night_rules

MEASURES = {"indicators.compute"}  # asked once the other jobs have written their facts
PATIENCE = 60  # seconds without a job done nor being done


class Command(BaseCommand):
    help = "Lance maintenant les travaux de la nuit : alertes, puis indicateurs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, help="jour regardé (AAAA-MM-JJ), aujourd'hui par défaut")
        parser.add_argument("--follow", action="store_true", help="attendre que les travailleurs aient fini")
        parser.add_argument("--inline", action="store_true", help="tout faire ici, sans travailleur")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        day = options["day"] or timezone.localdate(now)
        batch = f"night:{now.isoformat()}"
        waits = options["follow"] or options["inline"]
        for names in (set(settings.NIGHT) - MEASURES, MEASURES):
            known_at = timezone.now()  # the figures know what the first jobs have just written
            self.ask([name for name in settings.NIGHT if name in names], day, known_at, batch)
            self.start(inline=options["inline"])
            if waits:
                self.follow(batch)
        if waits:
            self.found(batch, known_at)

    def ask(self, names: Sequence[str], day: date, known_at: datetime, batch: str) -> None:
        for name in names:
            arguments = {"day": day.isoformat(), "known_at": known_at.isoformat(), "batch": batch}
            key = f"{name}:{known_at.isoformat()}"
            actions.enqueue(name, key=key, arguments=arguments, batch=batch, available_at=known_at)

    def start(self, *, inline: bool) -> None:
        """Hand what waits to the workers, or do it here."""
        if not inline:
            relay()
            return
        while ids := actions.to_publish(timezone.now()):
            for job_id in ids:
                actions.perform(job_id)

    def follow(self, batch: str) -> None:
        """Progress read from the rows, until everything is done. Raises CommandError when a job was given up."""
        shown, moved_at = -1, time.monotonic()
        while True:
            jobs = Job.objects.filter(batch=batch)
            total, done = jobs.count(), jobs.filter(done_at__isnull=False).count()
            if done != shown:
                shown, moved_at = done, time.monotonic()
                self.stdout.write(f"  {done}/{total} travaux faits")
                self.stdout.flush()
            if failed := jobs.filter(failed_at__isnull=False).first():
                raise CommandError(f"Le travail {failed.key} a été abandonné : {failed.error}")
            if done == total:
                return
            if time.monotonic() - moved_at > PATIENCE:
                if actions.at_work(batch):  # a long job on a slow machine
                    moved_at = time.monotonic()
                    continue
                waiting = jobs.filter(done_at__isnull=True).first()
                detail = f" Dernière erreur : {waiting.error}" if waiting and waiting.error else ""
                raise CommandError(f"Rien n'avance depuis {PATIENCE} s : un travailleur tourne-t-il ?{detail}")
            time.sleep(0.1)

    def found(self, batch: str, known_at: datetime) -> None:
        self.stdout.write("\nAlertes ouvertes, par règle et par gravité")
        counts = open_counts()
        severities = list(Flag.Severity)
        self.row("", [str(severity.label) for severity in severities], "Total")
        for code, rule in night_rules().items():
            numbers = [counts[code, severity.value] for severity in severities]
            self.row(rule.title, [str(number or "·") for number in numbers], str(sum(numbers)))
        totals = Counter(severity for (_code, severity), count in counts.items() for _n in range(count))
        self.row("Total", [str(totals[severity.value]) for severity in severities], str(counts.total()))
        for job in Job.objects.filter(batch=batch, name="contracts.refresh_flags"):
            opened, changed, closed = (job.result[what] for what in ("opened", "changed", "closed"))
            self.stdout.write(f"  Cette nuit : {opened} ouvertes, {changed} modifiées, {closed} closes.")
        self.stdout.write("\nIndicateurs, toutes structures")
        for line in report.lines(known_at):
            self.stdout.write(f"  {line}")
        self.stdout.write("\nTravaux")
        spans: dict[str, list[float]] = {}
        for job in Job.objects.filter(batch=batch):
            if job.started_at and job.done_at:
                spans.setdefault(job.name, []).append((job.done_at - job.started_at).total_seconds())
        for name, seconds in spans.items():
            self.stdout.write(f"  {name:<32} {len(seconds):>4} fois {sum(seconds):6.2f} s en tout")

    def row(self, title: str, cells: list[str], total: str) -> None:
        self.stdout.write(f"  {title:<40}" + "".join(f"{cell:>12}" for cell in cells) + f"{total:>8}")
