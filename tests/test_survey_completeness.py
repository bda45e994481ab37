"""What a questionnaire lacks before it is sent."""

from pathlib import Path
from typing import Any

from passgenau.reading import load_yaml, read_yaml
from passgenau.survey import Questionnaire
from passgenau.survey.completeness import completeness

EXAMPLES = Path(__file__).parent.parent / "examples"
WHOLE = {
    "title": {"de": "Titel", "en": "Title"},
    "version": "1",
    "languages": ["de", "en"],
    "privacy": {"de": "Wir verarbeiten …", "en": "We process …"},
    "questions": [{"id": "q", "type": "text", "text": {"de": "Was?", "en": "What?"}}],
}


def gaps(**changes: Any) -> list[tuple[str, tuple[str | int, ...]]]:
    content = {key: value for key, value in (WHOLE | changes).items() if value is not None}
    return [(gap.kind, gap.location) for gap in completeness(Questionnaire.model_validate(content))]


def test_a_whole_questionnaire_lacks_nothing() -> None:
    assert gaps() == []


def test_title_version_and_privacy_notice_are_missed() -> None:
    assert gaps(title=None, version=None, privacy=None) == [
        ("title", ("title",)),
        ("version", ("version",)),
        ("privacy", ("privacy",)),
    ]


def test_a_wording_missing_in_a_language_is_found_at_its_place() -> None:
    items = [{"id": "a", "text": {"de": "A", "en": "A"}}, {"id": "b", "text": "B"}]
    question = {"id": "q", "type": "single", "text": {"de": "Was?", "en": "What?"}, "items": items, "other": {}}
    assert gaps(questions=[question]) == [("language", ("questions", 0, "items", 1, "text"))]


def test_the_usual_words_beside_a_box_are_missed_in_a_third_language() -> None:
    question = {"id": "q", "type": "text", "text": {"de": "Was?", "fr": "Quoi?"}, "no_answer": {}}
    found = gaps(languages=["de", "fr"], title="T", privacy="P", questions=[question])
    assert ("language", ("questions", 0, "no_answer", "text")) in found


def test_a_wish_without_topic_is_found_unless_it_says_that_there_is_none() -> None:
    items = [
        {"id": "a", "text": {"de": "A", "en": "A"}},
        {"id": "none", "text": {"de": "nichts", "en": "none"}, "exclusive": True},
    ]
    question = {"id": "q", "type": "multiple", "kind": "wish", "text": {"de": "Was?", "en": "What?"}, "items": items}
    assert gaps(questions=[question]) == [("topic", ("questions", 0, "items", 0, "topic"))]


def test_a_required_answer_needs_a_way_out() -> None:
    question = {"id": "q", "type": "text", "text": {"de": "Was?", "en": "What?"}, "required": True}
    assert gaps(questions=[question]) == [("no_answer", ("questions", 0, "no_answer"))]
    assert gaps(questions=[question | {"no_answer": {}}]) == []


def test_a_scale_may_leave_the_middle_without_words_but_not_its_ends() -> None:
    question = {"id": "q", "type": "scale", "text": {"de": "Wie?", "en": "How?"}, "scale": "s"}
    low, middle, high = (
        {"id": "1", "text": {"de": "a", "en": "a"}},
        {"id": "2"},
        {"id": "3", "text": {"de": "b", "en": "b"}},
    )

    def scaled(*points: dict[str, Any]) -> list[tuple[str, tuple[str | int, ...]]]:
        return gaps(questions=[question], scales={"s": {"points": list(points)}})

    assert scaled(low, middle, high) == []
    assert scaled(low, high | {"id": "2"}, {"id": "3"}) == [("point", ("scales", "s", "points", 2, "text"))]


def test_placeholders_and_unused_scales_are_found() -> None:
    found = gaps(
        privacy={"de": "Verantwortlich: [Stelle].", "en": "We."},
        scales={"s": {"points": [{"id": "1", "text": {"de": "x", "en": "x"}}]}},
    )
    assert found == [("placeholder", ("privacy", "de")), ("unused", ("scales", "s"))]


def test_a_gap_knows_its_line(tmp_path: Path) -> None:
    path = tmp_path / "questionnaire.yaml"
    path.write_text(
        "title: T\nversion: '1'\nprivacy: P\nquestions:\n"
        "  - id: q\n    type: text\n    text: Was?\n    required: true\n",
        encoding="utf-8",
    )
    loaded = load_yaml(path, Questionnaire)
    (gap,) = completeness(loaded.value)
    assert loaded.line_of(gap.location) == 5


def test_the_rebuilt_questionnaire_lacks_only_what_the_article_does_not_say() -> None:
    questionnaire = read_yaml(EXAMPLES / "quartier2020" / "questionnaire.yaml", Questionnaire)
    assert [gap.kind for gap in completeness(questionnaire)] == ["privacy"]


def test_the_next_questionnaire_lacks_only_what_the_office_must_fill_in() -> None:
    questionnaire = read_yaml(EXAMPLES / "folgebefragung" / "questionnaire.yaml", Questionnaire)
    assert {gap.kind for gap in completeness(questionnaire)} == {"placeholder"}
