"""`passgenau questionnaire`: the questionnaire as paper form, document for a committee and codebook; two waves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from passgenau import __version__
from passgenau.cli.delivery import Delivery
from passgenau.cli.language import Command, said
from passgenau.cli.options import FormatOption, JsonOption, OptionalOutOption
from passgenau.cli.printing import counted, put, put_json, table
from passgenau.cli.speech import Speech, speech
from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passgenau.reading import Loaded, Location
    from passgenau.report.questionnaire import Setting
    from passgenau.survey.compare import ItemComparison
    from passgenau.survey.completeness import Gap
    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.text import Lang

# What reads questionnaires and writes documents is imported inside the command, so that help answers at once.

_NAME = "questionnaire.yaml"
FILES = ("questionnaire.pdf", "questionnaire.docx", "codebook.pdf", "codebook.html", "codebook.csv")
"""What the command writes with --out."""
COMPARISON_FILES = ("comparison.pdf", "comparison.html", "comparison.csv")
"""What it writes besides with --against."""
_CELL = 60  # characters of a wording on the terminal


def add_to(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command("questionnaire", cls=Command, help=_HELP)(questionnaire)


_HELP = said(
    "Fragebogen als Papierformular, Gremienfassung und Codebuch; zwei Wellen vergleichen.",
    "The questionnaire as paper form, committee document and codebook; compare two waves.",
)


def questionnaire(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    study: Annotated[
        Path,
        typer.Argument(
            metavar="STUDY",
            help=said(
                "Ordner der Studie, oder ein Fragebogen (YAML, .lss …).",
                "Folder of the study, or a questionnaire (YAML, .lss …).",
            ),
        ),
    ],
    out: OptionalOutOption = None,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="LANG",
            help=said(
                "Eine Sprache des Fragebogens; ohne Angabe die erste.",
                "A language of the questionnaire; its first one by default.",
            ),
        ),
    ] = None,
    audience: Annotated[
        str | None,
        typer.Option(
            "--audience",
            metavar="ID",
            help=said("Nur der Bogen dieser Zielgruppe.", "Only the form of this audience."),
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="OTHER",
            help=said(
                "Frühere Welle zum Vergleich: Ordner oder Datei.", "The earlier wave to compare with: folder or file."
            ),
        ),
    ] = None,
    output: FormatOption = "text",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Check, print and write a questionnaire; compare it with an earlier one."""
    from passgenau.survey.compare import compare  # noqa: PLC0415 -- see above
    from passgenau.survey.completeness import completeness  # noqa: PLC0415 -- see above

    as_json = as_json or output == "json"
    say = speech(context, "de" if lang == "de" else "en" if lang == "en" else None)
    loaded = _read(study)
    asked = loaded.value
    language = _language(asked, lang)
    setting = _setting(study)
    _check_audience(audience, setting, asked)
    earlier = _read(against).value if against is not None else None
    comparisons = compare(earlier, asked) if earlier is not None else None
    gaps = completeness(asked)
    if out is None:
        _show(loaded, language, gaps, comparisons, say, as_json=as_json)
        return
    files = documents(asked, language, setting, audience)
    if earlier is not None and comparisons is not None:
        files |= _comparison_files(comparisons, earlier, asked, language, setting)
    with Delivery(out) as delivery:
        paths = delivery.deliver(files, (*FILES, *COMPARISON_FILES))
    names = [path.name for path in paths]
    if as_json:
        put_json(_tree(loaded, language, gaps, comparisons) | {"out": str(out), "files": names}, say.results)
        return
    _show(loaded, language, gaps, comparisons, say, as_json=False)
    head = Text(f"\nGeschrieben nach {out}:", f"\nWritten to {out}:").into(say.messages)
    put("\n".join([head, *(f"  {name}" for name in names)]))


def documents(asked: Questionnaire, language: str, setting: Setting, audience: str | None = None) -> dict[str, bytes]:
    """Return the documents of a questionnaire by the names of their files."""
    from passgenau.report import write_html, write_pdf  # noqa: PLC0415 -- see above
    from passgenau.report.questionnaire import (  # noqa: PLC0415 -- see above
        build_codebook,
        build_form,
        write_codebook_csv,
        write_committee_docx,
        write_form_pdf,
    )

    codebook = build_codebook(asked, language, setting)
    contents = (
        write_form_pdf(build_form(asked, language, setting, audience)),
        write_committee_docx(asked, language, setting),
        write_pdf(codebook),
        write_html(codebook).encode(),
        write_codebook_csv(asked, language, setting),
    )
    return dict(zip(FILES, contents, strict=True))


