"""Fetch a survey and its answers from a LimeSurvey server, by its RemoteControl 2 interface.

The interface hands out no structure file. Questions are asked for one by one and put into the tables of such a
file, which `structure.import_document` reads: so a survey that is fetched and one that was exported become the
same questionnaire.
"""

from __future__ import annotations

import binascii
import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from citric import Client
from citric.exceptions import (
    InvalidJSONResponseError,
    LimeSurveyApiError,
    LimeSurveyError,
    LimeSurveyStatusError,
    ResponseMismatchError,
    RPCInterfaceNotEnabledError,
)
from requests.adapters import HTTPAdapter

from passgenau.errors import InputError
from passgenau.formats.exchange import Imported, Lost
from passgenau.formats.limesurvey.answers import deliver
from passgenau.formats.limesurvey.sources import read_json
from passgenau.formats.limesurvey.structure import import_document
from passgenau.formats.limesurvey.tables import Document
from passgenau.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from passgenau.formats.limesurvey.tables import Row
    from passgenau.survey.questionnaire import Questionnaire

PASSWORD_VARIABLE = "PASSGENAU_LIMESURVEY_PASSWORD"  # noqa: S105 -- the name of a variable, no password
"""Environment variable that may hold the password; it never stands on a command line or in a file."""
TIMEOUT = (10.0, 300.0)
"""Seconds to wait for the connection, and for the server to say anything."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_NOT_ACTIVE = ("survey table does not exist", "could not get max id", "not active", "no response")


def password_for(username: str, ask: Callable[[str], str]) -> str:
    """Return the password: from the environment (`PASSWORD_VARIABLE`), or by asking for it.

    Parameters
    ----------
    username
        Whose password it is.
    ask
        Shows a prompt and returns what was typed unseen, such as `getpass.getpass`.
    """
    return os.environ.get(PASSWORD_VARIABLE) or ask(f"LimeSurvey, {username}: ")


def fetch(  # noqa: PLR0913 -- where, who, which survey, and how
    url: str,
    username: str,
    password: str,
    survey_id: int,
    *,
    client: Client | None = None,
    insecure: bool = False,
    keep: Collection[str] = (),
) -> Imported:
    """Return a survey and its answers from a LimeSurvey server.

    Parameters
    ----------
    url
        The address of the interface, ``https://…/index.php/admin/remotecontrol``.
    username, password
        Of an account that may read the survey and export its answers.
    survey_id
        The number of the survey.
    client
        A connection that is open already; by default one is opened and closed.
    insecure
        Whether plain ``http`` is all right, which it is on this machine only.
    keep
        Columns of the invited to take over.

    Returns
    -------
    Imported
        Without `answers` where the survey was never activated; `lost` says so.

    Raises
    ------
    InputError
        The address is no such interface or not reachable, the account is refused, or the survey does not exist.
    """
    _check_address(url, insecure=insecure)
    host = urlsplit(url).hostname or url
    with _said_plainly(host, username, survey_id):
        if client is not None:
            return _fetched(client, survey_id, host, keep)
        with Client(url, username, password, requests_session=_session(insecure=insecure)) as opened:
            return _fetched(opened, survey_id, host, keep)


def _fetched(client: Client, survey_id: int, host: str, keep: Collection[str]) -> Imported:
    name = f"{host}, survey {survey_id}"
    collected = _collected(client, survey_id)
    found = import_document(collected.document, name)
    lost = [*found.lost, *collected.lost]
    answers = None
    if found.questionnaire is not None:
        answers, said = _answers(client, survey_id, found.questionnaire, name, keep)
        lost += said
    return replace(found, format="limesurvey-remote", answers=answers, lost=tuple(lost))


# --- the connection ---------------------------------------------------------------------------------


class _Patient(HTTPAdapter):
    """Waits for an answer, but not for ever."""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 -- as the base class
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT
        return super().send(*args, **kwargs)


def _session(*, insecure: bool) -> requests.Session:
    """Return a session that never falls back to plain HTTP, not even where a server redirects it there."""
    session = requests.Session()
    session.adapters.clear()
    session.mount("https://", _Patient())
    if insecure:
        for host in ("localhost", "127.0.0.1", "[::1]"):
            session.mount(f"http://{host}", _Patient())
    return session


def _check_address(url: str, *, insecure: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname and not parts.password:
        return
    if parts.scheme == "http" and insecure and parts.hostname in _LOCAL and not parts.password:
        return
    if parts.password or parts.username:
        raise InputError.of(
            "Die Adresse enthält Benutzername oder Kennwort.",
            "The address holds a user name or a password.",
            field="url",
            hint=Text(
                f"Das Kennwort nur auf Nachfrage eingeben oder in {PASSWORD_VARIABLE} bereitstellen.",
                f"Enter the password when asked for it, or provide it in {PASSWORD_VARIABLE}.",
            ),
        )
    raise InputError.of(
        f"Die Adresse {url!r} ist nicht verschlüsselt (https).",
        f"The address {url!r} is not encrypted (https).",
        field="url",
        hint=Text(
            "Gebraucht wird https://…/index.php/admin/remotecontrol; unverschlüsselt geht es nur mit --insecure auf "
            "dem eigenen Rechner (localhost).",
            "https://…/index.php/admin/remotecontrol is needed; unencrypted works with --insecure on this machine "
            "(localhost) only.",
        ),
    )


@contextmanager
def _said_plainly(host: str, username: str, survey_id: int) -> Iterator[None]:
    """Turn whatever goes wrong on the way into one message, without the password."""
    try:
        yield
    except requests.exceptions.SSLError:
        raise _error(host, *_CERTIFICATE) from None
    except requests.exceptions.Timeout:
        raise _error(host, *_SLOW) from None
    except requests.exceptions.InvalidSchema:
        raise _error(host, *_REDIRECTED) from None
    except requests.exceptions.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        said = Text(f"Der Server antwortet mit HTTP {status}.", f"The server answers with HTTP {status}.")
        raise _error(host, said, _ADDRESS_HINT) from None
    except requests.exceptions.RequestException:
        raise _error(host, *_UNREACHABLE) from None
    except (RPCInterfaceNotEnabledError, InvalidJSONResponseError, ResponseMismatchError, binascii.Error):
        raise _error(host, *_NOT_ENABLED) from None
    except (LimeSurveyStatusError, LimeSurveyApiError) as error:
        raise _error(host, *_refused(str(error), username, survey_id)) from None
    except (LimeSurveyError, KeyError, TypeError, AttributeError) as error:
        said = Text(
            f"Der Server antwortet anders als LimeSurvey ({type(error).__name__}: {error}).",
            f"The server answers otherwise than LimeSurvey does ({type(error).__name__}: {error}).",
        )
        raise _error(host, said, _ADDRESS_HINT) from None


_ADDRESS_HINT = Text(
    "Stimmt die Adresse? Sie endet auf /index.php/admin/remotecontrol und steht in LimeSurvey unter „Globale "
    "Einstellungen“ → „Schnittstellen“ (dort JSON-RPC wählen).",
    "Is the address right? It ends in /index.php/admin/remotecontrol and stands in LimeSurvey under “Global "
    "settings” → “Interfaces” (choose JSON-RPC there).",
)
_CERTIFICATE = (
    Text("Das Zertifikat des Servers ist nicht gültig.", "The server's certificate is not valid."),
    Text("Die IT nach einem gültigen Zertifikat fragen.", "Ask your IT for a valid certificate."),
)
_SLOW = (
    Text("Der Server antwortet nicht rechtzeitig.", "The server does not answer in time."),
    Text(
        "Später noch einmal versuchen, oder das Archiv (.lsa) ausgeben.",
        "Try again later, or export the archive (.lsa).",
    ),
)
_REDIRECTED = (
    Text("Der Server leitet auf eine unverschlüsselte Adresse um.", "The server redirects to an unencrypted address."),
    _ADDRESS_HINT,
)
_UNREACHABLE = (
    Text("Der Server ist nicht erreichbar.", "The server cannot be reached."),
    Text(
        "Stimmt die Adresse, und besteht eine Verbindung (Netz, VPN, Proxy)?",
        "Is the address right, and is there a connection (network, VPN, proxy)?",
    ),
)
_NOT_ENABLED = (
    Text("Unter der Adresse antwortet keine RemoteControl-Schnittstelle.", "No RemoteControl interface answers there."),
    _ADDRESS_HINT,
)


def _refused(status: str, username: str, survey_id: int) -> tuple[Text, Text]:
    """Return the message and the way out for what LimeSurvey itself says."""
    said = status.casefold()
    if "user name or password" in said or "invalid user" in said or "login" in said:
        return (
            Text(
                f"LimeSurvey weist die Anmeldung von {username!r} zurück ({status}).",
                f"LimeSurvey refuses the login of {username!r} ({status}).",
            ),
            Text(
                "Benutzername und Kennwort prüfen; nach mehreren Fehlversuchen sperrt LimeSurvey für einige Minuten.",
                "Check user name and password; after several failures LimeSurvey locks the account for some minutes.",
            ),
        )
    if "permission" in said:
        return (
            Text(
                f"{username!r} darf die Umfrage {survey_id} nicht lesen ({status}).",
                f"{username!r} may not read survey {survey_id} ({status}).",
            ),
            Text(
                "In LimeSurvey die Rechte „Umfrageinhalt: lesen“ und „Antworten: exportieren“ vergeben lassen.",
                "Have the permissions “Survey content: read” and “Responses: export” granted in LimeSurvey.",
            ),
        )
    if "survey id" in said or "surveyid" in said or "no surveys" in said:
        return (
            Text(
                f"Die Umfrage {survey_id} gibt es dort nicht ({status}).", f"There is no survey {survey_id} ({status})."
            ),
            Text("Die Nummer steht in der Liste der Umfragen.", "The number stands in the list of surveys."),
        )
    return Text(f"LimeSurvey meldet: {status}.", f"LimeSurvey says: {status}."), _ADDRESS_HINT


def _error(host: str, message: Text, hint: Text) -> InputError:
    return InputError.of(message.de, message.into("en"), file=host, hint=hint)


# --- the questions ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Tables:
    """The tables of a structure file, as they fill up."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, row: Mapping[str, object]) -> None:
        plain = {column: _text(value) for column, value in row.items() if value is not None}
        self.rows.setdefault(table, []).append(plain)


