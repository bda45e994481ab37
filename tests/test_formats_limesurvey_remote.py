"""A survey is fetched from a server that speaks as LimeSurvey's RemoteControl 2 does, over a real connection."""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from passgenau.errors import InputError
from passgenau.formats.limesurvey.remote import PASSWORD_VARIABLE, fetch, password_for
from passgenau.survey.responses import State
from passgenau.survey.typed import type_answers

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "geheim"  # noqa: S105 -- of a server that lives as long as a test
KEY = "session-key"

QUESTIONS = [
    {"id": 11, "qid": 11, "parent_qid": 0, "sid": 12345, "gid": 1, "type": "L", "title": "amt", "question_order": 1},
    {"id": 12, "qid": 12, "parent_qid": 0, "sid": 12345, "gid": 1, "type": "M", "title": "plan", "question_order": 2},
    {"id": 21, "qid": 21, "parent_qid": 12, "sid": 12345, "gid": 1, "type": "T", "title": "A", "question_order": 2},
    {"id": 22, "qid": 22, "parent_qid": 12, "sid": 12345, "gid": 1, "type": "T", "title": "B", "question_order": 1},
    {"id": 13, "qid": 13, "parent_qid": 0, "sid": 12345, "gid": 2, "type": "1", "title": "oft", "question_order": 1},
    {"id": 23, "qid": 23, "parent_qid": 13, "sid": 12345, "gid": 2, "type": "T", "title": "X", "question_order": 1},
    {"id": 14, "qid": 14, "parent_qid": 0, "sid": 12345, "gid": 2, "type": "N", "title": "tage", "question_order": 2},
]
TEXTS = {
    11: ("Welches Amt?", "Which department?"),
    12: ("Was?", "What?"),
    13: ("Wie oft?", "How often?"),
    14: ("Tage", "Days"),
}
NO_OPTIONS = "No available answer options"


def properties(qid: int, language: str) -> dict[str, Any]:
    """Return what the server says of one question."""
    own = next(question for question in QUESTIONS if question["qid"] == qid)
    place = 0 if language == "de" else 1
    said = {
        **own,
        "question": TEXTS[qid][place],
        "help": "",
        "mandatory": "N",
        "other": "Y" if qid == 11 else "N",
        "relevance": '((amt.NAOK == "1"))' if qid == 14 else "1",
        "attributes": {"hidden": "0"} if qid == 11 else "No available attributes",
        "attributes_lang": "No available attributes",
        "subquestions": "No available answers",
        "answeroptions": NO_OPTIONS,
        "defaultvalue": None,
    }
    if qid == 11:  # codes 0, 1: PHP makes a list of them
        said["answeroptions"] = [
            {"answer": ("Planung", "Planning")[place], "assessment_value": 0, "scale_id": 0, "order": 0},
            {"answer": ("Umwelt", "Environment")[place], "assessment_value": 0, "scale_id": 0, "order": 1},
        ]
    if qid == 12:
        said["subquestions"] = {
            "21": {"title": "A", "question": ("Bau", "Building")[place], "scale_id": 0},
            "22": {"title": "B", "question": ("Fest", "Party")[place], "scale_id": 0},
        }
    if qid == 13:
        said["subquestions"] = {"23": {"title": "X", "question": "Amt", "scale_id": 0}}
        scale = {"s1": {"code": "s1", "answer": ("nie", "never")[place], "order": 1}}
        said["answeroptions"] = {"0": scale, "1": scale}
    return said


RESPONSES = [
    {
        "id": "1",
        "submitdate": "2027-03-01 10:00:00",
        "lastpage": "2",
        "startlanguage": "de",
        "seed": "1",
        "ipaddr": "203.0.113.9",
        "amt": "1",
        "amt[other]": "",
        "plan[A]": "Y",
        "plan[B]": "",
        "oft[X][1]": "s1",
        "oft[X][2]": None,
        "tage": "3.0000000000",
    },
    {
        "id": "2",
        "submitdate": None,
        "lastpage": "1",
        "startlanguage": "en",
        "seed": "2",
        "amt": "-oth-",
        "amt[other]": "x",
    },
]