def _comparison_files(
    comparisons: tuple[ItemComparison, ...],
    earlier: Questionnaire,
    asked: Questionnaire,
    language: str,
    setting: Setting,
) -> dict[str, bytes]:
    from passgenau.report import write_html, write_pdf  # noqa: PLC0415 -- see above
    from passgenau.report.questionnaire import build_comparison, write_comparison_csv  # noqa: PLC0415 -- see above

    report = build_comparison(comparisons, earlier, asked, language, setting)
    contents = (
        write_pdf(report),
        write_html(report).encode(),
        write_comparison_csv(comparisons, asked, language),
    )
    return dict(zip(COMPARISON_FILES, contents, strict=True))


# --- what is read --------------------------------------------------------------------------------


def _read(place: Path) -> Loaded[Questionnaire]:
    """Read a questionnaire from a study folder, a file of passgenau, or a file of another tool."""
    from passgenau.formats.convert import read_any  # noqa: PLC0415 -- see above
    from passgenau.reading import Loaded, load_yaml  # noqa: PLC0415 -- see above
    from passgenau.survey.questionnaire import Questionnaire  # noqa: PLC0415 -- see above

    if not place.exists():
        raise InputError.of(
            f"{place} gibt es nicht.",
            f"{place} does not exist.",
            hint=Text(
                f"Einen Ordner mit {_NAME} nennen, oder die Datei selbst.",
                f"Name a folder with {_NAME}, or the file itself.",
            ),
        )
    if place.is_dir() or place.suffix.lower() in {".yaml", ".yml"}:
        return load_yaml(place / _NAME if place.is_dir() else place, Questionnaire)
    found = read_any(place)
    if found.questionnaire is None:
        raise InputError.of(
            f"{place.name} enthält Antworten, aber keinen Fragebogen.",
            f"{place.name} holds answers, but no questionnaire.",
            hint=Text("Die Datei mit der Struktur nennen, z. B. .lss.", "Name the file with the structure, e.g. .lss."),
        )
    return Loaded(found.questionnaire, place.name, _nowhere)


def _nowhere(_location: Location) -> None:
    """Return no line: what another tool wrote is not read line by line."""


def _setting(place: Path) -> Setting:
    """Return what a study folder says beside its questionnaire; nothing where there is only the questionnaire."""
    from passgenau.curriculum.catalogue import Catalogue  # noqa: PLC0415 -- see above
    from passgenau.reading import read_yaml  # noqa: PLC0415 -- see above
    from passgenau.report.questionnaire import Setting  # noqa: PLC0415 -- see above
    from passgenau.study.files import StudyFile  # noqa: PLC0415 -- see above

    folder = place if place.is_dir() else place.parent
    study, catalogue = folder / "study.yaml", folder / "catalogue.yaml"
    topics = {t.id: t.title for t in read_yaml(catalogue, Catalogue).topics} if catalogue.exists() else {}
    if not study.exists():
        return Setting(topics=topics, version=__version__)
    file = read_yaml(study, StudyFile)
    return Setting(
        title=file.title,
        office=file.office.name,
        contact=file.office.contact,
        audiences={audience.id: audience.name for audience in file.audiences},
        topics=topics,
        version=__version__,
    )


def _language(asked: Questionnaire, wanted: str | None) -> str:
    """Return the language to print: the one wanted, a variant of it, or the questionnaire's first."""
    if wanted is None:
        return asked.languages[0]
    variant = next((code for code in asked.languages if code.partition("-")[0] == wanted), None)
    found = wanted if wanted in asked.languages else variant
    if found is None:
        names = ", ".join(asked.languages)
        raise InputError.of(
            f"Den Fragebogen gibt es nicht in der Sprache {wanted!r}.",
            f"The questionnaire does not exist in the language {wanted!r}.",
            field="--lang",
            hint=Text(f"Es gibt: {names}.", f"There is: {names}."),
        )
    return found


def _check_audience(audience: str | None, setting: Setting, asked: Questionnaire) -> None:
    named = {name for question in asked.questions for name in question.audiences}
    named |= {name for question in asked.questions for item in question.items for name in item.audiences}
    known = [*setting.audiences, *sorted(named - set(setting.audiences))]
    if audience is not None and audience not in known:
        raise InputError.of(
            f"Die Zielgruppe {audience!r} gibt es nicht.",
            f"There is no audience {audience!r}.",
            field="--audience",
            hint=Text(f"Es gibt: {', '.join(known) or '–'}.", f"There is: {', '.join(known) or '–'}."),
        )


# --- what is shown -------------------------------------------------------------------------------


def _show(  # noqa: PLR0913 -- what was found, and how it is said
    loaded: Loaded[Questionnaire],
    language: str,
    gaps: Sequence[Gap],
    comparisons: tuple[ItemComparison, ...] | None,
    say: Speech,
    *,
    as_json: bool,
) -> None:
    if as_json:
        put_json(_tree(loaded, language, gaps, comparisons), say.results)
        return
    put(_head(loaded.value, say.messages))
    if gaps:
        put(_gaps(loaded, gaps, say.messages))
    if comparisons is not None:
        put(_compared(comparisons, loaded.value, language, say.messages))


