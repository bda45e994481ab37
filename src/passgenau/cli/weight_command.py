"""`passgenau weight`: bring answers to known totals, and say what the weights cost."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from passgenau.cli.delivery import Delivery
from passgenau.cli.language import Command, said
from passgenau.cli.options import JsonOption, LangOption
from passgenau.cli.printing import number, percent, put, put_json, table
from passgenau.cli.speech import speech
from passgenau.errors import InputError
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from passgenau.cli.margins import Known
    from passgenau.estimation.design import Design
    from passgenau.estimation.engines.delimited import Delimited
    from passgenau.estimation.engines.rows import Rows
    from passgenau.estimation.survey import Survey
    from passgenau.estimation.weighting import MarginCheck, WeightDiagnostics
    from passgenau.text import Lang

Method = Literal["rake", "linear", "logit", "poststratify"]
TableFormat = Literal["table", "json", "csv"]

_OFF = 1e-9  # relative deviation from a total that is rounding and no more


def add_to(app: typer.Typer) -> None:
    """Add the command to an app."""
    app.command(
        "weight",
        cls=Command,
        help=said(
            "Antworten auf bekannte Summen der Grundgesamtheit gewichten.",
            "Weight answers to known totals of the population.",
        ),
    )(weight)


def weight(  # noqa: PLR0913, PLR0917 -- one parameter per option
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help=said(
                "CSV, Parquet, SPSS (.sav) oder ein Ordner mit Parquet-Dateien.",
                "CSV, Parquet, SPSS (.sav) or a folder of Parquet files.",
            ),
        ),
    ],
    margins: Annotated[
        Path,
        typer.Option(
            "--margins",
            metavar="YAML",
            help=said("Die bekannten Summen (docs/weights.md).", "The known totals (docs/weights.md)."),
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE",
            help=said(
                "Die Daten mit einer Spalte der Gewichte, .csv oder .parquet; vollständig oder gar nicht.",
                "The data with a column of weights, .csv or .parquet; whole or not at all.",
            ),
        ),
    ],
    method: Annotated[
        Method,
        typer.Option(
            "--method",
            help=said(
                "Raking, lineare Kalibrierung (GREG), Logit zwischen Schranken, Nachschichtung.",
                "Raking, linear calibration (GREG), logit between bounds, post-stratification.",
            ),
        ),
    ] = "rake",
    bounds: Annotated[
        str | None,
        typer.Option(
            "--bounds",
            metavar="L,U",
            help=said(
                "Kleinster und größter Faktor, mit dem ein Gewicht verändert wird, z. B. 0.3,3.",
                "Smallest and largest factor by which a weight is changed, such as 0.3,3.",
            ),
        ),
    ] = None,
    trim: Annotated[
        str | None,
        typer.Option(
            "--trim",
            metavar="L,U",
            help=said(
                "Gewichte danach auf Vielfache ihres Mittels stutzen, z. B. 0.2,5.",
                "Then trim weights to multiples of their mean, such as 0.2,5.",
            ),
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--weight",
            metavar="W",
            help=said(
                "Spalte der Gewichte, von denen ausgegangen wird; sonst N/n.",
                "Column of the weights to start from; else N/n.",
            ),
        ),
    ] = None,
    strata: Annotated[
        str | None, typer.Option("--strata", metavar="S", help=said("Spalte der Schichten.", "Column of strata."))
    ] = None,
    psu: Annotated[
        str | None,
        typer.Option(
            "--psu",
            metavar="P[,Q]",
            help=said("Spalten der Auswahleinheiten, eine je Stufe.", "Columns of the units drawn, one per stage."),
        ),
    ] = None,
    fpc: Annotated[
        str | None,
        typer.Option(
            "--fpc",
            metavar="F[,G]",
            help=said(
                "Spalten mit der Zahl der Einheiten der Grundgesamtheit, eine je Stufe.",
                "Columns with the number of units of the population, one per stage.",
            ),
        ),
    ] = None,
    nest: Annotated[  # noqa: FBT002 -- a flag of the command line
        bool,
        typer.Option(
            "--nest",
            help=said(
                "Namen der Auswahleinheiten gelten nur in ihrer Schicht.",
                "Names of units count within their stratum only.",
            ),
        ),
    ] = False,
    name: Annotated[
        str,
        typer.Option("--name", metavar="NAME", help=said("Name der neuen Spalte.", "Name of the new column.")),
    ] = "weight",
    lang: LangOption = None,
    output: Annotated[
        TableFormat, typer.Option("--format", help=said("Form der Kennzahlen.", "Form of the figures."))
    ] = "table",
    as_json: JsonOption = False,  # noqa: FBT002 -- a flag of the command line
) -> None:
    """Weight a data file, write it, and print what the weights cost."""
    from passgenau.cli.margins import read_margins  # noqa: PLC0415 -- loads SciPy
    from passgenau.estimation.design import Design  # noqa: PLC0415 -- likewise
    from passgenau.estimation.engines.rows import read_rows  # noqa: PLC0415 -- loads Arrow

    say = speech(context, lang)
    _check_output(out, data, margins)
    rows = read_rows(data)
    try:
        frame = _frame(rows)
        _check_name(name, frame, data)
        design = Design(weight=base, strata=strata, ids=_names(psu), fpc=_names(fpc), nest=nest)
        with Delivery(out.parent) as delivery:
            survey = _survey(frame, design, data)
            known = read_margins(margins, survey)
            result = _weighted(survey, known, method, _pair(bounds, "--bounds"), _pair(trim, "--trim"))
            delivery.deliver({out.name: _file(rows, frame, name, result.survey, out.suffix.lower())})
    finally:
        rows.close()
    if as_json or output == "json":
        put_json(_tree(result, out), say.results)
    else:
        put(_csv(result) if output == "csv" else _summary(result, out, name, say.messages))


@dataclass(frozen=True, slots=True)
class _Result:
    """A weighted survey and its figures."""

    survey: Survey
    method: Text
    diagnostics: WeightDiagnostics
    checks: tuple[MarginCheck, ...]
    notes: tuple[Text, ...]


# --- input ---------------------------------------------------------------------------------------


def _names(words: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip()) if words else ()


def _pair(words: str | None, option: str) -> tuple[float, float] | None:
    """Read two numbers with a comma between them."""
    if words is None:
        return None
    try:
        low, high = (float(word) for word in words.split(","))
    except ValueError:
        raise InputError.of(
            f"„{words}“ sind keine zwei Zahlen.",
            f'"{words}" are not two numbers.',
            field=option,
            hint=Text("Mit Punkt und Komma: 0.3,3", "With point and comma: 0.3,3"),
        ) from None
    if not low < high:
        raise InputError.of(
            f"„{words}“: Die erste Zahl ist nicht kleiner als die zweite.",
            f'"{words}": the first number is not below the second.',
            field=option,
        )
    return low, high


def _check_output(out: Path, data: Path, margins: Path) -> None:
    if out.suffix.lower() not in {".csv", ".parquet"}:
        raise InputError.of(
            f"Dateien mit der Endung „{out.suffix}“ werden nicht geschrieben.",
            f'Files that end in "{out.suffix}" are not written.',
            file=str(out),
            hint=Text("Möglich: .csv und .parquet.", "Possible: .csv and .parquet."),
        )
    if out.resolve() in {data.resolve(), margins.resolve()}:
        raise InputError.of(
            "Diese Datei wird gelesen; sie wird nicht überschrieben.",
            "This file is read; it is not overwritten.",
            file=str(out),
            hint=Text("Mit --out eine andere Datei nennen.", "Name another file with --out."),
        )


def _frame(rows: Rows) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415 -- loaded with the data

    from passgenau.estimation.engines.rows import frame_of  # noqa: PLC0415 -- loads Arrow

    frame = frame_of(rows)
    return frame.collect() if isinstance(frame, pl.LazyFrame) else frame


def _check_name(name: str, frame: pl.DataFrame, data: Path) -> None:
    if name in frame.columns:
        raise InputError.of(
            f"Die Daten haben schon eine Spalte „{name}“.",
            f'The data have a column "{name}" already.',
            file=str(data),
            field=name,
            hint=Text("Mit --name einen anderen Namen wählen.", "Choose another name with --name."),
        )


def _survey(frame: pl.DataFrame, design: Design, data: Path) -> Survey:
    """Join the rows with their design; messages name the file."""
    from passgenau.estimation.survey import Survey  # noqa: PLC0415 -- loads SciPy

    try:
        return Survey.of(frame, design)
    except InputError as error:
        raise InputError(replace(p, file=p.file or str(data)) for p in error.problems) from None


# --- weighting -----------------------------------------------------------------------------------


def _weighted(
    survey: Survey, known: Known, method: Method, bounds: tuple[float, float] | None, limits: tuple[float, float] | None
) -> _Result:
    from passgenau.estimation.weighting import check_margins, diagnose, trim  # noqa: PLC0415 -- loads SciPy

    notes = []
    design = survey.design
    if design.weight is None and not design.fpc and known.population is not None:
        factor = known.population / survey.rows
        survey = replace(survey, weight=survey.weight * factor)
        notes.append(
            Text(
                f"Jede Zeile beginnt mit dem Gewicht N/n = {number(factor, 'de', 3)}.",
                f"Every row starts from the weight N/n = {number(factor, 'en', 3)}.",
            )
        )
    done = _calibrated(survey, known, method, bounds)
    if limits is not None:
        mean = float(done.weight[done.weight != 0].mean())
        done = trim(done, limits[0] * mean, limits[1] * mean, strict=True)
    figures, checks = diagnose(done), check_margins(done)
    notes += _warnings(figures, checks)
    return _Result(done, _METHODS[method], figures, checks, tuple(notes))


_METHODS = {
    "rake": Text("Raking", "raking"),
    "linear": Text("lineare Kalibrierung (GREG)", "linear calibration (GREG)"),
    "logit": Text("Logit-Kalibrierung", "logit calibration"),
    "poststratify": Text("Nachschichtung", "post-stratification"),
}


def _calibrated(survey: Survey, known: Known, method: Method, bounds: tuple[float, float] | None) -> Survey:
    from passgenau.estimation.weighting import calibrate, poststratify, rake  # noqa: PLC0415 -- loads SciPy

    if method == "poststratify":
        if len(known.counts) != 1 or known.numbers or bounds:
            raise InputError.of(
                "Nachschichtung braucht genau eine Verteilung und keine Schranken.",
                "Post-stratification takes exactly one distribution and no bounds.",
                field="--method",
                hint=Text("Für mehrere: --method rake.", "For several: --method rake."),
            )
        (columns, totals), *_ = known.counts.items()
        return poststratify(survey, columns, totals)
    if method == "logit" and bounds is None:
        raise InputError.of(
            "Das Verfahren „logit“ braucht Schranken.",
            'The method "logit" needs bounds.',
            field="--bounds",
            hint=Text("Zum Beispiel --bounds 0.3,3.", "For example --bounds 0.3,3."),
        )
    if method == "rake" and bounds is None and not known.numbers:
        return rake(survey, known.counts)
    return calibrate(
        survey,
        {**known.counts, **known.numbers},
        population=known.population,
        function="raking" if method == "rake" else method,
        bounds=bounds,
    )


def _warnings(figures: WeightDiagnostics, checks: tuple[MarginCheck, ...]) -> Iterator[Text]:
    if figures.negative:
        yield Text(
            f"{figures.negative} Gewichte sind negativ; --method rake oder --bounds vermeidet das.",
            f"{figures.negative} weights are negative; --method rake or --bounds avoids that.",
        )
    off = [check for check in checks if abs(check.after - check.target) > _OFF * abs(check.target)]
    if off:
        worst = max(off, key=lambda check: abs(check.after / check.target - 1) if check.target else math.inf)
        yield Text(
            f"Nach dem Stutzen verfehlen {len(off)} Summen ihren Wert, am weitesten „{worst.name}“ "
            f"({_short(worst.after, 'de')} statt {_short(worst.target, 'de')}).",
            f'After trimming {len(off)} totals are missed, the furthest "{worst.name}" '
            f"({_short(worst.after, 'en')} instead of {_short(worst.target, 'en')}).",
        )


# --- output --------------------------------------------------------------------------------------


def _file(rows: Rows, frame: pl.DataFrame, name: str, survey: Survey, suffix: str) -> bytes:
    """Return the data with the new column; cells of a CSV file stay as they are written."""
    import polars as pl  # noqa: PLC0415 -- loaded with the data

    if suffix == ".csv" and rows.delimited is not None:
        return _extended(rows.delimited, frame, name, survey)
    buffer = io.BytesIO()
    whole = frame.with_columns(pl.Series(name, survey.weight))
    if suffix == ".csv":
        whole.write_csv(buffer)
    else:
        whole.write_parquet(buffer)
    return buffer.getvalue()


def _extended(source: Delimited, frame: pl.DataFrame, name: str, survey: Survey) -> bytes:
    with source.path.open(newline="", encoding="utf-8-sig") as file:
        records = [record for record in csv.reader(file, delimiter=source.delimiter) if record or frame.width == 1]
    floats = [place for place, kind in enumerate(frame.dtypes) if kind.is_float()]
    comma = source.delimiter != "," and any("," in record[place] for record in records[1:] for place in floats)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=source.delimiter, lineterminator="\n")
    writer.writerow([*records[0], name])
    for record, value in zip(records[1:], survey.weight.tolist(), strict=True):
        writer.writerow([*record, repr(value).replace(".", ",") if comma else repr(value)])
    return out.getvalue().encode("utf-8")


def _tree(result: _Result, out: Path) -> dict[str, Any]:
    figures = {key: value if math.isfinite(value) else None for key, value in asdict(result.diagnostics).items()}
    return {
        "file": str(out),
        "method": result.method,
        "weights": figures,
        "totals": [asdict(check) for check in result.checks],
        "notes": list(result.notes),
    }


def _csv(result: _Result) -> str:
    """Return the figures, then the totals: one line each, with the part that a line belongs to."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["part", "name", "value", "rows", "target", "before"])
    for key, value in asdict(result.diagnostics).items():
        writer.writerow(["weights", key, value if math.isfinite(value) else "", "", "", ""])
    for check in result.checks:
        writer.writerow(["totals", check.name, check.after, check.rows, check.target, check.before])
    return out.getvalue().rstrip("\n")


