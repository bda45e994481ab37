"""A survey in LimeSurvey with one question of many kinds, made for tests of its answers."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from passgenau.formats.limesurvey.columns import fields
from passgenau.formats.limesurvey.structure import read_structure
from passgenau.formats.limesurvey.write import write_structure
from passgenau.survey.filters import Filter, OneOf, Reference
from passgenau.survey.questionnaire import Item, Other, Point, Question, Questionnaire, Scale, Section
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ITEMS = {
    "A": {"de": "Stadtplanung", "en": "Town planning"},
    "B": {"de": "Soziales", "en": "Social affairs"},
    "C": {"de": "Umwelt & Klima", "en": "Environment & climate"},
}
SCALE = {"1": {"de": "nie", "en": "never"}, "2": {"de": "oft", "en": "often"}}


def _items(prefix: str = "") -> tuple[Item, ...]:
    return tuple(Item(id=f"{prefix}{code}", text=Translations.of(text)) for code, text in ITEMS.items())


def _text(de: str, en: str) -> Translations:
    return Translations.of({"de": de, "en": en})


def questionnaire() -> Questionnaire:
    """Return a questionnaire as LimeSurvey has it: survey, group and question numbers included."""
    drawn = Questionnaire(
        title=_text("Quartier", "Quarter"),
        languages=("de", "en"),
        scales={"often": Scale(points=tuple(Point(id=k, text=Translations.of(t)) for k, t in SCALE.items()))},
        sections=(Section(id="first"), Section(id="second")),
        questions=(
            Question(
                id="amt",
                type="single",
                section="first",
                text=_text("Welches Amt?", "Which department?"),
                items=_items(),
                other=Other(text=_text("Sonstiges", "Other")),
            ),
            Question(
                id="plan",
                type="multiple",
                section="first",
                text=_text("Was ist geplant?", "What is planned?"),
                items=_items(),
                other=Other(text=_text("Sonstiges", "Other")),
            ),
            Question(
                id="arr",
                type="matrix",
                section="first",
                text=_text("Wie oft?", "How often?"),
                items=_items(),
                scale="often",
                second_scale="often",
            ),
            Question(
                id="rank", type="ranking", section="second", text=_text("Was zuerst?", "What first?"), items=_items()
            ),
            Question(
                id="tage",
                type="number",
                section="second",
                text=_text("Wie viele Tage?", "How many days?"),
                decimals=3,
                show_if=Filter(OneOf(Reference("amt"), ("A", "B"))),
            ),
            Question(id="wer", type="text", section="second", text=_text("Wer noch?", "Who else?")),
        ),
    )
    read = read_structure(write_structure(drawn).files["survey.lss"], "survey.lss").questionnaire
    assert read is not None
    return read


def response_file(
    survey: Questionnaire, rows: Sequence[Mapping[str, str | None]], *, since_7: bool = False, kind: str = "responses"
) -> bytes:
    """Return a `.lsr` file; answers are keyed by heading (`plan[A]`) or the name of a system column."""
    names = {f.heading: f.column_since_7 if since_7 else f.column for f in fields(survey)}
    columns = list(dict.fromkeys(names.get(key, key) for row in rows for key in row))
    body = "".join(_row({names.get(key, key): value for key, value in row.items()}) for row in rows)
    listed = "".join(f"<fieldname>{column}</fieldname>" for column in columns)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<document><LimeSurveyDocType>Responses</LimeSurveyDocType>'
        f"<DBVersion>623</DBVersion><languages><language>de</language></languages><{kind}><fields>{listed}</fields>"
        f"<rows>{body}</rows></{kind}></document>\n"
    ).encode()


def _row(row: Mapping[str, str | None]) -> str:
    return f"<row>{''.join(_cell(column, value) for column, value in row.items() if value is not None)}</row>"


def _cell(column: str, value: str) -> str:
    tag = column.replace("#", "-")
    tag = f"_{tag}" if tag[0].isdigit() else tag
    said = value.replace("]]>", "]]]]><![CDATA[>")
    return f"<{tag}><![CDATA[{said}]]></{tag}>" if value else f"<{tag}/>"


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def structure_file(survey: Questionnaire) -> bytes:
    """Return the `.lss` file of a survey."""
    return write_structure(survey).files["survey.lss"]
