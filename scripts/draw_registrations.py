"""Draw invented registrations from the register: `python scripts/draw_registrations.py STUDY`.

Nobody registered. The draw imitates what an office would see: clusters of neighbours in several
regions (word spreads from town hall to town hall) and some from elsewhere, mostly small towns,
mostly tandems, two associations of small towns that register jointly, and a handful of days away.
The same seed gives the same file.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from passgenau.curriculum.catalogue import STAGES
from passgenau.frame import load_register
from passgenau.planning.distance import road_km_matrix
from passgenau.planning.resources import PlanningDecisions, Registration
from passgenau.planning.workdays import open_days
from passgenau.reading import read_yaml

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passgenau.frame import Unit
    from passgenau.planning.resources import Calendar

SEED = 2018
STATE = "08"
REGIONS = 6
PER_REGION = 6
STRAGGLERS = 4
ASSOCIATIONS = ("GVV Beispiel 1", "GVV Beispiel 2")
ASSOCIATION_SIZE = 3
DISTRICT_CLUSTERS = 2
DISTRICTS_PER_CLUSTER = 5
NEIGHBOURS = 7  # districts nearest to the first of a cluster, of which the others are drawn
REACH_KM = 25.0  # great circle, around the first town of a region
EAGERNESS = {"Landgemeinde": 1.0, "Kleinstadt": 2.0, "Mittelstadt": 3.0, "Großstadt": 2.0}
# What a registration form would offer: the electives of the example's concept, the most wanted first.
TOWN_ELECTIVES = (
    "online-beteiligen",
    "nahversorgung-sichern",
    "partnerschaften-verhandeln",
    "familien-im-quartier",
    "konflikte-bearbeiten",
    "mobil-im-quartier",
)
DISTRICT_ELECTIVES = ("menschen-aktivieren", "sozialraum-gemeinsam-erkunden")
STAGE_SHARES = (0.4, 0.25, 0.15, 0.15, 0.05)  # in the order of STAGES


def main() -> None:
    """Write registrations.csv into the study folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path, nargs="?", default=Path("examples/quartier2020"))
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    calendar = read_planning(arguments.study / "decisions.yaml").calendar
    rng = np.random.default_rng([arguments.seed, 1])
    rows = draw(rng, calendar)
    columns = list(Registration.model_fields)
    with (arguments.study / "registrations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} registrations, {sum(int(row['persons']) for row in rows)} persons")


def read_planning(path: Path) -> PlanningDecisions:
    """Return the sections of decisions.yaml that planning uses."""
    from passgenau.study import DecisionsFile  # noqa: PLC0415 -- the study room sits above planning

    return read_yaml(path, DecisionsFile)


def draw(rng: np.random.Generator, calendar: Calendar) -> list[dict[str, str]]:
    """Return the rows, in the order of the keys."""
    register = load_register()
    towns = register.units("municipality", STATE)
    districts = [unit for unit in register.units("district", STATE) if unit.type == "Landkreis"]
    joint = {}
    chosen = choose_towns(rng, towns, joint)
    some = choose_districts(rng, districts)
    days = sorted(open_days(calendar, ("tue", "wed", "thu")))
    rows = [town_row(rng, unit, joint.get(unit.key), days) for unit in chosen]
    rows += [district_row(rng, districts[i], days) for i in sorted(some)]
    return sorted(rows, key=lambda row: row["organisation"])


def choose_towns(rng: np.random.Generator, towns: tuple[Unit, ...], joint: dict[str, str]) -> list[Unit]:
    """Return towns around the first town of each region, neighbours that register jointly, and stragglers."""
    km = road_km_matrix(towns, 1.0)
    weight = np.array([EAGERNESS[unit.size_class or "Landgemeinde"] for unit in towns])
    taken: list[int] = []
    centres: list[int] = []
    regions = sorted({unit.region for unit in towns if unit.region})
    for number in range(REGIONS):
        here = np.array([unit.region == regions[number % len(regions)] for unit in towns])
        far = km[:, centres].min(axis=1) > 2 * REACH_KM if centres else here
        first = pick(rng, weight * here * far, 1)[0]
        centres.append(first)
        near = weight * (km[first] < REACH_KM)
        near[[first, *taken]] = 0
        taken += [first, *pick(rng, near, PER_REGION - 1)]
        if number < len(ASSOCIATIONS):
            taken += association(rng, towns, km, first, taken, joint, ASSOCIATIONS[number])
    rest = weight.copy()
    rest[taken] = 0
    return [towns[i] for i in [*taken, *pick(rng, rest, STRAGGLERS)]]


