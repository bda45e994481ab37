"""What each type of SurveyJS element becomes: the fields of a question, and what of it cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passgenau.formats.conditions import as_number, number_text
from passgenau.formats.keeping import KEY, code_of, is_code, shorten, unused
from passgenau.formats.surveyjs.document import FORMAT, Languages
from passgenau.survey.questionnaire import Item, NoAnswer, Other, Point, Scale
from passgenau.text import Text
from passgenau.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from passgenau.formats.exchange import Lost

COSMETIC = frozenset(
    {
        "focusFirstQuestionAutomatic",
        "headerView",
        "logo",
        "logoFit",
        "logoHeight",
        "logoPosition",
        "logoWidth",
        "maxWidth",
        "minWidth",
        "showNavigationButtons",
        "showProgressBar",
        "showQuestionNumbers",
        "startWithNewLine",
        "width",
        "widthMode",
    }
)
"""Properties that change how a form looks and nothing that is asked; kept, not worth a word."""
_MULTIPLE = {"checkbox", "tagbox"}
_OTHER = Translations((("de", "Sonstiges (bitte angeben)"), ("en", "Other (describe)")))
_NONE = Translations((("de", "Keine"), ("en", "None")))
_REFUSE = Translations((("de", "Keine Angabe"), ("en", "Refuse to answer")))
_DONT_KNOW = Translations((("de", "Weiß nicht"), ("en", "Don't know")))
_COMMENT = Translations((("de", "Bemerkung"), ("en", "Comment")))
_YES = Translations((("de", "Ja"), ("en", "Yes")))
_NO = Translations((("de", "Nein"), ("en", "No")))
DEFAULTS = {"other": _OTHER, "none": _NONE, "refused": _REFUSE, "dontknow": _DONT_KNOW, "comment": _COMMENT}
"""What SurveyJS shows where a survey does not say it."""
_VERBATIM = Text(
    "Diese Art von Frage gibt es hier nicht; sie ist als Textfeld geführt und steht unverändert unter foreign.",
    "There is no such type of question here; it is kept as a text field and stands unchanged under foreign.",
)
_DEFAULT_LINES = 4  # of a comment
_ROUNDING = 1e-9


class Element:
    """One element while it is read: what is taken from it, and what remains for `foreign`."""

    def __init__(
        self, raw: dict[str, Any], name: str, code: str, languages: Languages, scales: dict[str, Scale]
    ) -> None:
        self.raw = raw
        self.name = name
        self.code = code
        self.languages = languages
        self.scales = scales
        self.type = str(raw.get("type") or "text")
        self.lost: list[Lost] = []
        self._rest = {key: value for key, value in raw.items() if key not in {"type", "name", "visibleIf", KEY}}
        self.marks: dict[str, Any] = {}  # for foreign: what the type of element was

    @property
    def where(self) -> str:
        """How messages call it."""
        return f"element {self.name}"

    def take(self, key: str) -> Any:  # noqa: ANN401 -- a property may be anything
        """Return a property and count it as used."""
        return self._rest.pop(key, None)

    def text(self, key: str) -> Translations | None:
        """Return a text of the element."""
        found = self.languages.read(self._rest.get(key))
        if found is not None or self._rest.get(key) in ("", None):
            self._rest.pop(key, None)
        return found

    def flag(self, *keys: str) -> bool:
        """Return whether one of the properties says yes."""
        return sum(self.take(key) is True for key in keys) > 0  # takes every one of them

    def number(self, key: str) -> float | None:
        """Return a numeric property, or None; one that is no number remains."""
        value = self._rest.get(key)
        number = None if isinstance(value, bool) or not isinstance(value, str | int | float) else as_number(value)
        if number is not None:
            self._rest.pop(key)
        return number

    def count(self, key: str, least: int = 0) -> int | None:
        """Return a property that is a whole number, or None."""
        value = self._rest.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            self._rest.pop(key)
            return value if value >= max(least, 1) else None
        return None

    def languages_or(self, text: Translations | None, default: Translations) -> Translations:
        """Return a text, or what SurveyJS would show instead in the languages of the survey."""
        if text is not None:
            return text
        return Translations.of({language: default.into(language) for language in self.languages.all})

    @property
    def foreign(self) -> dict[str, Any]:
        """What remains of it."""
        return {**self.marks, **self._rest}

    def report_rest(self) -> None:
        """Name everything that remains and matters."""
        for key, value in self._rest.items():
            if key not in COSMETIC:
                self.lost.append(unused(self.where, key, value))


def fields_of(element: Element) -> dict[str, Any]:
    """Return the fields of the question that an element is; what remains of it is reported."""
    text = element.text("title") or Translations(((element.languages.leading, element.name),))
    data: dict[str, Any] = {"text": text, "help": element.text("description")}
    data |= _TYPES.get(element.type, _unknown)(element)
    if data["type"] not in {"information", "computed"}:
        data["required"] = element.flag("isRequired")
        if element.flag("showCommentArea", "hasComment"):
            data["comment"] = element.languages_or(element.text("commentText"), _COMMENT)
    element.report_rest()
    return data


# --- choices --------------------------------------------------------------------------------------


def _entries(element: Element, key: str, taken: set[str], condition: str | None = None) -> list[dict[str, Any]]:
    """Return choices, rows or columns as the fields of items."""
    return [_entry(entry, element, taken, condition) for entry in listed(element.take(key))]


def _entry(entry: object, element: Element, taken: set[str], condition: str | None) -> dict[str, Any]:
    rest = dict(entry) if isinstance(entry, dict) else _apart(entry)
    value = rest.pop("value", rest.pop("name", None))
    spelled = spell(value)
    carried = rest.pop(KEY, None)
    carried = dict(carried) if isinstance(carried, dict) else {}
    code = str(carried.pop("id", "") or code_of(spelled, taken))
    code = code if is_code(code) and code not in taken else code_of(code, taken)
    taken.add(code)
    said = rest.pop("text", rest.pop("title", None))
    visible_if = rest.pop("visibleIf", None)
    if visible_if is None and condition is not None:
        visible_if = condition.replace("{item}", f"'{spelled}'").replace("{choice}", f"'{spelled}'")
    exclusive = rest.pop("isExclusive", None) is True
    comment = rest.pop("showCommentArea", None) is True
    for key, left in rest.items():
        element.lost.append(unused(f"{element.where}, choice {spelled}", key, left))
    foreign = {**({} if isinstance(value, str) else {"value": value}), **rest}
    return {
        "id": code,
        "text": element.languages.read(said) or Translations(((element.languages.leading, spelled or code),)),
        "code": spelled if spelled != code else None,
        "exclusive": exclusive,
        "comment": comment,
        "visible_if": visible_if if isinstance(visible_if, str) and visible_if.strip() else None,
        "foreign": {FORMAT: foreign} if foreign else {},
        "carried": carried,
    }


def _apart(entry: object) -> dict[str, Any]:
    """Return a choice written in short: its value alone, or `value|text`."""
    value, mark, text = entry.partition("|") if isinstance(entry, str) else (entry, "", "")
    return {"value": value, "text": text} if mark and value and text else {"value": entry}


def listed(value: object) -> list[Any]:
    """Return a list from a file; nothing where something else stands."""
    return value if isinstance(value, list) else []


def spell(value: object) -> str:
    """Return a value of the results as text, the same in questionnaire and answers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    return value if isinstance(value, str) else "" if value is None else shorten(value)


