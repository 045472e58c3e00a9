"""docs/law.md, written from the rules and the parameters: `python -m law.document`. A test says when it is stale."""

from pathlib import Path

from law.findings import Rule, rules
from law.parameters_at import parameters

PAGE = Path(__file__).parent.parent / "docs" / "law.md"

INTRODUCTION = """\
# The law in Parcours

Written by `python -m law.document`.

`law/parameters/*.yaml` holds every number with the date it starts, its source and whether it is confirmed;
`law_on(day)["cddi.max_months"]` reads it. An administrator of the federation adds a dated value on « Valeurs de la loi »
(`/loi/`, `lawbook/`), with its source and why; the files stay as they are, `law.parameters_at.added_by` layers the values over
them. A mark changes with the values: each request and each job reads it once, at its first question, so every process follows
without a restart. A job then refreshes the alerts of everyone without and with the value, and keeps what it opened, changed and
closed. `law/nomenclatures.yaml` holds the codes. When the law and the State's platform
differ, both are held (`pass.duration.law`, `pass.duration.platform`).

The rules are pure functions on the facts of one person (`law/facts.py`), by theme: durations, weekly hours, formalities,
CDI inclusion, special forms, PASS IAE, immersions, hours with private clients, pay, exits. They return findings — what, how grave,
until when, from which figures, by which article, and what may be done — and save nothing. `law/rules.yaml` holds their words.

- `law.review.found_on(person, today)` is what the night looks for. `contracts.flags` computes the same for everyone in one
  statement, and a test compares both row by row.
- `law.review.of_draft(contract, person)` is what a contract breaks or should make one look at before it is signed;
  `law.review.forbidden` what an article forbids: it cannot be saved.
- `law.what_if.simulate(draft, person, today)` adds what the contract opens, pays and covers.

The ladder is 90, 60, 30, 15 days before the due day (to foresee, to follow, to decide, urgent), then overdue.

Read as our own where the article is silent: months are counted from date to date, and where the day does not exist the last
of the month stands for it; the 480-hour window opens again with the first counted month after it; 50 and over or RQTH with
difficulties may go on as long as their PASS IAE (84 or 60 months); public holidays are not known, so the two working days
may come a day early in a week with one; a trial is that of a person's first contract in the structure, and lasts as long as
its article allows; the medical visit is that of her first hire there.

A decision told to the person closes the alerts that only ask for one (end of trial, CDI inclusion within reach, prolongation
window, long suspension); the others close when the fact is no longer true.
"""


def markdown() -> str:
    """The whole page."""
    apart = [rule for rule in rules().values() if not rule.at_night and not rule.on_saving]
    asked = {
        "What the night looks for": [rule for rule in rules().values() if rule.at_night],
        "What is asked of a contract before it is signed": [rule for rule in rules().values() if rule.on_saving],
        "What is asked of a PASS IAE": [rule for rule in apart if rule.about == "pass"],
        "What is asked of an immersion": [rule for rule in apart if rule.about == "worker"],
    }
    known = parameters().values()
    doubtful = sorted(parameter.key for parameter in known if not parameter.confirmed)
    return (
        INTRODUCTION
        + "".join(f"\n## {title}\n\n{_table(found)}" for title, found in asked.items())
        + f"\n## To confirm\n\n{len(known)} parameters, of which {len(doubtful)} wait for a source: "
        + ", ".join(f"`{key}`" for key in doubtful)
        + ".\n"
    )


def _table(found: list[Rule]) -> str:
    rows = "".join(f"| {rule.code} | {rule.when} | {', '.join(rule.articles)} |\n" for rule in found)
    return f"| Rule | True when | Articles |\n|---|---|---|\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
