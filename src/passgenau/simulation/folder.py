"""A study folder for an invented return: the files of the study it was made for, each saying what it is."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from typing import TYPE_CHECKING

import yaml

from passgenau.simulation.simulate import SYNTHETIC
from passgenau.survey.answer_files import write_answers
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passgenau.frame import Frame
    from passgenau.simulation.assumptions import SimulationAssumptions
    from passgenau.simulation.margins import Met
    from passgenau.simulation.simulate import Simulation

LEFT_OUT = frozenset({"published.yaml"})
"""Files of the study that do not go along: what was published speaks of other answers."""
NOTICE = Text(
    f"{SYNTHETIC.de}. Sie zeigen, wie eine Auswertung aussieht, und sagen nichts über wirkliche Kommunen.",
    f"{SYNTHETIC.en}. They show what an analysis looks like and say nothing about real municipalities.",
)
"""Stands on every page of a report made from the folder."""

_SET = "# Vom Befehl simulate gesetzt.\n"
_BACKGROUND = Text(
    "Wer in dieser Studie geantwortet hat und was, hat ein Programm ausgelost: über dem wirklichen Verzeichnis der "
    "Kommunen, unter den Annahmen in simulation.yaml und, wo es sie gibt, passend zu veröffentlichten Anteilen. Die "
    "Studie zeigt, wie eine Auswertung von Antwortbögen aussieht; aus ihren Ergebnissen folgt nichts.",
    "Who answered in this study, and what, was drawn by a program: over the real register of municipalities, under "
    "the assumptions in simulation.yaml and, where there are any, in line with published shares. The study shows what "
    "an analysis of answer sheets looks like; nothing follows from its results.",
)


def folder_files(
    simulation: Simulation,
    originals: Mapping[str, bytes],
    frames: Mapping[str, Frame],
    assumptions: SimulationAssumptions,
) -> dict[str, bytes]:
    """Return the files of the new folder by name.

    Parameters
    ----------
    simulation
        The invented return.
    originals
        The files of the study, by name, `study.yaml` among them.
    frames
        The populations, for the weights: only characteristics that differ among the organisations are used.
    assumptions
        Written into the folder, so that the return can be made again.
    """
    files = {
        name: _marked(name, content)
        for name, content in sorted(originals.items())
        if name not in LEFT_OUT and name != "study.yaml"
    }
    names = {met.source_id: f"{met.audience}.{met.question}.{met.item}" for met in simulation.published}
    files["study.yaml"] = _study(originals["study.yaml"].decode("utf-8"), frames, names).encode("utf-8")
    files["simulation.yaml"] = _assumptions(assumptions, simulation.seed)
    files["responses.csv"] = write_answers(simulation.responses)
    files["truth.json"] = truth_json(simulation)
    files |= {"published.csv": published_csv(simulation)} if simulation.published else {}
    files["README.md"] = _readme(simulation).encode("utf-8")
    return files


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in text.splitlines())


def _marked(name: str, content: bytes) -> bytes:
    """Return a file of the study with the notice in front, where its form has comments."""
    notice = _comment(f"{NOTICE.de}\n{NOTICE.en}").encode("utf-8")
    if not name.endswith((".yaml", ".yml")) or content.startswith(notice):
        return content
    return notice + content


def _study(text: str, frames: Mapping[str, Frame], names: Mapping[str, str]) -> str:
    """Return `study.yaml` with the notice as its banner, pointing to the answers; comments stay.

    A known total that was compared with a published share (`names`) is compared with the same share of the answers.
    """
    head = _comment(f"{NOTICE.de}\n{NOTICE.en}")
    kept = _without(text.removeprefix(head).replace(_SET, ""), ("banner", "background", "responses"))
    kept = re.sub(
        r"^(\s+compare_with:\s*)([\w.-]+)",
        lambda found: found[1] + names.get(found[2], found[2]),
        kept,
        flags=re.MULTILINE,
    )
    banner = f'banner:\n  de: "{NOTICE.de}"\n  en: "{NOTICE.en}"\n'
    margins = _margins(frames.values())
    weights = f"\n  weights: {{margins: [{', '.join(margins)}]}}" if margins else ""
    answers = f"responses:\n  file: responses.csv\n  combine: any{weights}\n"
    background = f'background:\n  - de: "{_BACKGROUND.de}"\n    en: "{_BACKGROUND.en}"\n'
    return f"{head}\n{kept.strip()}\n\n{_SET}{banner}\n{background}\n{answers}"


def _without(text: str, keys: Iterable[str]) -> str:
    """Return a YAML text without some of its top-level entries."""
    for key in keys:
        text = re.sub(rf"^{key}:.*\n(?:(?:[ \t]+.*)?\n)*?(?=\S|\Z)", "", text, flags=re.MULTILINE)
    return text


def _margins(frames: Iterable[Frame]) -> list[str]:
    """Return by what the answers are weighted: what differs among the organisations of some audience."""
    every = tuple(frames)
    return [
        name
        for name in ("size_class", "region")
        if any(len({getattr(unit, name) for unit in frame.units}) > 1 for frame in every)
    ]


def _assumptions(assumptions: SimulationAssumptions, seed: int) -> bytes:
    plain = assumptions.model_dump(mode="json")
    body = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)
    head = _comment(f"{NOTICE.de}\n{NOTICE.en}\nAnnahmen, aus denen die Antworten erzeugt wurden (Startwert {seed}).")
    return f"{head}\n{body}".encode()


def truth_json(simulation: Simulation) -> bytes:
    """Return the truth of a simulation as JSON: what all organisations would have answered."""
    tree = {
        "synthetic": {"de": SYNTHETIC.de, "en": SYNTHETIC.en},
        "seed": simulation.seed,
        **dataclasses.asdict(simulation.truth),
        "published": [_plain(met) for met in simulation.published],
    }
    return (json.dumps(tree, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")


def _plain(met: Met) -> dict[str, object]:
    found = dataclasses.asdict(met)
    return found | {"why": {"de": met.why.de, "en": met.why.into("en")} if met.why else None}


def published_csv(simulation: Simulation) -> bytes:
    """Return every printed share beside what the invented return gives, as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "source_id",
            "audience",
            "question",
            "item",
            "printed",
            "synthetic_yes",
            "synthetic_base",
            "met",
            "why",
            "note",
        ]
    )
    for met in simulation.published:
        writer.writerow(
            [met.source_id, met.audience, met.question, met.item, met.printed]
            + ["" if number is None else number for number in (met.yes, met.base)]
            + [str(met.met).lower(), met.why.de if met.why else "", SYNTHETIC.de]
        )
    return out.getvalue().encode("utf-8")


