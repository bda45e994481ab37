"""What a questionnaire lost on the way through another format: every difference, by place and field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passgenau.survey.questionnaire import Questionnaire

Difference = tuple[str, str]  # where it stands: "", a question, "question.item", "scale NAME"; and the field


def differences(before: Questionnaire, after: Questionnaire) -> set[Difference]:
    """Return every field in which two questionnaires differ.

    Questions, items, columns, sections and scales are matched by id; one that is missing or new differs in
    the field that lists it. Texts are compared language by language.
    """
    first, second = before.model_dump(mode="json"), after.model_dump(mode="json")
    found = set(_fields("", first, second, leave={"questions", "sections", "scales"}))
    found |= set(_listed("", "questions", first["questions"], second["questions"]))
    found |= set(_listed("", "sections", first["sections"], second["sections"]))
    scales = [[{"id": f"scale {name}", **scale} for name, scale in side["scales"].items()] for side in (first, second)]
    return found | set(_listed("", "scales", *scales, ordered=False))


_LISTS = ("items", "columns", "points")


def _listed(
    where: str, field: str, first: list[dict[str, Any]], second: list[dict[str, Any]], *, ordered: bool = True
) -> Iterator[Difference]:
    ids, other_ids = [part["id"] for part in first], [part["id"] for part in second]
    if (ids != other_ids) if ordered else (set(ids) != set(other_ids)):
        yield where, field
    by_id = {part["id"]: part for part in second}
    for part in first:
        if part["id"] in by_id:
            place = f"{where}.{part['id']}".lstrip(".")
            yield from _fields(place, part, by_id[part["id"]], leave=set(_LISTS))
            for name in _LISTS:
                if name in part:
                    yield from _listed(place, name, part[name], by_id[part["id"]][name])


def _fields(where: str, first: dict[str, Any], second: dict[str, Any], leave: set[str]) -> Iterator[Difference]:
    for name, value in first.items():
        if name not in leave and value != second[name]:
            yield where, name