def _choices(element: Element, kind: str) -> dict[str, Any]:
    if element.type not in {"radiogroup", "checkbox", "ranking"}:
        element.marks["type"] = element.type
    taken = {"other"} if element.raw.get("showOtherItem") or element.raw.get("hasOther") else set()
    condition = element.raw.get("choicesVisibleIf")
    items = _entries(element, "choices", taken, element.take("choicesVisibleIf") if condition else None)
    data: dict[str, Any] = {"type": kind}
    if kind != "ranking":
        data |= _special(element, items, taken)
    if kind in {"multiple", "ranking"}:
        data |= _limits(element)
    data["shuffled"] = element.raw.get("choicesOrder") == "random"
    if str(element.raw.get("choicesOrder")) in {"none", "default", "random"}:
        element.take("choicesOrder")
    if kind != "multiple":
        _none_excludes(items, element)
    if not items:
        return {"type": "text", **_without_choices(element)}
    return {**data, "items": items}


def _none_excludes(items: list[dict[str, Any]], element: Element) -> None:
    """Leave out that an answer excludes others, where only one can be given anyway."""
    for item in items:
        if item.pop("exclusive") and not item["foreign"].get(FORMAT, {}).get("special"):
            element.lost.append(unused(f"{element.where}, choice {item['id']}", "isExclusive", value=True))