class _LimeSurvey:
    """What a server knows and how it answers."""

    def __init__(self, **answers: Any) -> None:
        self.calls: list[str] = []
        self.answers = answers

    def answer(self, method: str, params: list[Any]) -> Any:
        self.calls.append(method)
        if method in self.answers:
            return self.answers[method]
        if method == "get_session_key":
            return KEY if params[1] == PASSWORD else {"status": "Invalid user name or password"}
        if params[0] != KEY:
            return {"status": "Invalid session key"}
        return getattr(self, f"_{method}")(*params[1:])

    def _release_session_key(self) -> str:
        return "OK"

    def _get_site_settings(self, name: str) -> Any:
        return {"status": "No permission"} if name == "dbversionnumber" else "6.5.0"

    def _get_survey_properties(self, sid: int, _names: object) -> dict[str, Any]:
        if sid != 12345:
            return {"status": "Error: Invalid survey ID"}
        return {"sid": sid, "language": "de", "additional_languages": "en", "format": "G", "active": "Y"}

    def _get_language_properties(self, _sid: int, _names: object, language: str) -> dict[str, Any]:
        return {"surveyls_title": "Quartier" if language == "de" else "Quarter", "surveyls_welcometext": None}

    def _list_groups(self, _sid: int, language: str) -> list[dict[str, Any]]:
        return [
            {"id": n, "gid": n, "group_name": f"{language} {n}", "group_order": n, "language": language} for n in (1, 2)
        ]

    def _list_questions(self, _sid: int, _group: object, _language: str) -> list[dict[str, Any]]:
        return QUESTIONS

    def _get_question_properties(self, qid: int, _names: object, language: str) -> dict[str, Any]:
        return properties(qid, language)

    def _list_quotas(self, _sid: int) -> list[dict[str, Any]]:
        return [{"id": 1, "name": "Berlin", "limit": 10}]

    def _export_responses(self, *_params: object) -> str:
        return base64.b64encode(json.dumps({"responses": RESPONSES}).encode()).decode()


