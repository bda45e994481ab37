"""What a concept leaves open, said beside it: how the local process is covered, stage by stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.curriculum.catalogue import STAGES
from passgenau.curriculum.wording import STAGE_NAMES, TIER_NAMES, joined, listed, opening, quoted, units
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passgenau.curriculum.catalogue import Module, Stage
    from passgenau.curriculum.model import Programme


def stage_notes(programmes: Iterable[Programme], modules: Mapping[str, Module]) -> tuple[Text, ...]:
    """Return per tier how much of the Basis each stage of the local process has, and which stages have none.

    A module counts at the stage at which it is taught. Where a stage has none, the modules of the
    Basis that serve it too, though taught earlier, are named.
    """
    return tuple(_note(programme, modules) for programme in programmes)


def _note(programme: Programme, modules: Mapping[str, Module]) -> Text:
    taught = dict.fromkeys(STAGES, 0)
    for place in programme.basis:
        taught[place.stage] += place.contact_units
    shares = []
    for stage, count in taught.items():
        name, size = STAGE_NAMES[stage], units(count)
        shares.append(Text(f"{name.de} {size.de}", f"{name.en} {size.en}"))
    tier, shown = opening(TIER_NAMES[programme.tier]), listed(shares)
    whole = Text(
        f"{tier.de}: Präsenz der Basis je Abschnitt des örtlichen Prozesses: {shown.de}.",
        f"{tier.en}: contact of the Basis per stage of the local process: {shown.en}.",
    )
    return joined([whole, *_without(programme, modules, taught)])


def _without(programme: Programme, modules: Mapping[str, Module], taught: Mapping[Stage, int]) -> list[Text]:
    found = []
    for stage in (s for s in STAGES if not taught[s]):
        name = STAGE_NAMES[stage]
        also = [quoted(modules[p.module].title) for p in programme.basis if stage in modules[p.module].stages]
        named = listed(also)
        served = Text("", "")
        if also:
            served = Text(
                f"; darauf gehen nur früher gelehrte ein: {named.de}",
                f"; only modules taught earlier touch it: {named.en}",
            )
        found.append(
            Text(
                f"Für den Abschnitt {name.de} enthält die Basis kein Modul{served.de}.",
                f"The Basis has no module for the stage {name.en}{served.en}.",
            )
        )
    return found