def _without_choices(element: Element) -> dict[str, Any]:
    """Keep a question whose answers stand elsewhere (`choicesByUrl`, `choicesFromQuestion`) as a text field."""
    element.marks["type"] = element.type
    why = Text(
        "Die Antworten zur Auswahl stehen nicht in der Datei (choicesByUrl, choicesFromQuestion oder leer); die "
        "Frage ist als Textfeld geführt.",
        "The choices do not stand in the file (choicesByUrl, choicesFromQuestion, or none); the question is kept as a "
        "text field.",
    )
    element.lost.append(unused(element.where, "type", element.type, why))
    return {}


def _special(element: Element, items: list[dict[str, Any]], taken: set[str]) -> dict[str, Any]:
    """Return the answers that SurveyJS adds itself: none, other, refused, don't know."""
    data: dict[str, Any] = {}
    if element.flag("showNoneItem", "hasNone"):
        items.append(_added(element, "none", "noneText", taken))
    if element.flag("showOtherItem", "hasOther"):
        data["other"] = Other(text=element.languages_or(element.text("otherText"), _OTHER))
    refuses, unknown = element.flag("showRefuseItem"), element.flag("showDontKnowItem")
    if refuses and unknown:
        items.append(_added(element, "dontknow", "dontKnowText", taken))
    if refuses:
        data["no_answer"] = NoAnswer(text=element.languages_or(element.text("refuseText"), _REFUSE), code="refused")
    elif unknown:
        text = element.languages_or(element.text("dontKnowText"), _DONT_KNOW)
        data["no_answer"] = NoAnswer(text=text, code="dontknow")
    return data


def _added(element: Element, value: str, key: str, taken: set[str]) -> dict[str, Any]:
    code = code_of(value, taken)
    taken.add(code)
    return {
        "id": code,
        "text": element.languages_or(element.text(key), DEFAULTS[value]),
        "code": value if value != code else None,
        "exclusive": True,
        "foreign": {FORMAT: {"special": value}},
    }


def _limits(element: Element) -> dict[str, Any]:
    low, high = element.count("minSelectedChoices"), element.count("maxSelectedChoices", 1)
    left = []
    for validator in listed(element.take("validators")):
        if isinstance(validator, dict) and validator.get("type") == "answercount":
            low = validator.get("minCount") if low is None and isinstance(validator.get("minCount"), int) else low
            high = validator.get("maxCount") if high is None and isinstance(validator.get("maxCount"), int) else high
        else:
            left.append(validator)
    if left:
        element._rest["validators"] = left  # noqa: SLF001 -- puts back what was looked at
    return {"min_answers": low, "max_answers": high}


def _single(element: Element) -> dict[str, Any]:
    return _choices(element, "single")


def _multiple(element: Element) -> dict[str, Any]:
    return _choices(element, "multiple")


def _ranking(element: Element) -> dict[str, Any]:
    return _choices(element, "ranking")


def _pictures(element: Element) -> dict[str, Any]:
    several = element.take("multiSelect")
    if several is not None:
        element.marks["multiSelect"] = several
    return _choices(element, "multiple" if several is True else "single")


def _boolean(element: Element) -> dict[str, Any]:
    element.marks["type"] = "boolean"
    true, false = element.raw.get("valueTrue", True), element.raw.get("valueFalse", False)
    items = [
        Item(id="yes", text=element.languages_or(element.text("labelTrue"), _YES), code=spell(true)),
        Item(id="no", text=element.languages_or(element.text("labelFalse"), _NO), code=spell(false)),
    ]
    return {"type": "single", "items": [{**dict(item), "carried": {}} for item in items]}


# --- scales and matrices ---------------------------------------------------------------------------


def _rating(element: Element) -> dict[str, Any]:
    values = element.take("rateValues")
    if isinstance(values, list) and values:
        element.take("rateMin"), element.take("rateMax"), element.take("rateStep"), element.take("rateCount")
        points = _with_ends(element, _points(element, values))
        return {"type": "scale", "scale": _scale(element, points, ordered=True)}
    low_text, high_text = _end(element, _LOW), _end(element, _HIGH)
    low, step = element.number("rateMin") or 1.0, element.number("rateStep") or 1.0
    low = 0.0 if element.raw.get("rateMin") == 0 else low
    count = element.count("rateCount")
    stated = element.number("rateMax")
    high = stated if stated is not None else low + step * ((count or 5) - 1)
    number = min(int((high - low) / step) + 1, 100) if step > 0 and high >= low else 1
    texts = {0: low_text, number - 1: high_text}
    points = [
        Point(
            id=code_of(number_text(value := low + place * step), ()),
            text=texts.get(place),
            value=value,
            code=None if is_code(number_text(value)) else number_text(value),
        )
        for place in range(number)
    ]
    return {"type": "scale", "scale": _scale(element, points, ordered=True)}


