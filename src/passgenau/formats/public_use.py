"""A public-use file: chosen variables, coarsened, k-anonymous over what could be recognised, with codebook and licence.

Somebody who knows a few things of a municipality (the quasi-identifiers: its region, its size class, that it runs a
project) must not find sheets of fewer than k organisations with them. Values are coarsened first, as the specification
says; what is still rare is suppressed, as few values as a search over the sets of quasi-identifiers finds.
Organisation, token, day and texts never leave; the order of the sheets is drawn anew.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from passgenau.errors import DesignError, InputError
from passgenau.formats.anonymity import SUPPRESSED, rare_classes, suppress
from passgenau.formats.intake import harmless
from passgenau.reading import Record, RecordError, nearest
from passgenau.survey.facts import facts_of
from passgenau.survey.plain_text import shown
from passgenau.survey.responses import NOT_SHOWN, REFUSED, USABLE, State
from passgenau.survey.typed import number_text
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passgenau.frame import Frame
    from passgenau.survey.questionnaire import Questionnaire
    from passgenau.survey.responses import Responses
    from passgenau.survey.variables import Variable

INVALID = ".i"
"""How a cell says that something stood there that the codebook does not know."""
_MOST = 8  # quasi-identifiers; more leave nothing to publish


class Merge(Record):
    """Answers that become one."""

    id: str
    """What stands in the file."""
    label: Text
    """What it means."""
    of: tuple[str, ...] = Field(min_length=1)
    """The answers that it takes the place of, by their ids."""


class Chosen(Record):
    """One variable of the public-use file."""

    variable: str
    """A variable (`question_item`), or a question for all of its variables."""
    merge: tuple[Merge, ...] = ()
    """Answers put together; the others stay."""
    bands: tuple[float, ...] = ()
    """Lower limits of bands of a number, rising."""
    top: float | None = None
    """Numbers above become this one."""
    bottom: float | None = None
    """Numbers below become this one."""
    dates: Literal["month", "year"] | None = None
    """What of a date is published."""

    @model_validator(mode="after")
    def _limits_rise(self) -> Chosen:
        if list(self.bands) != sorted(set(self.bands)):
            raise RecordError("bands steigt nicht an.", "bands does not rise.", at=("bands",))
        if self.top is not None and self.bottom is not None and self.bottom > self.top:
            raise RecordError("bottom liegt über top.", "bottom exceeds top.", at=("bottom",))
        return self


class Licence(Record):
    """Under which the file is published."""

    name: str
    """As it is called."""
    url: str | None = None
    """Where its text stands."""
    text: Text | None = None
    """What is to be said beside it, such as how to cite the file."""


class PublicUse(Record):
    """`public_use.yaml`."""

    title: Text
    """Of the file."""
    licence: Licence
    """Under which it is published."""
    variables: tuple[Chosen, ...] = Field(min_length=1)
    """What is published; everything else is left out."""
    organisation: tuple[Literal["audience", "size_class", "region"], ...] = ()
    """What is published of the organisation instead of its name; needs the frame of a study."""
    quasi_identifiers: tuple[str, ...] = Field(default=(), max_length=_MOST)
    """Variables by which somebody could be recognised, the most useful first: the last are suppressed first."""
    k: int = Field(default=5, ge=2)
    """Sheets of so many organisations at least have the same quasi-identifiers."""
    seed: int = Field(default=1, ge=0)
    """Of the order of the sheets."""


@dataclass(frozen=True, slots=True, eq=False)
class PublicUseFile:
    """What is published, and what was done for it.

    Attributes
    ----------
    table
        The sheets in drawn order, every cell as text.
    changes
        What was changed, in order.
    below
        Classes of quasi-identifiers with sheets of fewer than k organisations before suppression: values and sheets.
    suppressed
        Values taken out, by variable.
    small_cells
        Variable, value and sheets of every published value that sheets of fewer than k organisations have.
    files
        By name: data, codebook, changes, licence.
    """

    table: pl.DataFrame
    changes: tuple[Text, ...]
    below: tuple[tuple[tuple[str, ...], int], ...]
    suppressed: Mapping[str, int]
    small_cells: tuple[tuple[str, str, int], ...]
    files: Mapping[str, bytes]


def public_use(
    responses: Responses, spec: PublicUse, frames: Mapping[str, Frame] | None = None, *, language: str | None = None
) -> PublicUseFile:
    """Return a public-use file of the complete and partial sheets.

    Parameters
    ----------
    responses
        Typed answers.
    spec
        What is published, and how coarsely.
    frames
        The population of each audience, for what is published of the organisation.
    language
        Of the codebook; the questionnaire's leading one by default.

    Raises
    ------
    InputError
        The specification names what does not exist or cannot be published.
    DesignError
        There are sheets of fewer than k organisations.
    """
    lang = language or responses.questionnaire.languages[0]
    rows = _usable(responses)
    columns = [column for chosen in spec.variables for column in _columns(chosen, responses, lang)]
    columns += [_fact(name, responses, frames) for name in spec.organisation]
    _check_names(columns, spec)
    table = pl.DataFrame([column.cells.filter(rows) for column in columns])
    owners = _owners(responses.sheets.filter(rows))
    if len(set(owners)) < spec.k:
        raise _too_few(table.height, len(set(owners)), spec.k)
    # The region and size of an organisation are known to everybody, whatever the specification names.
    keys = list(dict.fromkeys([*spec.quasi_identifiers, *spec.organisation]))
    below = rare_classes(table, keys, spec.k, owners)
    table, suppressed = suppress(table, keys, spec.k, owners)
    table, hidden = _hide_followers(table, keys, columns, responses.questionnaire)
    suppressed = {name: suppressed.get(name, 0) + hidden.get(name, 0) for name in (*suppressed, *hidden)}
    small = tuple(_small_cells(table, spec.k, owners))
    # Sorted first: from the seed alone, which is no secret, the order of the delivery could be worked out.
    table = table.sort(table.columns)
    order = np.random.default_rng([spec.seed, table.height]).permutation(table.height)
    table = table[order.tolist()]
    changes = tuple(_changes(responses, columns, spec, int((~rows).sum()), suppressed))
    files = {
        "public_use.csv": _data(table, responses.synthetic),
        "codebook.csv": _codebook(columns, table, lang),
        "changes.txt": _lines(spec, changes, below, small, lang, responses.synthetic),
        "LICENCE.txt": _licence(spec, lang),
    }
    return PublicUseFile(table, changes, below, suppressed, small, files)


def _usable(responses: Responses) -> pl.Series:
    """Return which sheets are complete or partial; one without a disposition counts as complete."""
    disposition = responses.sheets["disposition"]
    return disposition.is_null() | disposition.is_in(list(USABLE))


def _owners(sheets: pl.DataFrame) -> list[object]:
    """Return whose each sheet is: the organisation, or where none is known the sheet itself."""
    return [key if key is not None else place for place, key in enumerate(sheets["organisation"].to_list())]


def _too_few(sheets: int, organisations: int, k: int) -> DesignError:
    return DesignError(
        Text(
            f"{sheets} verwertbare Bögen von {organisations} Organisationen sind weniger als k = {k}; nichts kann "
            "veröffentlicht werden.",
            f"{sheets} usable sheets of {organisations} organisations are fewer than k = {k}; nothing can be "
            "published.",
        )
    )


# --- choosing and coarsening --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    name: str
    label: str
    cells: pl.Series
    categories: tuple[tuple[str, str], ...]  # code and label
    change: Text | None
    question: str | None = None  # that it answers; None for a fact about the organisation


def _columns(chosen: Chosen, responses: Responses, lang: str) -> list[_Column]:
    found = [v for v in responses.variables if v.name == chosen.variable]
    found = found or [v for v in responses.variables if v.question == chosen.variable and v.type != "text"]
    if not found:
        names = [v.name for v in responses.variables]
        raise InputError.of(
            f"Die Variable {chosen.variable!r} gibt es nicht.",
            f"There is no variable {chosen.variable!r}.",
            field="variables",
            hint=nearest(chosen.variable, names),
        )
    return [replace(_coarsened(v, chosen, responses, lang), question=v.question) for v in found]


def _coarsened(variable: Variable, chosen: Chosen, responses: Responses, lang: str) -> _Column:
    values, states = responses.values[variable.name], responses.states[variable.name]
    label = shown(variable.label, responses.questionnaire, lang)
    if variable.type == "text":
        raise _refused(variable, Text("Texte werden nicht veröffentlicht.", "Texts are not published."))
    if variable.type == "date":
        if chosen.dates is None:
            raise _refused(
                variable, Text("Ein Datum braucht dates: month oder year.", "A date needs dates: month or year.")
            )
        cells = values.dt.strftime("%Y-%m" if chosen.dates == "month" else "%Y")
        word = {"month": ("Monat", "month"), "year": ("Jahr", "year")}[chosen.dates]
        change = Text(
            f"{variable.name}: nur der {word[0]} des Datums.", f"{variable.name}: only the {word[1]} of the date."
        )
        return _Column(variable.name, label, _stated(cells, states), (), change)
    if variable.type in {"number", "rank"}:
        cells, bands, said = _number(values.cast(pl.Float64), chosen, variable.name)
        return _Column(variable.name, label, _stated(cells, states), bands, said)
    if variable.type == "flag":
        yes_no = (("0", "nein" if lang == "de" else "no"), ("1", "ja" if lang == "de" else "yes"))
        return _Column(variable.name, label, _stated(values.cast(pl.Int8).cast(pl.String), states), yes_no, None)
    categories = tuple((c.id, shown(c.label, responses.questionnaire, lang)) for c in variable.categories)
    cells, categories, said = _merged(values, categories, chosen, variable.name, lang)
    return _Column(variable.name, label, _stated(cells, states), categories, said)


def _refused(variable: Variable, message: Text) -> InputError:
    return InputError.of(f"{variable.name}: {message.de}", f"{variable.name}: {message.into('en')}", field="variables")


def _stated(cells: pl.Series, states: pl.Series) -> pl.Series:
    """Return cells as text, with the signs of what is missing."""
    signs = {State.NOT_SHOWN: NOT_SHOWN, State.REFUSED: REFUSED, State.INVALID: INVALID, State.EMPTY: ""}
    expression = pl.lit(cells.cast(pl.String).fill_null(""))
    for state, sign in signs.items():
        expression = pl.when(pl.lit(states) == int(state)).then(pl.lit(sign)).otherwise(expression)
    return pl.select(expression).to_series().alias(states.name)


def _number(values: pl.Series, chosen: Chosen, name: str) -> tuple[pl.Series, tuple[tuple[str, str], ...], Text | None]:
    """Return a number clipped, or by its band."""
    if chosen.bands:
        names = band_names(chosen.bands)
        place = np.searchsorted(np.asarray(chosen.bands), values.fill_null(0.0).to_numpy(), side="right")
        cells = pl.Series([names[p] for p in place.tolist()], dtype=pl.String)
        said = Text(
            f"{name}: in {len(names)} Klassen ({', '.join(names)}).",
            f"{name}: in {len(names)} bands ({', '.join(names)}).",
        )
        return cells, tuple((n, n) for n in names), said
    clipped = values.clip(chosen.bottom, chosen.top)
    limits = [
        f"≤ {chosen.bottom:g}" if chosen.bottom is not None else "",
        f"≥ {chosen.top:g}" if chosen.top is not None else "",
    ]
    words = ", ".join(limit for limit in limits if limit)
    change = Text(f"{name}: zusammengefasst {words}.", f"{name}: coded together {words}.") if words else None
    texts = {value: number_text(value) for value in clipped.drop_nulls().unique().to_list()}
    return clipped.replace_strict(texts, default=None, return_dtype=pl.String), (), change


def band_names(limits: Sequence[float]) -> tuple[str, ...]:
    """Return the names of bands by their lower limits; the first is what lies below all.

    Examples
    --------
    >>> band_names((1, 5))
    ('<1', '1–<5', '≥5')
    """
    inner = [f"{low:g}–<{high:g}" for low, high in pairwise(limits)]
    return (f"<{limits[0]:g}", *inner, f"≥{limits[-1]:g}")


def _merged(
    values: pl.Series, categories: tuple[tuple[str, str], ...], chosen: Chosen, name: str, lang: str
) -> tuple[pl.Series, tuple[tuple[str, str], ...], Text | None]:
    """Return categories put together as chosen."""
    if not chosen.merge:
        return values, categories, None
    known = {code for code, _ in categories}
    new = {code: merge for merge in chosen.merge for code in merge.of}
    missing = next((code for code in new if code not in known), None)
    if missing is not None:
        raise InputError.of(
            f"{name}: Die Antwort {missing!r} gibt es nicht.",
            f"{name}: there is no answer {missing!r}.",
            field="merge",
            hint=nearest(missing, sorted(known)),
        )
    taken = next((merge.id for merge in chosen.merge if merge.id in known and merge.id not in new), None)
    doubled = next((code for code, n in Counter(c for m in chosen.merge for c in m.of).items() if n > 1), None)
    if taken is not None or doubled is not None:
        raise InputError.of(
            f"{name}: {taken or doubled!r} stünde nach dem Zusammenfassen für zweierlei.",
            f"{name}: {taken or doubled!r} would stand for two things after merging.",
            field="merge",
            hint=Text("Jede Antwort nur einmal nennen, neue Namen wählen.", "Name each answer once, choose new ids."),
        )
    into = "de" if lang.startswith("de") else "en"
    kept = [(code, label) for code, label in categories if code not in new]
    kept += [(merge.id, merge.label.into("de" if into == "de" else "en")) for merge in chosen.merge]
    words = "; ".join(f"{merge.id} = {' + '.join(merge.of)}" for merge in chosen.merge)
    cells = values.replace({code: merge.id for code, merge in new.items()})
    return cells, tuple(kept), Text(f"{name}: zusammengefasst {words}.", f"{name}: merged {words}.")


def _fact(name: str, responses: Responses, frames: Mapping[str, Frame] | None) -> _Column:
    if not frames:
        raise InputError.of(
            f"{name}: Dazu muss die Grundgesamtheit bekannt sein.",
            f"{name}: the population must be known for this.",
            field="organisation",
            hint=Text("Den Ordner der Studie nennen, nicht nur den Fragebogen.", "Name the folder of the study."),
        )
    cells = facts_of(responses.sheets, frames)[name].cast(pl.String).fill_null("").alias(name)
    words = {"audience": "Zielgruppe", "size_class": "Größenklasse", "region": "Region"}
    return _Column(name, words[name], cells, (), None)


def _check_names(columns: Sequence[_Column], spec: PublicUse) -> None:
    names = [column.name for column in columns]
    doubled = next((name for name, count in Counter(names).items() if count > 1), None)
    if doubled is not None:
        raise InputError.of(
            f"{doubled!r} ist zweimal gewählt.",
            f"{doubled!r} is chosen twice.",
            field="variables",
        )
    unknown = next((name for name in spec.quasi_identifiers if name not in names), None)
    if unknown is not None:
        raise InputError.of(
            f"Das Merkmal {unknown!r} wird nicht veröffentlicht.",
            f"The quasi-identifier {unknown!r} is not published.",
            field="quasi_identifiers",
            hint=nearest(unknown, names),
        )


# --- what else would tell ------------------------------------------------------------------------------------


def telling(questionnaire: Questionnaire) -> dict[str, set[str]]:
    """Return by question the questions whose being shown tells its answer; under "@" those that facts decide on."""
    sections = {section.id: section.show_if for section in questionnaire.sections}
    found: dict[str, set[str]] = {}
    for question in questionnaire.questions:
        filters = [question.show_if, sections.get(question.section or ""), *(item.show_if for item in question.items)]
        asked = {reference.question for entry in filters if entry for reference in entry.references}
        facts = bool(question.audiences) or any("@" in str(entry) for entry in filters if entry)
        facts = facts or any(item.audiences for item in question.items)
        for source in (*asked, *(["@"] if facts else [])):
            found.setdefault(source, set()).add(question.id)
    return {source: _reached(found, source) for source in found}


def _reached(direct: Mapping[str, set[str]], source: str) -> set[str]:
    """Return what follows from a question, and what follows from that."""
    reached: set[str] = set()
    waiting = {source}
    while waiting:
        new = {follower for one in waiting for follower in direct.get(one, ())} - reached
        reached |= new
        waiting = new
    return reached


def _hide_followers(
    table: pl.DataFrame, keys: Sequence[str], columns: Sequence[_Column], questionnaire: Questionnaire
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Take out what a filter would tell of a suppressed value, and count it by column."""
    tells = telling(questionnaire)
    question = {column.name: column.question for column in columns}
    hidden: dict[str, int] = {}
    for key in keys:
        rows = table[key] == SUPPRESSED
        followers = tells.get(question[key] or "@", set()) if rows.any() else set()
        for column in columns:
            if column.question in followers and column.name != key:
                more = int((rows & (table[column.name] != SUPPRESSED)).sum())
                hidden[column.name] = hidden.get(column.name, 0) + more
                cells = table[column.name].set(rows, SUPPRESSED)
                table = table.with_columns(cells)
    return table, hidden


