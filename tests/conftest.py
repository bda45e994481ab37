"""What many tests share: the worked example, an empty study to spoil, and a district to think with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from passgenau.frame import Frame, Unit
from passgenau.study import Study, template

EXAMPLE = Path(__file__).parent.parent / "examples" / "quartier2020"


@pytest.fixture(scope="session")
def example_folder() -> Path:
    """The folder of the worked example; nobody writes into it."""
    return EXAMPLE


@pytest.fixture(scope="session")
def example_study() -> Study:
    """The worked example, opened once per process."""
    return Study.open(EXAMPLE)


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    """A small study of one's own that passes its check: what `passgenau new` writes."""
    folder = tmp_path / "study"
    folder.mkdir()
    for name, content in template().items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def spoil(study_folder: Path) -> Callable[[str, str, str], Path]:
    """Replace one piece of one file of `study_folder`; the piece must be there."""

    def replace(name: str, old: str, new: str) -> Path:
        path = study_folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not contain {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return study_folder

    return replace


@pytest.fixture(scope="session")
def toy_landkreis() -> Frame:
    """Six invented municipalities around one town, small enough to solve on paper.

    Altstadt lies in the middle; Bach, Claus and Dorn lie to its west within a few kilometres of
    each other, Eck and Feld to its east. Two groups of three are the short way to gather them.
    """
    places = (
        ("Altstadt", 21_000, 9.60),
        ("Bach", 4_000, 9.40),
        ("Claus", 3_000, 9.41),
        ("Dorn", 2_500, 9.42),
        ("Eck", 6_000, 9.78),
        ("Feld", 1_200, 9.80),
    )
    units = tuple(_unit(number, *place) for number, place in enumerate(places, start=1))
    return Frame("toy", units, ())


def _unit(number: int, name: str, population: int, lon: float) -> Unit:
    return Unit(
        key=f"9900100{number}",
        name=name,
        label=name,
        tier="municipality",
        type="Stadt" if population > 20_000 else "Gemeinde",
        state="99",
        district="99001",
        district_label="Musterkreis",
        region=None,
        population=population,
        area_km2=20.0,
        lat=50.9,
        lon=lon,
        postcode=None,
        urbanisation=None,
        size_class="Mittelstadt" if population > 20_000 else "Kleinstadt" if population >= 5_000 else "Landgemeinde",
    )
