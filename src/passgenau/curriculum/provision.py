"""Who already offers what: reuse, adapt or develop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.curriculum.model import Provision
from passgenau.curriculum.wording import TIER_NAMES, listed, quoted, units
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passgenau.curriculum.catalogue import Module
    from passgenau.curriculum.model import Programme
    from passgenau.curriculum.providers import Offer, Provider, Providers
    from passgenau.frame.units import Tier

_EXAMPLE = Text(" (erfundenes Beispiel)", " (invented example)")


def provide(module_id: str, tier: Tier, providers: Providers) -> Provision:
    """Return where a module comes from: the best fitting offers for a tier, or development."""
    found = [
        (provider, offer)
        for provider in providers.providers
        for offer in provider.offers
        if module_id in offer.modules and tier in offer.tiers
    ]
    ready = [pair for pair in found if pair[1].fit == "reuse"]
    if ready:
        return Provision("reuse", _ids(ready), _note(ready, Text("vorhanden bei", "available from")))
    if found:
        return Provision("adapt", _ids(found), _note(found, Text("anzupassen, vorhanden bei", "to adapt, from")))
    return Provision("develop", (), Text("neu zu entwickeln: kein Angebot bekannt", "to develop: no offer known"))


def _ids(pairs: Iterable[tuple[Provider, Offer]]) -> tuple[str, ...]:
    return tuple(f"{provider.id}/{offer.id}" for provider, offer in pairs)


def _note(pairs: Iterable[tuple[Provider, Offer]], lead: Text) -> Text:
    parts = []
    for provider, offer in pairs:
        mark = _EXAMPLE if provider.example else Text("", "")
        lacks = Text("", "")
        if offer.missing is not None:
            lacks = Text(f"; es fehlt: {offer.missing.de}", f"; missing: {offer.missing.en or offer.missing.de}")
        title = quoted(offer.title)
        parts.append(
            Text(f"{provider.name}, {title.de}{mark.de}{lacks.de}", f"{provider.name}, {title.en}{mark.en}{lacks.en}")
        )
    whole = listed(parts)
    return Text(f"{lead.de} {whole.de}", f"{lead.en} {whole.en}")


def gaps(programmes: Iterable[Programme], modules: Mapping[str, Module]) -> tuple[Text, ...]:
    """Return one sentence per module that has a place and that nobody offers, with the work it means."""
    need: dict[str, list[Tier]] = {}
    size: dict[str, int] = {}
    for programme in programmes:
        for place in (*programme.basis, *programme.electives):
            if place.provision.kind == "develop":
                need.setdefault(place.module, []).append(programme.tier)
                size[place.module] = max(size.get(place.module, 0), place.contact_units)
    found = []
    for module_id in (m for m in modules if m in need):
        title, length = quoted(modules[module_id].title), units(size[module_id])
        whom = listed(TIER_NAMES[tier] for tier in need[module_id])
        found.append(
            Text(
                f"{title.de} ({length.de}, für {whom.de}): kein Angebot bekannt, neu zu entwickeln.",
                f"{title.en} ({length.en}, for {whom.en}): no offer known, to be developed.",
            )
        )
    return tuple(found)
