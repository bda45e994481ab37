"""What may name a person is flagged, and what only looks a little like it is not."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passgenau.survey.personal import KINDS, MAX_LENGTH, flag_personal, masked


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bitte an maria.muster@stadt-beispiel.de schreiben.", [("email", "maria.muster@stadt-beispiel.de")]),
        ("muster(at)gemeinde.de", [("email", "muster(at)gemeinde.de")]),
        ("Mehr unter https://www.beispiel.de/quartier?x=1.", [("link", "https://www.beispiel.de/quartier?x=1")]),
        ("siehe www.beispielstadt.de", [("link", "www.beispielstadt.de")]),
        ("Konto DE89 3704 0044 0532 0130 00", [("iban", "DE89 3704 0044 0532 0130 00")]),
        ("Tel. 07321/123456", [("phone", "Tel. 07321/123456")]),
        ("erreichbar unter +49 711 123-4567 oder mobil", [("phone", "+49 711 123-4567")]),
        ("(0711) 1234567", [("phone", "(0711) 1234567")]),
        ("Durchwahl 4711", [("phone", "Durchwahl 4711")]),
        ("Hauptstraße 12 ist das Rathaus", [("address", "Hauptstraße 12")]),
        ("Treffpunkt: Lange Straße 7a", [("address", "Lange Straße 7a")]),
        ("Bahnhofstr. 3, 89518 Heidenheim", [("address", "Bahnhofstr. 3"), ("address", "89518 Heidenheim")]),
        ("Am Brunnen 5, 1. Stock", [("address", "Am Brunnen 5")]),
        ("Frau Dr. Müller-Lüdenscheidt leitet das.", [("name", "Frau Dr. Müller-Lüdenscheidt")]),
        ("Herr von der Heide war dagegen", [("name", "Herr von der Heide")]),
        ("Unser Bürgermeister Max Beispiel will das.", [("name", "Bürgermeister Max Beispiel")]),
        ("Frau Yıldız".replace("ı", "i"), [("name", "Frau Yildiz")]),
        ("Ansprechpartnerin: Erika Muster", [("name", "Ansprechpartnerin: Erika Muster")]),
    ],
)
def test_it_is_flagged(text: str, found: list[tuple[str, str]]) -> None:
    assert [(flag.kind, flag.text) for flag in flag_personal(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "Frau und Mann",
        "Angebote für Frau und Familie",
        "Am Markt 5 Stände",
        "Auf dem Weg 2030 zur Stadt für alle",
        "Wir brauchen 3 bis 4 Tage im Jahr.",
        "Seit 2017 bzw. 2018 laufen 12 Projekte.",
        "Die 35 Landkreise und 1.101 Städte und Gemeinden",
        "Quartier 2020 – Gemeinsam. Gestalten.",
        "Der Bürgermeister und der Gemeinderat",
        "Bürgermeister Sprechstunde einführen",
        "Herr der Lage werden",
        "Kosten von 12.500,00 Euro",
        "z.B. Pflege, u.a. Wohnen",
        "10000 Euro im Jahr",
        "Der Ring um die Altstadt mit 7 Plätzen",
        "§ 45c SGB XI",
        "Mo-Fr. 9 bis 12 Uhr",
        "",
    ],
)
def test_it_is_left_alone(text: str) -> None:
    assert flag_personal(text) == ()


def test_a_text_shows_the_kind_in_place_of_what_was_found() -> None:
    assert masked("Frau Muster, Tel. 07321 123456, muster@beispiel.de") == "[Name], [Telefonnummer], [E-Mail-Adresse]"


def test_a_mask_never_shortens_what_lies_around_it() -> None:
    text = "Vorher Frau Muster nachher"
    assert masked(text) == "Vorher [Name] nachher"
    assert masked("nichts Besonderes") == "nichts Besonderes"


def test_places_are_flagged_where_they_are_given() -> None:
    text = "Bei uns in Bad Beispiel gibt es nur eine Stelle"
    assert flag_personal(text) == ()
    assert [flag.text for flag in flag_personal(text, ["Beispiel", "Bad Beispiel"])] == ["Bad Beispiel"]


def test_what_is_too_long_to_look_at_is_not_shown() -> None:
    text = "a " * MAX_LENGTH
    assert flag_personal(text)[-1].end == len(text)
    assert len(masked(text)) < len(text)


@given(st.text(alphabet="ab Frau Müller.@de/0123456789+-()\nÄß,", max_size=120))
@settings(max_examples=80)
def test_flags_lie_in_the_text_in_order_and_apart(text: str) -> None:
    flags = flag_personal(text)
    assert all(text[flag.start : flag.end] == flag.text for flag in flags)
    assert all(a.end <= b.start for a, b in itertools.pairwise(flags))
    assert {flag.kind for flag in flags} <= set(KINDS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Das macht Sabine Huber bei uns", ["Sabine Huber"]),
        ("Bitte Hans-Peter Müller fragen", ["Hans-Peter Müller"]),
        ("Ayşe weiß das", ["Ayşe"]),
        ("Maximal 3 Tage, max. 4; Leonberg und das Rosa Haus", []),
    ],
)
def test_frequent_given_names_are_flagged_without_a_title(text: str, found: list[str]) -> None:
    assert [flag.text for flag in flag_personal(text)] == found
