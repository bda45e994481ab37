"""From a register to the population of a study."""

from __future__ import annotations

import difflib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from passgenau.errors import InputError, Problem
from passgenau.frame.labels import labelled
from passgenau.frame.maps import has_boundaries
from passgenau.frame.own_file import read_units
from passgenau.frame.register import STATES, load_register
from passgenau.frame.units import Frame, SizeClass, Tier, Unit
from passgenau.reading import Record, RecordError, raise_if
from passgenau.text import Text

_SHOWN = 16  # possible values that a hint lists: all states, all types
_FIRST = 5  # of more than that, so many as examples

# ABCMeta, the metaclass behind every pydantic model, has a method `register`, which is nothing that a
# field of this name could shadow; yet pydantic warns. The name is what people write in study.yaml.
warnings.filterwarnings("ignore", message='Field name "register" in "FrameSpec"', category=UserWarning)


class FrameSpec(Record):
    """Which units form a population: a selection from a register, or a file of one's own."""

    register: Literal["de"] | None = None
    """The built-in register of German districts and municipalities."""
    file: str | None = None
    """A CSV file in the study folder with the columns of `FrameRow`."""
    tier: Tier
    state: str | None = Field(default=None, pattern=r"^\d{2}$")
    """First two digits of the key, in quotes: "08"."""
    type: tuple[str, ...] = ()
    """Types to keep, e.g. [Landkreis]; empty: all of the tier."""
    size_class: tuple[SizeClass, ...] = ()
    """Size classes of municipalities to keep; empty: all."""
    district: tuple[str, ...] = ()
    """Five-digit keys of the districts to keep; empty: all."""
    min_population: int | None = Field(default=None, ge=0)
    """Keep units with at least so many inhabitants."""
    max_population: int | None = Field(default=None, ge=0)
    """Keep units with at most so many inhabitants."""
    exclude: tuple[str, ...] = ()
    """Keys to leave out."""

    @model_validator(mode="after")
    def _one_source(self) -> FrameSpec:
        if (self.register is None) == (self.file is None):
            raise RecordError(
                "Genau eines von register und file angeben.",
                "Give exactly one of register and file.",
                at=("register",),
            )
        return self

    @model_validator(mode="after")
    def _bounds_in_order(self) -> FrameSpec:
        low, high = self.min_population, self.max_population
        if low is not None and high is not None and low > high:
            raise RecordError(
                f"Höchstens {high} und zugleich mindestens {low} Einwohner: das erfüllt niemand.",
                f"At most {high} and at least {low} inhabitants: nobody has both.",
                at=("max_population",),
            )
        return self

    @model_validator(mode="after")
    def _districts_have_no_size_class(self) -> FrameSpec:
        if self.tier == "district" and self.size_class:
            raise RecordError(
                "Kreise haben keine Größenklasse.",
                "Districts have no size class.",
                at=("size_class",),
                hint=Text("min_population und max_population verwenden.", "Use min_population and max_population."),
            )
        return self


def select(spec: FrameSpec, audience: str, folder: Path) -> Frame:
    """Return the population of an audience.

    Parameters
    ----------
    spec
        What to select, and from where.
    audience
        Id of the audience; becomes the id of the frame.
    folder
        The study folder, in which a frame's own file lies.

    Returns
    -------
    Frame
        The units in the order of their keys, with labels that are unique among them, and what
        must be printed wherever their data are shown.

    Raises
    ------
    InputError
        The own file is faulty; a state, type, district or excluded key does not exist where it
        is looked for; or nothing is left. Problems of the selection itself carry a field
        (``frame.type``) but no file: who reads `spec` knows where it stands.
    """
    pool, attribution = _pool(spec, folder)
    raise_if(_unknown(spec, pool))
    units, left = pool, [len(pool)]
    filters = _filters(spec)
    for _, keep in filters:
        units = tuple(unit for unit in units if keep(unit))
        left.append(len(units))
    if not units:
        raise _nothing_left([field for field, _ in filters], left)
    return Frame(audience, labelled(units), attribution)