def _small_cells(table: pl.DataFrame, k: int, owners: Sequence[object]) -> Iterator[tuple[str, str, int]]:
    """Yield variable, value and number of sheets of every value that sheets of fewer than k organisations have."""
    for name in table.columns:
        having: dict[str, list[object]] = {}
        for value, owner in zip(table[name].to_list(), owners, strict=True):
            having.setdefault(value, []).append(owner)
        for value, whose in sorted(having.items()):
            if len(set(whose)) < k and value not in {"", NOT_SHOWN, REFUSED, SUPPRESSED, INVALID}:
                yield name, value, len(whose)


# --- what is said -------------------------------------------------------------------------------------------


def _changes(
    responses: Responses, columns: Sequence[_Column], spec: PublicUse, unusable: int, suppressed: Mapping[str, int]
) -> Iterator[Text]:
    yield Text(
        "Organisation, Zugangscode, Tag, Dauer und Nummer der Bögen sind entfernt; die Reihenfolge ist neu gelost.",
        "Organisation, token, day, duration and number of the sheets are removed; the order is drawn anew.",
    )
    if unusable:
        yield Text(
            f"{unusable} abgebrochene oder verweigerte Bögen sind nicht enthalten.",
            f"{unusable} sheets that were broken off or refused are not included.",
        )
    left = len(responses.variables) - sum(v.name in {c.name for c in columns} for v in responses.variables)
    yield Text(
        f"{left} von {len(responses.variables)} Variablen sind nicht enthalten, darunter alle Texte.",
        f"{left} of {len(responses.variables)} variables are not included, among them all texts.",
    )
    yield from (column.change for column in columns if column.change is not None)
    for name, count in suppressed.items():
        if count:
            yield Text(
                f"{name}: {count} Werte unterdrückt ({SUPPRESSED}), damit Bögen von je {spec.k} Organisationen gleich "
                "sind oder ein Filter nichts verrät.",
                f"{name}: {count} values suppressed ({SUPPRESSED}), so that sheets of {spec.k} organisations each are "
                "alike or a filter tells nothing.",
            )