def _summary(result: _Result, out: Path, name: str, lang: Lang) -> str:
    d = result.diagnostics
    columns = [word.into(lang) for word in _COLUMNS]
    rows = [
        [check.name, number(check.rows, lang), *(_short(x, lang) for x in (check.target, check.before, check.after))]
        for check in result.checks
    ]
    figures = (
        (Text("Zeilen", "Rows"), number(d.rows, lang)),
        (Text("Summe der Gewichte", "Sum of the weights"), _short(d.total, lang)),
        (
            Text("kleinstes – größtes", "smallest – largest"),
            f"{number(d.minimum, lang, 3)} – {number(d.maximum, lang, 3)}",
        ),
        (
            Text("größtes / kleinstes", "largest / smallest"),
            number(d.ratio, lang, 2) if math.isfinite(d.ratio) else "–",
        ),
        (Text("Variationskoeffizient", "Coefficient of variation"), number(d.cv, lang, 3)),
        (Text("Anteil des größten", "Share of the largest"), percent(d.largest_share, lang, 1)),
        (Text("Designeffekt (Kish)", "Design effect (Kish)"), number(d.design_effect, lang, 3)),
        (Text("wirksame Zahl der Antworten", "Effective number of answers"), number(d.effective_size, lang, 1)),
    )
    head = Text(
        f"{result.method.de}: Spalte „{name}“ in {out}",
        f'{(result.method.en or "").capitalize()}: column "{name}" in {out}',
    )
    width = max(len(label.into(lang)) for label, _ in figures)
    lines = [f"{label.into(lang):<{width}}  {value}" for label, value in figures]
    notes = [note.into(lang) for note in result.notes]
    return "\n".join([head.into(lang), "", table(columns, "<>>>>", rows), "", *lines, *(["", *notes] if notes else [])])


_COLUMNS = (
    Text("Summe", "Total"),
    Text("Zeilen", "Rows"),
    Text("bekannt", "known"),
    Text("vorher", "before"),
    Text("nachher", "after"),
)


def _short(value: float, lang: Lang) -> str:
    return number(value, lang, 0 if abs(value - round(value)) < 0.05 else 1)  # noqa: PLR2004 -- half a shown digit
