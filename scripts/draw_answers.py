"""Draw invented answers from the register: `python scripts/draw_answers.py FOLDER`.

Nobody answered like this. The draw imitates what an office gets back: large towns answer more often than small
ones, some organisations send two sheets, a question is not shown to everyone, and some answers are left out. The
same seed gives the same files: answers.csv, one row per sheet, and margins.yaml with what is known of all.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from passgenau.frame import load_register

if TYPE_CHECKING:
    from passgenau.frame import Unit

SEED = 2026
STATE = "08"
ANSWERS = {"Landkreis": 0.6, "Großstadt": 0.55, "Mittelstadt": 0.3, "Kleinstadt": 0.12, "Landgemeinde": 0.05}
TWICE = 0.12  # of those who answer
SHOWN = 0.85
LEFT_OUT = 0.04
TOPICS = {"beteiligung": 0.62, "bestandsanalyse": 0.48, "vernetzung": 0.41, "wohnen": 0.33, "foerderung": 0.55}
LESS_IN_TOWNS = 0.12
NEED = ("gar nicht", "eher nicht", "eher", "sehr")
HEAD = ("organisation", "sheet", "tier", "size", "region", "N", "shown", *TOPICS, "need", "staff")


def main() -> None:
    """Write answers.csv and margins.yaml."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("examples/answers2026"))
    folder = parser.parse_args().folder
    register = load_register()
    districts = [unit for unit in register.units("district", STATE) if unit.type == "Landkreis"]
    units = [*districts, *register.units("municipality", STATE)]
    generator = np.random.default_rng(SEED)
    sizes = Counter(_tier(unit) for unit in units)
    rows = [row for unit in units for row in _sheets(unit, sizes, generator)]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(rows)
    (folder / "margins.yaml").write_text(_margins(units), encoding="utf-8")
    print(f"{len(rows)} sheets in {folder}")


def _tier(unit: Unit) -> str:
    return "Landkreis" if unit.tier == "district" else "Gemeinde"


def _size(unit: Unit) -> str:
    return "Landkreis" if unit.tier == "district" else str(unit.size_class)


def _sheets(unit: Unit, sizes: Counter[str], generator: np.random.Generator) -> list[list[object]]:
    """Return the sheets of an organisation: none, one or two."""
    if generator.random() > ANSWERS[_size(unit)]:
        return []
    tier = _tier(unit)
    count = 2 if generator.random() < TWICE else 1
    leaning = generator.normal(0, 0.15)  # both sheets of an organisation lean the same way
    head = [unit.key, 0, tier, _size(unit), unit.region, sizes[tier]]
    return [[*head[:1], sheet + 1, *head[2:], *_answers(tier, leaning, generator)] for sheet in range(count)]


def _answers(tier: str, leaning: float, generator: np.random.Generator) -> list[object]:
    shown = int(generator.random() < SHOWN)
    less = LESS_IN_TOWNS if tier == "Gemeinde" else 0.0
    ticks = [int(generator.random() < np.clip(share - less + leaning, 0.02, 0.98)) for share in TOPICS.values()]
    need = NEED[int(np.clip(np.rint(generator.normal(1.9 - 4 * less + leaning, 0.9)), 0, 3))]
    staff = round(float(generator.gamma(2.0, 2.5 if tier == "Landkreis" else 1.2)), 1)
    blank = generator.random(2) < LEFT_OUT
    return [shown, *(ticks if shown else [""] * len(ticks)), "" if blank[0] else need, "" if blank[1] else staff]


def _margins(units: list[Unit]) -> str:
    """Return what the register knows of everyone who was asked: sizes, and the regions of each tier."""
    lines = [f"population: {len(units)}", "categories:", "  size:"]
    lines += [f"    {size}: {count}" for size, count in sorted(Counter(map(_size, units)).items())]
    lines += ["joint:", "  - columns: [tier, region]", "    counts:"]
    for tier in ("Landkreis", "Gemeinde"):
        counts = Counter(str(unit.region) for unit in units if _tier(unit) == tier)
        listed = ", ".join(f"{region}: {count}" for region, count in sorted(counts.items()))
        lines.append(f"      {tier}: {{{listed}}}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
