"""Write `examples/limesurvey/quartier.lsa`: an invented return as LimeSurvey archives it.

    python scripts/draw_limesurvey.py

The usable sheets of `examples/quartier2020-synthetisch`, as if they had been filled in in LimeSurvey; the first
question asks for the key of the municipality, as an office would ask it. Every answer is invented, and the archive
says so: in the title of the survey and in every token.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from passgenau.formats.limesurvey.write_answers import write_archive
from passgenau.survey.answer_files import read_answers
from passgenau.survey.questionnaire import Question, Questionnaire
from passgenau.survey.questionnaire_file import read_questionnaire
from passgenau.survey.responses import USABLE
from passgenau.survey.typed import type_answers
from passgenau.translations import Translations

EXAMPLES = Path(__file__).parent.parent / "examples"
STUDY = EXAMPLES / "quartier2020-synthetisch"
ARCHIVE = EXAMPLES / "limesurvey" / "quartier.lsa"


def main() -> None:
    """Write the archive."""
    ARCHIVE.parent.mkdir(exist_ok=True)
    ARCHIVE.write_bytes(archive())
    print(f"wrote {ARCHIVE.name}")


def archive() -> bytes:
    """Return the archive; the same study gives the same content."""
    asked = read_questionnaire(STUDY / "questionnaire.yaml")
    delivered = read_answers(STUDY / "responses.csv", asked)
    sheets = delivered.table.filter(pl.col("disposition").is_in(USABLE)).with_columns(ags="organisation")
    delivered = replace(delivered, table=sheets, columns={**delivered.columns, "ags": "ags"})
    written = write_archive(type_answers(delivered, with_key(asked)))
    return next(iter(written.files.values()))


def with_key(asked: Questionnaire) -> Questionnaire:
    """Return the questionnaire with the question that tells who answers, and a title that says it is invented."""
    key = Question(
        id="ags",
        type="text",
        required=True,
        section=asked.questions[0].section,
        text=Translations.of(
            {
                "de": "Amtlicher Gemeindeschlüssel Ihrer Kommune (Kreise: fünf Ziffern, Gemeinden: acht)",
                "en": "Official key of your municipality (districts: five digits, municipalities: eight)",
            }
        ),
    )
    title = Translations.of(
        {
            "de": "Fortbildung für Quartiersentwicklung: künstlich erzeugte Antworten",
            "en": "Training for neighbourhood development: synthetic answers",
        }
    )
    given = {name: getattr(asked, name) for name in Questionnaire.model_fields}
    return Questionnaire(**{**given, "title": title, "questions": (key, *asked.questions)})


if __name__ == "__main__":
    main()