def _readme(simulation: Simulation) -> str:
    returns = "\n".join(
        f"- {r.audience}: {r.organisations} von {r.population} Organisationen, {r.sheets} auswertbare Bögen"
        for r in simulation.truth.returns
    )
    met = sum(found.met for found in simulation.published)
    fitted = (
        f"\nVon {len(simulation.published)} veröffentlichten Prozentwerten ergeben die künstlichen Bögen {met} so, wie "
        "sie gedruckt sind; `published.csv` nennt jeden, auch die übrigen mit dem Grund.\n"
        if simulation.published
        else ""
    )
    return f"""# {SYNTHETIC.de}

**{NOTICE.de}**

**{NOTICE.en}**

Die Schlüssel in `responses.csv` gehören wirklichen Landkreisen, Städten und Gemeinden. Welche davon geantwortet
haben und was, ist ausgelost: Keine Zeile sagt etwas über die Organisation, deren Schlüssel sie trägt. Wer die
Antworten einer bestimmten Kommune sucht, findet sie hier nicht.

{returns}
{fitted}
- `responses.csv`: die Bögen; die Spalte `sheet.synthetic` sagt in jeder Zeile, dass sie erfunden ist
- `truth.json`: was alle Organisationen geantwortet hätten, um Schätzungen daran zu prüfen
- `simulation.yaml`: die Annahmen
- `study.yaml` und die übrigen Dateien: wie in der Studie, für die simuliert wurde

Erzeugt mit `passgenau simulate STUDIE --seed {simulation.seed} --out ORDNER`; dieselben Dateien und derselbe Startwert
ergeben dieselben Bytes.
"""
