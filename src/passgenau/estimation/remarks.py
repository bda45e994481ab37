"""What could be misread in the columns that estimates are made of, in sentences below the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from passgenau.estimation.sums import Label, Profile

    Labels = Mapping[str, Mapping[Label, str]]


def one_answer(items: Sequence[str], profiles: Mapping[str, Profile]) -> tuple[Text, ...]:
    """Name items that hold one answer only, beside empty cells: 100 % of those who answered."""
    alike = ", ".join(item for item in items if _alike(profiles[item]))
    if not alike:
        return ()
    return (
        Text(
            f"Wo geantwortet wurde, steht immer dasselbe, andere Zellen sind leer: {alike}. Heißt leer „nicht "
            "angekreuzt“, bitte angeben, wer die Frage gesehen hat: --shown und --blank no (in Python ItemSet).",
            f"All answers are the same and other cells are empty: {alike}. If empty means not ticked, say who saw the "
            "question: --shown and --blank no (in Python ItemSet).",
        ),
    )


def codes(columns: Iterable[str], labels: Labels) -> tuple[Text, ...]:
    """List the words that codes stand for."""
    out = []
    for name in dict.fromkeys(columns):
        if labels.get(name):
            words = "; ".join(f"{value} = {labels[name][value]}" for value in sorted(labels[name], key=_place))
            out.append(Text(f"Codes in „{name}“: {words}.", f'Codes in "{name}": {words}.'))
    return tuple(out)


def averaged(items: Sequence[str], profiles: Mapping[str, Profile], labels: Labels) -> tuple[Text, ...]:
    """Name items whose mean is one of codes that stand for words."""
    coded = [item for item in items if labels.get(item) and profiles[item].kind == "number"]
    listed = ", ".join(item for item in coded if not profiles[item].binary)
    if not listed:
        return ()
    return (
        Text(
            f"Gemittelt wurden Codes, die für Wörter stehen: {listed}. Anteile gibt --estimator proportion.",
            f"Codes that stand for words were averaged: {listed}. For shares: --estimator proportion.",
        ),
    )


def _alike(profile: Profile) -> bool:
    if not profile.missing:
        return False
    ticked = profile.binary and profile.minimum == profile.maximum == 1
    return ticked or (profile.kind == "category" and len(profile.levels) == 1)


def _place(value: Label) -> tuple[bool, float, str]:
    """Return where a code stands in a list: numbers by size, then words."""
    is_word = isinstance(value, str)
    return is_word, 0.0 if is_word else float(value), str(value)
