"""What of written answers comes back otherwise, found by reading the written file again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from passgenau.formats.exchange import Lost
from passgenau.survey.responses import State
from passgenau.survey.typed import type_answers
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.survey.responses import Delivered, Responses

_STATES = {
    State.ANSWERED: Text("beantwortet", "answered"),
    State.EMPTY: Text("leer gelassen", "left empty"),
    State.NOT_SHOWN: Text("nicht gezeigt", "not shown"),
    State.REFUSED: Text("keine Angabe", "refused"),
    State.INVALID: Text("ungültig", "invalid"),
}


def changed(before: Responses, again: Delivered, why: Text) -> tuple[Lost, ...]:
    """Return, variable by variable, how many values or reasons for missing ones come back otherwise.

    Parameters
    ----------
    before
        What was written.
    again
        What the reader of the format makes of it; rows in the same order.
    why
        What the format cannot say.
    """
    after = type_answers(again, before.questionnaire)
    found = []
    for variable in before.variables:
        name = variable.name
        states = pl.DataFrame({"before": before.states[name], "after": after.states[name]})
        pairs = states.filter(pl.col("before") != pl.col("after")).group_by("before", "after").len().sort(pl.all())
        found += [_moved(name, old, new, count, why) for old, new, count in pairs.rows()]
        same = states["before"] == states["after"]
        values = int((same & before.values[name].ne_missing(after.values[name])).sum())
        if values:
            said = Text(f"{values} Werte kommen anders zurück", f"{values} values come back otherwise")
            found.append(Lost(name, said, why))
    return tuple(found)


def _moved(name: str, before: int, after: int, count: int, why: Text) -> Lost:
    old, new = _STATES[State(before)], _STATES[State(after)]
    what = Text(
        f"bei {count} Bögen „{old.de}“; zurück kommt „{new.de}“",
        f"for {count} sheets “{old.into('en')}”; “{new.into('en')}” comes back",
    )
    return Lost(name, what, why)
