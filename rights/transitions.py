"""How a step towards a right moves: one table, and the day each move leaves.

An empty state is unknown and may become any other. `renewed` is nobody's to choose: the step that takes over makes it so.
"""

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "": ("to_study", "requested", "opened", "refused", "not_concerned", "declined"),
    "to_study": ("requested", "opened", "not_concerned", "declined"),
    "requested": ("opened", "refused", "not_concerned", "declined"),
    "refused": ("appealed", "requested", "not_concerned"),
    "appealed": ("opened", "refused"),
    "opened": ("opened", "lapsed", "not_concerned"),
    "renewed": (),
    "lapsed": ("opened",),
    "not_concerned": ("to_study",),
    "declined": ("to_study", "requested"),
}

# The date field that a move fills with its day. The others that end a step fill `closed_on`.
DATED: dict[str, str] = {
    "requested": "requested_on",
    "opened": "opened_on",
    "refused": "refused_on",
    "appealed": "appealed_on",
}

CLOSED = frozenset({"refused", "lapsed", "not_concerned", "declined", "renewed"})


def moves(state: str) -> tuple[str, ...]:
    """The states a step may move to."""
    return TRANSITIONS[state]