def _tree(
    loaded: Loaded[Questionnaire],
    language: str,
    gaps: Sequence[Gap],
    comparisons: tuple[ItemComparison, ...] | None,
) -> dict[str, object]:
    from passgenau.survey.variables import variables  # noqa: PLC0415 -- see above

    asked = loaded.value
    tree: dict[str, object] = {
        "version": asked.version,
        "language": language,
        "languages": list(asked.languages),
        "questions": sum(question.answered for question in asked.questions),
        "variables": len(variables(asked)),
        "reconstruction": asked.reconstruction is not None,
        "missing": [
            {
                "kind": gap.kind,
                "line": loaded.line_of(gap.location),
                "field": loaded.problem(gap.location, gap.message).field,
                "message": gap.message,
            }
            for gap in gaps
        ],
    }
    if comparisons is not None:
        tree["comparison"] = [_compared_tree(each) for each in comparisons]
    return tree


def _compared_tree(each: ItemComparison) -> dict[str, object]:
    return {
        "question": each.question,
        "item": each.item,
        "status": each.status,
        "verdict": each.verdict,
        "reason": each.reason,
        "perhaps": each.perhaps,
        "changes": [
            {"what": c.what, "verdict": c.verdict, "before": c.before, "after": c.after, "reason": c.reason}
            for c in each.changes
        ],
    }


def _head(asked: Questionnaire, lang: Lang) -> str:
    from passgenau.survey.variables import variables  # noqa: PLC0415 -- see above

    questions = sum(question.answered for question in asked.questions)
    count = len(variables(asked))
    names = ", ".join(asked.languages)
    version = {"de": f"Fassung {asked.version}: ", "en": f"Version {asked.version}: "}[lang] if asked.version else ""
    if lang == "de":
        fields = f"{counted(questions, 'Frage', 'Fragen', 'de')}, {counted(count, 'Variable', 'Variablen', 'de')}"
    else:
        fields = f"{counted(questions, 'question')}, {counted(count, 'variable')}"
    head = f"{version}{fields}; {Text('Sprachen', 'languages').into(lang)}: {names}."
    if asked.reconstruction is not None:
        head += "\n" + Text("Nachbau, nicht zum Versand.", "A reconstruction, not to be sent out.").into(lang)
    return head


def _gaps(loaded: Loaded[Questionnaire], gaps: Sequence[Gap], lang: Lang) -> str:
    lines = [Text("\nNoch offen:", "\nStill missing:").into(lang)]
    for gap in gaps:
        line = loaded.line_of(gap.location)
        place = f"{loaded.name}, {Text('Zeile', 'line').into(lang)} {line}: " if line is not None else ""
        hint = f" {gap.hint.into(lang)}" if gap.hint else ""
        lines.append(f"  {place}{gap.message.into(lang)}{hint}")
    return "\n".join(lines)


def _compared(comparisons: tuple[ItemComparison, ...], asked: Questionnaire, language: str, lang: Lang) -> str:
    from passgenau.report.questionnaire.waves import STATUS_WORDS, VERDICT_WORDS  # noqa: PLC0415 -- see above
    from passgenau.survey.plain_text import shown  # noqa: PLC0415 -- see above

    heads: Mapping[Lang, tuple[str, ...]] = {
        "de": ("Frage oder Antwort", "Wortlaut", "Urteil"),
        "en": ("Question or item", "Wording", "Verdict"),
    }
    whole = {each.question: each for each in comparisons if each.item is None}
    rows, reasons = [], []
    for each in comparisons:
        verdict = VERDICT_WORDS[each.verdict] if each.status == "kept" else STATUS_WORDS[each.status]
        words = " ".join(shown(each.wording, asked, language).split())
        short = words if len(words) <= _CELL else words[: _CELL - 1] + "…"
        if each.item is None or not _as_its_question(each, whole[each.question]):
            rows.append((each.name if each.item is None else f"  {each.name}", short, verdict.into(lang)))
        if each.item is None and (each.changes or each.perhaps):
            reasons.append(f"  {each.question}: {each.reason.into(lang)}")
    said_why = [Text("\nWarum:", "\nWhy:").into(lang), *reasons] if reasons else []
    return "\n".join(["", table(heads[lang], "<<<", rows), *said_why])


def _as_its_question(item: ItemComparison, question: ItemComparison) -> bool:
    """Return whether an item says nothing that its question does not say already."""
    return (item.status, item.verdict, item.changes) == (question.status, question.verdict, question.changes)