_LOW = ("minRateDescription", "mininumRateDescription", "minimumRateDescription")
_HIGH = ("maxRateDescription", "maximumRateDescription")
"""What stands at the ends of a rating, as it is called and once was."""


def _end(element: Element, names: Sequence[str]) -> Translations | None:
    return next((text for name in names if (text := element.text(name)) is not None), None)


def _with_ends(element: Element, points: list[Point]) -> list[Point]:
    """Return the points with the texts of the two ends, where these have none of their own."""
    ends = {0: _LOW, len(points) - 1: _HIGH}
    texts = {place: _end(element, names) for place, names in ends.items() if points[place].text is None}
    return [
        point.model_copy(update={"text": text}) if (text := texts.get(place)) is not None else point
        for place, point in enumerate(points)
    ]


def _points(element: Element, values: list[Any]) -> list[Point]:
    taken: set[str] = set()
    points = []
    for value in values:
        entry = _entry(value, element, taken, None)
        said = isinstance(value, dict) and element.languages.read(value.get("text")) is not None
        number = as_number(entry["code"] or entry["id"])
        fields = {
            "id": entry["id"],
            "text": entry["text"] if said or number is None else None,
            "value": number,
            "code": entry["code"],
            "foreign": entry["foreign"],
        }
        points.append(Point.model_validate({**fields, **entry["carried"]}))
    return points


def _scale(element: Element, points: list[Point], *, ordered: bool) -> str:
    """Return the name of the scale, one for all questions that offer the same points."""
    carried = element.raw.get(KEY)
    own = carried if isinstance(carried, dict) else {}
    scale = Scale(points=tuple(points), ordered=bool(own.get("ordered", ordered)))
    wanted = str(own.get("scale") or f"{element.code[:54]}_scale")
    if own.get("scale") is None:
        same = next((name for name, known in element.scales.items() if known == scale), None)
        if same is not None:
            return same
    known = element.scales.get(wanted)
    name = wanted if known is None or known == scale else code_of(wanted, element.scales)
    element.scales[name] = scale
    return name


def _matrix(element: Element) -> dict[str, Any]:
    columns = element.take("columns")
    points = _points(element, columns) if isinstance(columns, list) else []
    rows = _entries(element, "rows", set())
    if not rows or not points:
        return _unknown(element)
    for row in rows:
        row.pop("exclusive")
    shuffled = element.raw.get("rowOrder", element.raw.get("rowsOrder")) == "random"
    if shuffled:
        element.take("rowOrder"), element.take("rowsOrder")
    return {"type": "matrix", "items": rows, "scale": _scale(element, points, ordered=True), "shuffled": shuffled}


def _grid(element: Element) -> dict[str, Any]:
    """Return a matrix of fields: numbers or dates where every cell is one, else texts."""
    columns = [column for column in listed(element.raw.get("columns")) if isinstance(column, dict)]
    if not columns or not isinstance(element.raw.get("rows"), list) or not element.raw["rows"]:
        return _unknown(element)
    default = str(element.raw.get("cellType", "dropdown"))
    types = {_entered(str(column.get("cellType", default)), str(column.get("inputType", ""))) for column in columns}
    kind = types.pop() if len(types) == 1 else "text"
    rows, fields = _entries(element, "rows", set()), _columns(element, columns)
    if kind is not None:
        _share(element, columns)
    element.take("columns"), element.take("cellType")
    if kind is None or any(column.get("cellType", default) not in {"text", "comment"} for column in columns):
        element.marks["element"] = element.raw
        element.lost.append(unused(element.where, element.type, element.raw, _VERBATIM))
    for entry in (*rows, *fields):
        entry.pop("exclusive")
    return {"type": kind or "text", "items": rows, "columns": fields, **_range(element, kind or "text")}