@dataclass(frozen=True, slots=True)
class _Collected:
    document: Document
    lost: tuple[Lost, ...]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def _collected(client: Client, survey_id: int) -> _Collected:
    """Ask for everything that a structure file holds."""
    settings = dict(client.get_survey_properties(survey_id))
    leading = str(settings.get("language") or "en")
    languages = tuple(dict.fromkeys([leading, *str(settings.get("additional_languages") or "").split()]))
    tables = _Tables()
    tables.add("surveys", {"sid": survey_id, **{k: v for k, v in settings.items() if isinstance(v, str | int)}})
    for language in languages:
        said = dict(client.get_language_properties(survey_id, language=language))
        tables.add("surveys_languagesettings", {**said, "surveyls_survey_id": survey_id, "surveyls_language": language})
    _groups(client, survey_id, languages, tables)
    _questions(client, survey_id, languages, tables)
    version = _quietly(client.get_db_version)
    lost = tuple(_quotas(client, survey_id))
    document = Document("lss", str(version or ""), languages, {name: tuple(rows) for name, rows in tables.rows.items()})
    return _Collected(document, lost)


def _groups(client: Client, survey_id: int, languages: tuple[str, ...], tables: _Tables) -> None:
    seen: set[str] = set()
    for language in languages:
        for row in client.list_groups(survey_id, language):
            gid = _number(row, "gid")
            if gid not in seen:
                seen.add(gid)
                order = row.get("group_order") or len(seen)
                kept = {k: row.get(k) for k in ("grelevance", "randomization_group")}
                tables.add("groups", {"gid": gid, "sid": survey_id, "group_order": order, **kept})
            texts = {k: row.get(k) for k in ("group_name", "description")}
            tables.add("group_l10ns", {"gid": gid, "language": row.get("language") or language, **texts})


