"""Who already teaches or advises: one of the three pillars of the published concept."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from passgenau.frame.units import Tier
from passgenau.reading import Record, Slug
from passgenau.text import Text


class Offer(Record):
    """Something a provider already offers."""

    id: Slug
    title: Text
    modules: tuple[Slug, ...] = ()
    """Modules of the catalogue that it could serve."""
    fit: Literal["reuse", "adapt"]
    """`reuse`: as it is. `adapt`: part of it is missing."""
    missing: Text | None = None
    tiers: tuple[Tier, ...] = ("district", "municipality")
    seats: int | None = Field(default=None, ge=1)


class Provider(Record):
    """A body or a group of people that teaches or advises."""

    id: Slug
    name: str
    kind: Literal["advice", "training", "both"]
    about: Text
    source: str | None = None
    """The public source of what is said here; required for a body that exists."""
    example: bool = False
    """True for an invented body."""
    offers: tuple[Offer, ...] = ()


class Providers(Record):
    """`providers.yaml`."""

    providers: tuple[Provider, ...] = ()
