"""The rules of a plan by their labels: the solver names them, and the check recomputes them."""

from __future__ import annotations

from dataclasses import dataclass

from passgenau.text import Text


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that every plan keeps."""

    label: str
    text: Text


def _rule(label: str, de: str, en: str) -> tuple[str, Rule]:
    return label, Rule(label, Text(de, en))


RULES: dict[str, Rule] = dict(
    [
        # who learns with whom
        _rule(
            "everybody",
            "Jede Anmeldung ist genau einer Kohorte zugeordnet oder mit Grund als nicht untergebracht genannt.",
            "Every registration is in exactly one cohort, or listed as not placed with the reason.",
        ),
        _rule(
            "one_tier",
            "Alle Mitglieder einer Kohorte gehören zu derselben Ebene.",
            "All members of a cohort belong to the same tier.",
        ),
        _rule(
            "capacity",
            "Eine Kohorte hat nicht mehr Personen, als das Modul der Basis mit der kleinsten Höchstzahl fasst.",
            "A cohort has no more persons than the Basis module with the smallest group maximum holds.",
        ),
        _rule(
            "group_minimum",
            "Eine Kohorte hat mindestens so viele Personen, wie jedes Modul der Basis braucht.",
            "A cohort has at least as many persons as every Basis module needs.",
        ),
        _rule(
            "organisations_min",
            "In einer Kohorte lernen Personen aus einer Mindestzahl von Kommunen (organisations_min).",
            "A cohort brings together a minimum number of organisations (organisations_min).",
        ),
        _rule(
            "cohort_count",
            "Der Pilot hat so viele Kohorten, wie cohorts_min und cohorts_max erlauben.",
            "The pilot has as many cohorts as cohorts_min and cohorts_max allow.",
        ),
        _rule(
            "joint",
            "Wer sich als Verwaltungsgemeinschaft gemeinsam anmeldet, bleibt zusammen.",
            "Those who register jointly as an association stay together.",
        ),
        _rule(
            "seat",
            "Der Sitz einer Kohorte ist eines ihrer Mitglieder.",
            "The seat of a cohort is one of its members.",
        ),
        _rule(
            "distance",
            "Die genannten Wege entsprechen Luftlinie mal Umwegfaktor.",
            "The stated ways equal great-circle distance times detour.",
        ),
        # what takes place
        _rule(
            "introduction",
            "Jede Kohorte beginnt mit genau einem Einführungstag.",
            "Every cohort begins with exactly one introduction day.",
        ),
        _rule(
            "basis_complete",
            "Jede Kohorte hat jeden Block der Basis mit allen seinen Modulen genau einmal.",
            "Every cohort has every block of the Basis, with all its modules, exactly once.",
        ),
        _rule(
            "duration",
            "Ein Termin dauert so viele Tage, wie seine Unterrichtseinheiten brauchen, je Tag höchstens units_per_day.",
            "An event takes the days that its contact units need; no day has more than units_per_day.",
        ),
        _rule(
            "block_order",
            "Die Blöcke folgen aufeinander; der Einführungstag liegt davor (weeks_after_introduction).",
            "Blocks follow one another, after the introduction day (weeks_after_introduction).",
        ),
        _rule(
            "block_gap",
            "Zwischen zwei Blöcken einer Kohorte liegt Zeit für die eigene Aufgabe (months_between_blocks).",
            "Between two blocks of a cohort there is time for its tasks (months_between_blocks).",
        ),
        _rule(
            "electives",
            "Vertiefungen finden zwischen Mindest- und Höchstzahl statt, für Personen, die sie wünschen, "
            "und nach den Modulen, die sie voraussetzen.",
            "Electives run from their minimum up to their maximum of persons, for those who wished for them, and after "
            "the modules they require.",
        ),
        _rule(
            "in_house",
            "Inhouse-Tage gibt es auf Wunsch, je Organisation höchstens einen, insgesamt höchstens in_house_days_max, "
            "frühestens acht Wochen nach dem Einführungstag und nach dem ersten Block, für in_house_persons Personen; "
            "Inhalt ist der Einführungstag vor Ort, am Ende stehen vereinbarte Rollen und Zuständigkeiten.",
            "In-house days are held on request, one per organisation and in_house_days_max in all, eight weeks after "
            "the introduction day at the earliest and after the first block, for in_house_persons persons; they hold "
            "the introduction on the spot and end with agreed roles and responsibilities.",
        ),
        _rule(
            "briefing",
            "Die Spitze jeder Organisation hat ihren Kurztermin.",
            "The leadership of every organisation has its briefing.",
        ),
        _rule(
            "peer_meeting",
            "Die Gruppen der oberen Ebene treffen sich alle so oft, wie district_peer_meetings es je Jahr vorsieht.",
            "All groups of the upper tier meet as often as district_peer_meetings provides per year.",
        ),
        _rule(
            "attendance",
            "Zu einem Termin kommen die Mitglieder seiner Kohorten, außer wem alle Module angerechnet sind.",
            "The members of its cohorts come to an event, except those with credit for all its modules.",
        ),
        # when
        _rule(
            "calendar",
            "Alles findet zwischen Anfang und Ende des Kalenders statt.",
            "Everything takes place between the start and the end of the calendar.",
        ),
        _rule("holidays", "Kein Termin liegt auf einem gesetzlichen Feiertag.", "No event is on a public holiday."),
        _rule(
            "closed",
            "Kein Termin liegt in den Schulferien oder einem anderen gesperrten Zeitraum.",
            "No event is in the school holidays or another closed period.",
        ),
        _rule(
            "weekdays",
            "Termine liegen nur auf den vereinbarten Wochentagen.",
            "Events are on the agreed weekdays only.",
        ),
        _rule(
            "member_days",
            "Kein Termin liegt auf einem Tag, an dem ein Mitglied der Kohorte verhindert ist.",
            "No event is on a day on which a member of the cohort is unavailable.",
        ),
        _rule(
            "persons_once",
            "Niemand ist an einem Tag zu zwei Terminen eingeteilt.",
            "Nobody is due at two events on one day.",
        ),
        _rule(
            "max_parallel",
            "An einem Tag finden höchstens so viele Termine statt, wie max_parallel erlaubt.",
            "On one day there are at most as many events as max_parallel allows.",
        ),
        # where
        _rule(
            "venue_known",
            "Ein Termin findet in einem genannten Raum oder bei einem Mitglied statt, das einen Raum anbietet.",
            "An event takes place in a listed venue or with a member that offers a room.",
        ),
        _rule(
            "venue_seats",
            "Jeder Raum hat genug Plätze für alle Personen.",
            "Every room has seats for all persons.",
        ),
        _rule(
            "venue_open",
            "Kein Termin liegt auf einem Tag, an dem sein Raum geschlossen ist.",
            "No event is on a day on which its venue is closed.",
        ),
        _rule(
            "venue_once",
            "Kein Raum ist an einem Tag doppelt belegt.",
            "No venue is booked twice on one day.",
        ),
        _rule(
            "rotation",
            "Die Orte wechseln: Niemand lädt zum zweiten Mal ein, bevor alle anderen Gastgeber einmal dran waren; bei "
            "nur einem Gastgeber kommen die genannten Räume im Umkreis der Kohorte dazu, ohne Gastgeber der nächste.",
            "Places rotate: nobody hosts twice before all other hosts of the cohort have hosted once; where only one "
            "member hosts, the listed venues within the cohort's radius join in, where none does, the nearest.",
        ),
        # with whom
        _rule(
            "trainer_number",
            "Jeden Termin leiten so viele Personen, wie trainers_per_event verlangt (Kurztermine: eine).",
            "Every event is led by as many trainers as trainers_per_event demands (briefings: one).",
        ),
        _rule(
            "trainer_qualified",
            "Jedes Modul eines Termins kann jemand aus der Leitung unterrichten, und jede Leitungsperson eines davon.",
            "Someone of those leading an event teaches each of its modules, and each of them teaches one.",
        ),
        _rule(
            "trainer_once",
            "Keine Trainerin und kein Trainer ist an einem Tag an zwei Orten.",
            "No trainer is in two places on one day.",
        ),
        _rule(
            "trainer_free",
            "Trainerinnen und Trainer unterrichten nur an ihren Wochentagen und nicht, wenn sie verhindert sind.",
            "Trainers teach on their weekdays only, and not when they are unavailable.",
        ),
        _rule(
            "trainer_days",
            "Niemand unterrichtet in einem Kalenderjahr an mehr Tagen als vereinbart (days_per_year).",
            "No trainer has more days in a calendar year than agreed (days_per_year).",
        ),
        # what it costs
        _rule(
            "costs",
            "Die Kosten der Termine, die Posten und die Anteile der Kommunen ergeben dieselbe Summe.",
            "The costs of events, the lines and the organisations' shares add up to the same total.",
        ),
        _rule(
            "travel",
            "Die genannten Wege (Median, 90 %, längster) folgen aus Kohorten und Orten.",
            "The stated travel (median, 90 %, longest) follows from cohorts and places.",
        ),
        _rule(
            "figures",
            "Zielwert, Schranke, Lücke und Zahl der Leitenden folgen aus dem Plan.",
            "Objective, bound, gap and number of trainers follow from the plan.",
        ),
    ]
)