def _columns(element: Element, columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    taken: set[str] = set()
    known = ("name", "title", "visibleIf", KEY)
    return [_entry({key: column[key] for key in known if key in column}, element, taken, None) for column in columns]


def _entered(cell: str, input_type: str) -> str | None:
    if cell == "text":
        return {"number": "number", "range": "number", "date": "date"}.get(input_type, "text")
    return "text" if cell == "comment" else None


# --- what is entered ----------------------------------------------------------------------------------


def _text(element: Element) -> dict[str, Any]:
    kind = {"number": "number", "range": "number", "date": "date"}.get(str(element.raw.get("inputType")), "text")
    if kind != "text" or element.raw.get("inputType") == "text":
        used = element.take("inputType")
        if used == "range":
            element.marks["inputType"] = used
    return {"type": kind, **_range(element, kind)}


def _range(element: Element, kind: str) -> dict[str, Any]:
    if kind != "number":
        length = element.count("maxLength", 1)
        return {"max_length": length} if kind == "text" and length else {}
    low, high, step = element.number("min"), element.number("max"), element.number("step")
    left = []
    for validator in listed(element.take("validators")):
        if isinstance(validator, dict) and validator.get("type") == "numeric" and not validator.get("text"):
            low = low if low is not None else _or_none(validator.get("minValue"))
            high = high if high is not None else _or_none(validator.get("maxValue"))
        else:
            left.append(validator)
    if left:
        element._rest["validators"] = left  # noqa: SLF001 -- puts back what was looked at
    return {"minimum": low, "maximum": high, "decimals": _decimals(step)}


def _or_none(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _decimals(step: float | None) -> int:
    if step is None or step <= 0:
        return 0
    return next((places for places in range(6) if abs(step * 10**places - round(step * 10**places)) < _ROUNDING), 6)


def _comment(element: Element) -> dict[str, Any]:
    rows = element.count("rows", 1) or _DEFAULT_LINES
    return {"type": "text", "lines": min(max(rows, 2), 50), **_range(element, "text")}


def _multiple_text(element: Element) -> dict[str, Any]:
    raw = [item for item in listed(element.raw.get("items")) if isinstance(item, dict)]
    types = {_entered("text", str(item.get("inputType", ""))) for item in raw}
    kind = (types.pop() if len(types) == 1 else "text") or "text"
    taken: set[str] = set()
    items = []
    for part in raw:
        fields = {key: value for key, value in part.items() if key not in {"inputType", *_SHARED}}
        items.append(_entry(fields, element, taken, None))
        items[-1].pop("exclusive")
    element.take("items")
    if not items:
        return {"type": "text"}
    _share(element, raw)
    return {"type": kind, "items": items, **_range(element, kind)}


_SHARED = ("min", "max", "step", "maxLength", "validators")


def _share(element: Element, parts: list[dict[str, Any]]) -> None:
    """Take what all fields of a question have in common for the question; what differs is reported."""
    for key in _SHARED:
        values = [part.get(key) for part in parts]
        if values[0] is not None and all(value == values[0] for value in values):
            element._rest.setdefault(key, values[0])  # noqa: SLF001 -- as if it stood at the question
        elif any(value is not None for value in values):
            element.lost.append(unused(element.where, key, values))


def _slider(element: Element) -> dict[str, Any]:
    if element.raw.get("sliderType", "single") != "single":
        return _unknown(element)
    element.marks["type"] = element.type
    return {"type": "number", **_range(element, "number")}


def _file(element: Element) -> dict[str, Any]:
    if element.type != "file":
        element.marks["type"] = element.type
        return {"type": "file"}
    multiple = element.flag("allowMultiple")
    return {"type": "file", "max_answers": (element.count("maxFiles", 1) or None) if multiple else 1}


def _computed(element: Element) -> dict[str, Any]:
    why = Text(
        "SurveyJS rechnet diesen Wert aus; der Ausdruck steht unverändert unter foreign.",
        "SurveyJS works this value out; the expression stands unchanged under foreign.",
    )
    expression = element.take("expression")
    if expression is not None:
        element.marks["expression"] = expression
        element.lost.append(unused(element.where, "expression", expression, why))
    return {"type": "computed"}


def _shown(element: Element) -> dict[str, Any]:
    text = element.text("html") or element.text("altText")
    if element.type != "html":
        element.marks["type"] = element.type
    return {"type": "information", **({"text": text} if text else {})}


def _unknown(element: Element) -> dict[str, Any]:
    """Keep an element that passgenau has no type for as a text field."""
    element.marks["type"] = element.type
    element.lost.append(unused(element.where, element.type, element.raw, _VERBATIM))
    return {"type": "text"}


_TYPES: dict[str, Callable[[Element], dict[str, Any]]] = {
    "boolean": _boolean,
    "buttongroup": _single,
    "checkbox": _multiple,
    "comment": _comment,
    "dropdown": _single,
    "expression": _computed,
    "file": _file,
    "html": _shown,
    "image": _shown,
    "imagepicker": _pictures,
    "matrix": _matrix,
    "matrixdropdown": _grid,
    "multipletext": _multiple_text,
    "radiogroup": _single,
    "ranking": _ranking,
    "rating": _rating,
    "signaturepad": _file,
    "slider": _slider,
    "tagbox": _multiple,
    "text": _text,
}