def _data(table: pl.DataFrame, synthetic: Text | None) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    notice = [] if synthetic is None else [f"{synthetic.de} / {synthetic.into('en')}"]
    writer.writerow(["sheet", *table.columns, *(["synthetic"] if notice else [])])
    for number, row in enumerate(table.iter_rows(), start=1):
        writer.writerow([number, *(harmless(str(cell)) for cell in row), *notice])
    return out.getvalue().encode("utf-8")


_MISSING = (
    ("", Text("leer gelassen", "left empty")),
    (NOT_SHOWN, Text("nicht gezeigt", "not shown")),
    (REFUSED, Text("keine Angabe", "refused")),
    (INVALID, Text("ungültig", "invalid")),
    (SUPPRESSED, Text("unterdrückt", "suppressed")),
)


def _codebook(columns: Sequence[_Column], table: pl.DataFrame, lang: str) -> bytes:
    """Return one row per variable and code, with the number of sheets that have it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["variable", "text", "code", "label", "sheets"])
    for column in columns:
        counts = Counter(table[column.name].to_list())
        labels = dict(column.categories)
        labels |= {
            sign: text.into("de" if lang.startswith("de") else "en") for sign, text in _MISSING if sign in counts
        }
        if not column.categories:
            given = table.height - sum(counts[sign] for sign, _ in _MISSING)
            writer.writerow([column.name, harmless(column.label), "", "", given])
        for code, label in labels.items():
            writer.writerow([column.name, harmless(column.label), harmless(code), harmless(label), counts[code]])
    return out.getvalue().encode("utf-8")


def _lines(  # noqa: PLR0913, PLR0917 -- the parts of the text
    spec: PublicUse,
    changes: Sequence[Text],
    below: Sequence[tuple[tuple[str, ...], int]],
    small: Sequence[tuple[str, str, int]],
    lang: str,
    synthetic: Text | None,
) -> bytes:
    """Return what was changed, as text. Rare combinations are counted, never listed: the list would tell."""
    into: Literal["de", "en"] = "de" if lang.startswith("de") else "en"
    rare = Text(
        f"Vor der Unterdrückung hatten {len(below)} Kombinationen der Merkmale Bögen von weniger als {spec.k} "
        f"Organisationen (zusammen {sum(count for _, count in below)} Bögen); jetzt keine.",
        f"Before suppression {len(below)} combinations of the quasi-identifiers had sheets of fewer than {spec.k} "
        f"organisations ({sum(count for _, count in below)} sheets in all); now none has.",
    )
    cells = Text(
        f"{len(small)} Werte stehen in Bögen von weniger als {spec.k} Organisationen.",
        f"{len(small)} values stand in sheets of fewer than {spec.k} organisations.",
    )
    head = [spec.title.into(into), *([synthetic.into(into)] if synthetic else []), ""]
    lines = [*head, *(f"- {text.into(into)}" for text in (*changes, rare, cells))]
    lines += [f"  - {name} = {value}" for name, value, _ in small]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _licence(spec: PublicUse, lang: str) -> bytes:
    into: Literal["de", "en"] = "de" if lang.startswith("de") else "en"
    parts = [
        spec.title.into(into),
        spec.licence.name,
        spec.licence.url or "",
        spec.licence.text.into(into) if spec.licence.text else "",
    ]
    return ("\n".join(part for part in parts if part) + "\n").encode("utf-8")