def _number(row: Mapping[str, Any], key: str) -> str:
    """Return a number that versions put in different places: ``gid``, ``id``, or ``id.gid``."""
    found = row.get(key) or row.get("id")
    return str(found.get(key) if isinstance(found, dict) else found)


def _questions(client: Client, survey_id: int, languages: tuple[str, ...], tables: _Tables) -> None:
    listed = client.list_questions(survey_id, None, languages[0])
    parents = [row for row in listed if str(row.get("parent_qid") or "0") == "0"]
    order = {_number(row, "qid"): row.get("question_order") for row in listed}
    for row in parents:
        for place, language in enumerate(languages):
            said = dict(client.get_question_properties(int(_number(row, "qid")), language=language))
            _question({**row, **said}, _number(row, "qid"), language, order, tables, first=place == 0)


_OWN_COLUMNS = (
    *("gid", "type", "title", "preg", "other", "mandatory", "encrypted", "question_order", "scale_id"),
    *("same_default", "relevance", "question_theme_name", "modulename", "same_script"),
)


def _question(  # noqa: PLR0913 -- what was said, of which question, in which language
    said: Mapping[str, Any], qid: str, language: str, order: Mapping[str, object], tables: _Tables, *, first: bool
) -> None:
    if first:
        own = {column: said.get(column) for column in _OWN_COLUMNS}
        tables.add("questions", {"qid": qid, "parent_qid": 0, "sid": said.get("sid"), **own})
    texts = {column: said.get(column) for column in ("question", "help", "script")}
    tables.add("question_l10ns", {"qid": qid, "language": language, **texts})
    for place, (number, sub) in enumerate(_entries(said.get("subquestions")), start=1):
        if first:
            position = order.get(number) or place
            kept = {"title": sub.get("title"), "scale_id": sub.get("scale_id") or 0, "question_order": position}
            tables.add("subquestions", {"qid": number, "parent_qid": qid, "gid": said.get("gid"), **kept})
        tables.add("question_l10ns", {"qid": number, "language": language, "question": sub.get("question")})
    for place, (code, scale, answer) in enumerate(_options(said), start=1):
        aid = f"{qid}{scale}{place:04d}"  # the interface does not tell the number of an answer
        if first:
            kept = {"sortorder": answer.get("order"), "assessment_value": answer.get("assessment_value")}
            tables.add("answers", {"aid": aid, "qid": qid, "code": code, "scale_id": scale, **kept})
        tables.add("answer_l10ns", {"aid": aid, "language": language, "answer": answer.get("answer")})
    _attributes(said, qid, language, tables, first=first)


