"""A skill over time as a small drawing made on the server: two lines, two pairs of eyes. The list beside it says the same."""

from dataclasses import dataclass
from datetime import date

from skills.models import Assessment
from skills.portfolio import SkillStory

WIDTH, HEIGHT, LEFT, STEP = 320, 96, 10, 24


@dataclass(frozen=True)
class SkillLine:
    """`supervisor` and `worker`: dots (x, y, words), and the line that joins them; `levels`: the scale (y, number)."""

    supervisor: list[tuple[float, int, str]]
    worker: list[tuple[float, int, str]]
    levels: list[tuple[int, int]]
    text: str

    @property
    def supervisor_points(self) -> str:
        return " ".join(f"{x},{y}" for x, y, _words in self.supervisor)

    @property
    def worker_points(self) -> str:
        return " ".join(f"{x},{y}" for x, y, _words in self.worker)


def skill_line(story: SkillStory) -> SkillLine:
    first, last = story.looks[0].on, story.looks[-1].on
    span = max((last - first).days, 1)

    def place(on: date, seen: Assessment | None) -> list[tuple[float, int, str]]:
        if seen is None:
            return []
        x = round(LEFT + 12 + (on - first).days / span * (WIDTH - LEFT - 24), 1)
        return [(x, _height(seen.level), f"{on:%d/%m/%Y} : {seen.get_level_display()}")]

    supervisor = [dot for look in story.looks for dot in place(look.on, look.by_supervisor)]
    worker = [dot for look in story.looks for dot in place(look.on, look.by_worker)]
    said = [
        f"{eyes} : {words}"
        for eyes, dots in (("encadrant", supervisor), ("personne", worker))
        for _x, _y, words in dots
    ]
    return SkillLine(supervisor, worker, [(_height(level), level) for level in (1, 2, 3, 4)], " ; ".join(said))


def _height(level: int) -> int:
    return HEIGHT - 12 - (level - 1) * STEP
