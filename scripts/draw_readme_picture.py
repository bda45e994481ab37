"""Draw the picture of the README from the worked example.

python scripts/draw_readme_picture.py    # docs/images/wishes.svg
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from passgenau import study
from passgenau.report.model import Figure
from passgenau.study.steps import material

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passgenau.report.model import Section

ROOT = Path(__file__).parent.parent
FIGURE = "fig-training_fields"
PICTURE = ROOT / "docs" / "images" / "wishes.svg"


def figures(sections: Iterable[Section]) -> Iterator[Figure]:
    """Yield every figure of some sections, in order."""
    for section in sections:
        yield from (element for element in section.elements if isinstance(element, Figure))
        yield from figures(section.sections)


def main() -> None:
    """Write the picture."""
    opened = study.Study.open(ROOT / "examples" / "quartier2020")
    findings = study.analyse(opened)
    needs = study.assess(opened, findings)
    curriculum = study.derive(opened, needs)
    told = material(opened, findings, needs, curriculum, {"pilot": study.plan(opened, curriculum)})
    found = {figure.id: figure for figure in figures(study.report(told, "en").sections)}
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(found[FIGURE].svg + "\n", encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