def _pool(spec: FrameSpec, folder: Path) -> tuple[tuple[Unit, ...], tuple[str, ...]]:
    """Return everything that could be selected, and what its sources want printed."""
    if spec.file is not None:
        return read_units(folder / spec.file, spec.tier, name=spec.file)
    register = load_register()
    units = register.units(spec.tier, spec.state if spec.state in STATES else None)
    maps = any(has_boundaries(state) for state in {unit.state for unit in units})
    return units, (register.attribution, register.boundary_attribution) if maps else (register.attribution,)


def _filters(spec: FrameSpec) -> list[tuple[str, Callable[[Unit], bool]]]:
    """Return the conditions that the specification sets, in the order of its fields."""
    low, high = spec.min_population, spec.max_population
    conditions: list[tuple[str, bool, Callable[[Unit], bool]]] = [
        ("state", spec.state is not None, lambda unit: unit.state == spec.state),
        ("type", bool(spec.type), lambda unit: unit.type in spec.type),
        ("size_class", bool(spec.size_class), lambda unit: unit.size_class in spec.size_class),
        ("district", bool(spec.district), lambda unit: unit.district in spec.district),
        ("min_population", low is not None, lambda unit: low is None or unit.population >= low),
        ("max_population", high is not None, lambda unit: high is None or unit.population <= high),
        ("exclude", bool(spec.exclude), lambda unit: unit.key not in spec.exclude),
    ]
    return [(field, keep) for field, is_set, keep in conditions if is_set]


# --- what cannot be selected -------------------------------------------------------------------


def _unknown(spec: FrameSpec, pool: tuple[Unit, ...]) -> Iterator[Problem]:
    """Yield a problem for every value that no unit has."""
    states = {unit.state: STATES.get(unit.state, "") for unit in pool}
    if spec.state is not None and spec.state not in states:
        yield _problem("state", spec.state, states)
        return  # nothing can be known in a state that does not exist
    here = [unit for unit in pool if spec.state in {None, unit.state}]
    types = {kind: str(count) for kind, count in sorted(Counter(unit.type for unit in here if unit.type).items())}
    districts = {unit.district: unit.district_label for unit in here}
    keys = {unit.key: unit.label for unit in here}
    for field, wanted, known in (
        ("type", spec.type, types),
        ("district", spec.district, districts),
        ("exclude", spec.exclude, keys),
    ):
        yield from (_problem(field, value, known) for value in wanted if value not in known)


def _problem(field: str, value: str, known: Mapping[str, str]) -> Problem:
    message = Text(f"{value!r} gibt es hier nicht.", f"There is no {value!r} here.")
    return Problem(message, field=f"frame.{field}", hint=_possible(value, known))


def _possible(value: str, known: Mapping[str, str]) -> Text:
    """Name all values that are possible, or of many the closest, or some as examples."""
    if not known:
        return Text("Die Datei sagt dazu nichts.", "The file says nothing about it.")
    if len(known) <= _SHOWN:
        every = _listed(known, known)
        return Text(f"Möglich sind: {every}.", f"Possible: {every}.")
    named = [key for key, label in known.items() if value.casefold() in label.casefold()]
    close = _listed(named[:_FIRST] or difflib.get_close_matches(value, known, n=1, cutoff=0.85), known)
    if close:
        return Text(f"Gemeint ist vielleicht {close}.", f"Perhaps {close} is meant.")
    some, rest = _listed(list(known)[:_FIRST], known), len(known) - _FIRST
    return Text(f"Möglich sind: {some} und {rest} weitere.", f"Possible: {some} and {rest} more.")


def _listed(keys: Iterable[str], known: Mapping[str, str]) -> str:
    return ", ".join(f"{key} ({known[key]})" if known[key] else key for key in keys)


def _nothing_left(fields: list[str], left: list[int]) -> InputError:
    """Tell after which condition nothing was left."""
    steps = ", ".join(f"{field}: {count}" for field, count in zip(fields, left[1:], strict=True))
    return InputError.of(
        f"Die Auswahl ist leer. Von {left[0]} Einheiten bleiben nach jeder Bedingung: {steps}.",
        f"Nothing is selected. Of {left[0]} units these are left after each condition: {steps}.",
        field=f"frame.{fields[left.index(0) - 1]}",
        hint=Text("Diese Bedingung lockern oder weglassen.", "Relax or drop this condition."),
    )