def _attributes(said: Mapping[str, Any], qid: str, language: str, tables: _Tables, *, first: bool) -> None:
    for table, own in (("attributes", ""), ("attributes_lang", language)):
        if own or first:
            for name, value in _pairs(said.get(table)):
                if isinstance(value, str | int | float) and _text(value).strip():
                    tables.add("question_attributes", {"qid": qid, "attribute": name, "value": value, "language": own})


def _pairs(said: object) -> list[tuple[str, Any]]:
    """Return what a PHP array holds: an object, a list where its keys are 0, 1, 2 …, or words where it is empty."""
    if isinstance(said, dict):
        return [(str(key), value) for key, value in said.items()]
    if isinstance(said, list):
        return [(str(place), value) for place, value in enumerate(said)]
    return []


def _entries(said: object) -> list[tuple[str, dict[str, Any]]]:
    return [(key, value) for key, value in _pairs(said) if isinstance(value, dict)]


def _options(said: Mapping[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield the answers: code, scale, and what is said of them; with two scales they are nested by scale."""
    for key, entry in _entries(said.get("answeroptions_multiscale") or said.get("answeroptions")):
        if "answer" in entry:
            yield key, int(entry.get("scale_id") or 0), entry
        else:
            for code, inner in _entries(entry):
                yield str(inner.get("code", code)), int(inner.get("scale_id") or key), inner


def _quietly(ask: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever the server says
    """Return what only administrators are told, or None."""
    try:
        return ask()
    except (LimeSurveyStatusError, LimeSurveyApiError):
        return None


def _quotas(client: Client, survey_id: int) -> Iterator[Lost]:
    for quota in _quietly(lambda: client.list_quotas(survey_id)) or ():
        yield Lost(
            f"quota {quota.get('name')!r}",
            Text(
                f"Quote mit Grenze {quota.get('limit', quota.get('qlimit'))}",
                f"quota of {quota.get('limit', quota.get('qlimit'))}",
            ),
            Text(
                "die Schnittstelle sagt nicht, für welche Antworten sie gilt; im Archiv (.lsa) steht sie ganz",
                "the interface does not tell which answers it counts; the archive (.lsa) holds it whole",
            ),
        )


# --- the answers ----------------------------------------------------------------------------------------


def _answers(
    client: Client, survey_id: int, questionnaire: Questionnaire, name: str, keep: Collection[str]
) -> tuple[Any, list[Lost]]:
    """Return the answers, all of them, by codes; None where the survey was never activated."""
    try:
        content = client.export_responses(
            survey_id,
            file_format="json",
            language=questionnaire.languages[0],
            completion_status="all",
            heading_type="code",
            response_type="short",
        )
    except LimeSurveyStatusError as error:
        if any(word in str(error).casefold() for word in _NOT_ACTIVE):
            return None, [_no_answers(str(error))]
        raise
    source = read_json(content, name)
    read = deliver(source, questionnaire, keep=keep, strangers=source.table.height == 0)
    return read.delivered, list(read.lost)


def _no_answers(status: str) -> Lost:
    return Lost(
        "answers",
        Text("Antworten", "answers"),
        Text(
            f"die Umfrage hat keine; sie ist vielleicht noch nicht aktiviert (LimeSurvey: {status})",
            f"the survey has none; perhaps it is not activated yet (LimeSurvey: {status})",
        ),
    )
