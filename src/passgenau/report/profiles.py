"""What each organisation answered, a page of its own; for that organisation and the office only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passgenau.report.build import attributions, imprint
from passgenau.report.content.context import Context, table
from passgenau.report.content.response import named
from passgenau.report.handouts import alphabetical
from passgenau.report.model import Report, Section
from passgenau.report.wording import Wording, strong
from passgenau.text import Text

if TYPE_CHECKING:
    from passgenau.findings import Profile, Profiles
    from passgenau.findings.profiles import GroupShare, Said
    from passgenau.report.material import Material
    from passgenau.report.model import Element, Inline, Table
    from passgenau.text import Lang

CONFIDENTIAL = Text(
    "Vertraulich: nur für die genannte Kommune und für das Büro, das die Befragung durchführt.",
    "Confidential: for the organisation named and the office that runs the survey only.",
)
_STATES = {
    "empty": ("leer gelassen", "left empty"),
    "not_shown": ("nicht gezeigt", "not shown"),
    "refused": ("keine Angabe", "no answer"),
    "invalid": ("nicht lesbar", "not readable"),
}


def build_profiles(profiles: Profiles, material: Material, lang: Lang = "de") -> Report:
    """Return one page per organisation that answered; none for the others.

    Parameters
    ----------
    profiles
        What each organisation answered, and the shares of its groups.
    material
        The study, for names and imprint.
    lang
        Language of the pages.
    """
    c = Context(material, Wording(lang))
    w = c.w
    ordered = sorted(profiles.profiles, key=lambda p: (alphabetical(p.label), p.organisation))
    own, confidential = material.info.banner, CONFIDENTIAL.into(lang)
    intro = w.callout(
        "caution",
        w.t("Nicht weitergeben", "Do not pass on"),
        w.t(
            "Jede Seite gehört der Kommune, deren Namen sie trägt. Sie zeigt, was diese Kommune geantwortet hat, und "
            "daneben die Anteile unter den Antwortenden ihrer Gruppe, Größenklasse, Region und ihres Kreises. Wo "
            f"weniger als {profiles.threshold} geantwortet haben, oder wo sich das errechnen ließe, steht „–“. Für "
            "Kommunen, die nicht geantwortet haben, gibt es keine Seite: Für sie wird nichts geschätzt.",
            "Every page belongs to the organisation whose name it bears. It shows what that organisation answered and, "
            "beside it, the shares among those who answered of its group, size class, region and district. Where fewer "
            f"than {profiles.threshold} answered, or where that could be worked out, there is “–”. There is no page "
            "for organisations that did not answer: nothing is estimated for them.",
        ),
    )
    return Report(
        lang=lang,
        title=w.t("Was die einzelne Kommune geantwortet hat", "What each organisation answered"),
        subtitle=material.info.title.into(lang),
        banner=f"{confidential} {own.into(lang)}" if own else confidential,
        meta=imprint(c),
        summary=Section("summary", w.t("Zu diesen Seiten", "About these pages"), (intro,), numbered=False),
        sections=tuple(_page(c, profiles, profile) for profile in ordered),
        attribution=attributions(c),
        version=material.info.version,
    )


def _page(c: Context, profiles: Profiles, profile: Profile) -> Section:
    w = c.w
    elements: list[Element] = [w.p(strong(CONFIDENTIAL.into(w.lang)))]
    if profile.differing:
        elements += [
            w.p(
                w.t(
                    f"Von Ihnen kamen {profile.sheets} Bögen. Wo sie verschieden antworten, steht zuerst, was jeder "
                    "sagt, dann, was zählt.",
                    f"You sent {profile.sheets} sheets. Where they differ, what each of them says comes first, then "
                    "what counts.",
                )
            ),
            _differing(c, profile),
        ]
    elements.append(_answers(c, profiles, profile))
    return Section(f"page-{profile.organisation}", profile.label, tuple(elements), numbered=False, own_page=True)


def _differing(c: Context, profile: Profile) -> Table:
    w = c.w
    rows, before = [], None
    for d in profile.differing:
        question = c.m.questionnaire.question(d.question).text.text
        asked = w.line("″") if d.question == before else w.line(w.text(question))
        said = "; ".join(value.into(w.lang) for value in d.values)
        rows.append(w.row(asked, d.item or "–", said, d.chosen))
        before = d.question
    return table(
        f"tab-differing-{profile.organisation}",
        w.t("Wo Ihre Bögen verschieden antworten", "Where your sheets differ"),
        w.t(
            "Frage|Antwort|Ihre Bögen, vom ersten zum jüngsten|zählt",
            "Question|answer|your sheets, first to latest|counts",
        ).split("|"),
        rows,
    )


def _answers(c: Context, profiles: Profiles, profile: Profile) -> Table:
    w = c.w
    by, hidden = _shown_groups(profiles, profile)
    heads = [_group_head(c, profile, name) for name in by]
    beside = [profiles.shares[profile.audience, name, profile.groups[name]] for name in by]
    rows, before = [], None
    for said in profile.said:
        key = (said.question, said.item or "")
        question = c.m.questionnaire.question(said.question).text.text
        shown = w.line(w.text(question)) if said.question != before else w.line("″")
        rows.append(w.row(shown, _own(c, said), *(_share(c, group.get(key)) for group in beside)))
        before = said.question
    return table(
        f"tab-answers-{profile.organisation}",
        w.t("Ihre Antworten, und wie viele andere dasselbe sagten", "Your answers, and how many others said the same"),
        [w.t("Frage", "Question"), w.t("Ihre Antwort", "Your answer"), *(f"{head}>" for head in heads)],
        rows,
        wide=True,
        note=w.t(
            "Anteil unter denen, die die Frage beantwortet haben, in Klammern deren Zahl; jede Kommune zählt einmal, "
            "ohne Gewichte. Nicht angekreuzte und offene Antworten sind weggelassen. ",
            "Share among those who answered the question, in brackets their number; every organisation counts once, "
            "without weights. Answers not ticked and open answers are left out. ",
        )
        + _not_shown(c, [_group_head(c, profile, name) for name in hidden]),
    )


def _shown_groups(profiles: Profiles, profile: Profile) -> tuple[list[str], list[str]]:
    """Return the groups of which a share stands beside an answer, and those of which none may be shown."""
    keys = {(said.question, said.item or "") for said in profile.said}
    shown: list[str] = []
    hidden: list[str] = []
    for name, group in profile.groups.items():
        found = profiles.shares[profile.audience, name, group]
        visible = any(key in keys and share.share is not None for key, share in found.items())
        (shown if visible else hidden).append(name)
    return shown, hidden


def _not_shown(c: Context, groups: list[str]) -> str:
    if not groups:
        return ""
    names = c.w.listing(groups)
    return c.w.t(
        f"Nicht gezeigt, weil zu wenige antworteten oder sich das errechnen ließe: {names}.",
        f"Not shown because too few answered or because it could be worked out: {names}.",
    )


def _group_head(c: Context, profile: Profile, name: str) -> str:
    if name == "audience":
        return c.short(profile.audience)
    return f"{named(c, name)} {profile.groups[name]}" if name == "region" else profile.groups[name]


def _own(c: Context, said: Said) -> Inline:
    w = c.w
    if said.answer is None:
        return w.line(w.t(*_STATES[said.state]))
    if said.item is None:
        return w.line(said.answer)
    item = c.item(said.question, said.item)
    if said.answer.into(w.lang) in {item.text, w.t("ja", "yes")}:
        return w.line(item)
    return w.line(item, ": ", said.answer)


def _share(c: Context, found: GroupShare | None) -> str:
    if found is None or found.share is None or found.answered is None:
        return "–"
    return f"{c.w.percent(found.share)} ({c.w.number(found.answered)})"