@contextmanager
def serving(limesurvey: _LimeSurvey, raw: bytes | None = None, status: int = 200) -> Iterator[str]:
    """Serve on a free port of this machine, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            result = limesurvey.answer(request["method"], request["params"])
            said = json.dumps({"id": request["id"], "result": result, "error": None}).encode()
            body = said if raw is None else raw
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/index.php/admin/remotecontrol"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fetched(limesurvey: _LimeSurvey, password: str = PASSWORD, survey_id: int = 12345) -> Any:
    with serving(limesurvey) as url:
        return fetch(url, "erika", password, survey_id, insecure=True)


def test_a_survey_is_fetched_with_its_answers() -> None:
    found = fetched(_LimeSurvey())
    survey = found.questionnaire
    assert found.format == "limesurvey-remote"
    assert survey.languages == ("de", "en")
    assert survey.title.into("en") == "Quarter"
    assert [(q.id, q.type, q.text.into("de")) for q in survey.questions] == [
        ("amt", "single", "Welches Amt?"),
        ("plan", "multiple", "Was?"),
        ("oft", "matrix", "Wie oft?"),
        ("tage", "number", "Tage"),
    ]
    assert [item.text.into("en") for item in survey.question("amt").items] == ["Planning", "Environment"]
    assert [item.id for item in survey.question("plan").items] == ["B", "A"]  # in the order of the survey
    assert survey.question("oft").second_scale is not None
    assert survey.question("tage").show_if is not None


def test_fetched_answers_are_typed() -> None:
    found = fetched(_LimeSurvey())
    typed = type_answers(found.answers, found.questionnaire)
    assert typed.values.row(0, named=True) == {
        "amt": "1",
        "amt_other_text": None,
        "plan_B": False,
        "plan_A": True,
        "oft_X": "s1",
        "oft_X_second": None,
        "tage": 3.0,
    }
    assert typed.values["amt"].to_list() == ["1", "other"]
    assert typed.states["plan_A"].to_list() == [State.ANSWERED, State.NOT_SHOWN]
    assert typed.sheets["disposition"].to_list() == ["complete", "break_off"]


def test_what_the_interface_keeps_to_itself_is_reported() -> None:
    lost = fetched(_LimeSurvey()).lost
    assert "quota 'Berlin'" in {entry.where for entry in lost}
    assert any({"ipaddr", "seed"} <= set(entry.where.split(", ")) for entry in lost)


def test_the_session_is_closed() -> None:
    server = _LimeSurvey()
    fetched(server)
    assert server.calls[0] == "get_session_key"
    assert server.calls[-1] == "release_session_key"


def test_a_survey_that_was_never_activated_has_no_answers() -> None:
    found = fetched(_LimeSurvey(export_responses={"status": "No Data, survey table does not exist."}))
    assert found.answers is None
    assert "answers" in {entry.where for entry in found.lost}


def test_a_survey_that_nobody_answered_has_no_sheets() -> None:
    empty = base64.b64encode(b'{"responses": []}').decode()
    found = fetched(_LimeSurvey(export_responses=empty))
    assert found.answers.table.height == 0


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"get_survey_properties": {"status": "No permission"}}, "may not read survey 12345"),
        ({"export_responses": {"status": "No permission"}}, "may not read survey 12345"),
        ({"get_session_key": {"status": "Login attempts exceeded"}}, "refuses the login"),
        ({"list_questions": "nonsense"}, "answers otherwise than LimeSurvey"),
        ({"export_responses": "%%%"}, "No RemoteControl interface|answers otherwise|Not valid JSON|no text file"),
    ],
)
def test_what_goes_wrong_is_said_in_one_message(answers: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        fetched(_LimeSurvey(**answers))
    assert len(caught.value.problems) == 1


def test_a_wrong_password_is_said_without_telling_it() -> None:
    with pytest.raises(InputError, match="refuses the login of 'erika'") as caught:
        fetched(_LimeSurvey(), "wrong-secret")
    assert "wrong-secret" not in caught.value.format("de") + caught.value.format("en")


def test_a_survey_that_does_not_exist_is_named() -> None:
    with pytest.raises(InputError, match="no survey 99"):
        fetched(_LimeSurvey(), survey_id=99)


@pytest.mark.parametrize(
    ("raw", "status", "said"),
    [
        (b"", 200, "No RemoteControl interface"),
        (b"<html>Hello</html>", 200, "No RemoteControl interface"),
        (b"gone", 404, "HTTP 404"),
        (b"[]", 200, "answers otherwise than LimeSurvey"),
    ],
)
def test_another_server_is_told_from_limesurvey(raw: bytes, status: int, said: str) -> None:
    with serving(_LimeSurvey(), raw, status) as url, pytest.raises(InputError, match=said):
        fetch(url, "erika", PASSWORD, 12345, insecure=True)


def test_a_server_that_is_not_there_is_said_to_be_unreachable() -> None:
    with serving(_LimeSurvey()) as url:
        gone = url
    with pytest.raises(InputError, match="cannot be reached"):
        fetch(gone, "erika", PASSWORD, 12345, insecure=True)


@pytest.mark.parametrize(
    ("url", "insecure", "said"),
    [
        ("http://survey.example.org/admin/remotecontrol", False, "not encrypted"),
        ("http://survey.example.org/admin/remotecontrol", True, "not encrypted"),
        ("http://localhost/admin/remotecontrol", False, "not encrypted"),
        ("https://erika:geheim@survey.example.org/", False, "holds a user name or a password"),
        ("file:///etc/hostname", True, "not encrypted"),
    ],
)
def test_passwords_travel_encrypted_only(url: str, said: str, *, insecure: bool) -> None:
    with pytest.raises(InputError, match=said) as caught:
        fetch(url, "erika", PASSWORD, 12345, insecure=insecure)
    assert PASSWORD not in caught.value.format("de")


def test_the_password_comes_from_the_environment_or_from_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert password_for("erika", lambda prompt: f"typed at {prompt!r}") == "typed at 'LimeSurvey, erika: '"
    monkeypatch.setenv(PASSWORD_VARIABLE, "from outside")
    assert password_for("erika", lambda _prompt: "typed") == "from outside"