def choose_districts(rng: np.random.Generator, districts: list[Unit]) -> list[int]:
    """Return clusters of neighbouring districts, the second as far from the first as the map allows."""
    km = road_km_matrix(districts, 1.0)
    taken: list[int] = []
    first = int(rng.integers(len(districts)))
    for _ in range(DISTRICT_CLUSTERS):
        near = [int(i) for i in np.argsort(km[first], kind="stable") if i != first and i not in taken][:NEIGHBOURS]
        taken += [first, *(int(i) for i in rng.choice(near, DISTRICTS_PER_CLUSTER - 1, replace=False))]
        first = int(np.argmax(km[:, taken].min(axis=1)))
    return taken


def association(  # noqa: PLR0913, PLR0917 -- the state of a draw in progress
    rng: np.random.Generator,
    towns: tuple[Unit, ...],
    km: NDArray[np.float64],
    first: int,
    taken: list[int],
    joint: dict[str, str],
    name: str,
) -> list[int]:
    """Return neighbouring small towns of one district that register jointly."""
    small = np.array(
        [u.size_class == "Landgemeinde" and i not in taken and km[first, i] < REACH_KM for i, u in enumerate(towns)]
    )
    centre = pick(rng, small * 1.0, 1)[0]
    same = np.array([unit.district == towns[centre].district for unit in towns])
    order = [int(i) for i in np.argsort(km[centre], kind="stable") if small[i] and same[i]]
    found = order[:ASSOCIATION_SIZE]
    joint.update({towns[i].key: name for i in found})
    return found


def pick(rng: np.random.Generator, weight: NDArray[np.float64], count: int) -> list[int]:
    """Return `count` different indices, drawn in proportion to their weight."""
    return [int(i) for i in rng.choice(len(weight), count, replace=False, p=weight / weight.sum())]


def town_row(rng: np.random.Generator, unit: Unit, joint: str | None, days: list[dt.date]) -> dict[str, str]:
    """Return the registration of a municipality: the larger, the more persons and rooms."""
    large = unit.size_class in {"Mittelstadt", "Großstadt"}
    small = unit.size_class == "Landgemeinde"
    persons = 1 if joint else int(rng.choice([1, 2, 3], p=[0.4, 0.6, 0.0] if small else [0.1, 0.75, 0.15]))
    stage = str(rng.choice(STAGES, p=STAGE_SHARES))
    return row(
        unit,
        persons=persons,
        roles="coordination" if persons == 1 else "coordination;steering",
        stage=stage,
        experience=str(rng.choice(["none", "some", "long"], p=[0.6, 0.3, 0.1])),
        association=joint or "",
        electives=wishes(rng, TOWN_ELECTIVES, 2),
        in_house=yes(rng, 0.2),
        can_host=yes(rng, 0.7 if large else 0.3 if not small else 0.1),
        unavailable=away(rng, days),
    )


def district_row(rng: np.random.Generator, unit: Unit, days: list[dt.date]) -> dict[str, str]:
    """Return the registration of a district."""
    return row(
        unit,
        persons=int(rng.choice([2, 3], p=[0.7, 0.3])),
        roles="steering;coordination",
        stage=str(rng.choice(STAGES, p=STAGE_SHARES)),
        experience=str(rng.choice(["none", "some", "long"], p=[0.5, 0.4, 0.1])),
        association="",
        electives=wishes(rng, DISTRICT_ELECTIVES, 1),
        in_house=yes(rng, 0.2),
        can_host=yes(rng, 0.6),
        unavailable=away(rng, days),
    )


def row(unit: Unit, **values: str | int) -> dict[str, str]:
    """Return a row of registrations.csv."""
    return {"organisation": unit.key, **{key: str(value) for key, value in values.items()}}


def yes(rng: np.random.Generator, share: float) -> str:
    """Return true with a given probability."""
    return "true" if rng.random() < share else "false"


def wishes(rng: np.random.Generator, electives: tuple[str, ...], most: int) -> str:
    """Return up to `most` electives in order of preference; the first of the list are wanted most."""
    share = 1 / (1 + np.arange(len(electives)))
    chosen = rng.choice(electives, int(rng.integers(0, most + 1)), replace=False, p=share / share.sum())
    return ";".join(str(module) for module in chosen)


def away(rng: np.random.Generator, days: list[dt.date]) -> str:
    """Return a few days on which nobody can come."""
    some = rng.choice(len(days), int(rng.choice([0, 1, 2, 3], p=[0.6, 0.2, 0.1, 0.1])), replace=False)
    return ";".join(days[i].isoformat() for i in sorted(some))


if __name__ == "__main__":
    main()
