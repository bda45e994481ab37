"""What was asked, what was answered, and what was published.

The questionnaire with its filters, variables and versions; answers as delivered and as typed, with the state
of every value; and aggregates as printed. Published results are a first-class input: every statement keeps
its hedge, its rank, its base with the readings that stay open, and the sentence it stands in; `cross_check`
finds what the files say against each other.
"""

from passgenau.survey.check import Finding, cross_check
from passgenau.survey.filters import Filter
from passgenau.survey.published import (
    BaseReading,
    Claim,
    Published,
    PublishedConcept,
    Return,
    Source,
    Statement,
)
from passgenau.survey.questionnaire import (
    Item,
    Kind,
    NoAnswer,
    Other,
    Point,
    Question,
    Questionnaire,
    QuestionType,
    Scale,
    Section,
)
from passgenau.survey.responses import Delivered, Disposition, Mark, Responses, State, Step
from passgenau.survey.variables import Category, Variable, variables

__all__ = [
    "BaseReading",
    "Category",
    "Claim",
    "Delivered",
    "Disposition",
    "Filter",
    "Finding",
    "Item",
    "Kind",
    "Mark",
    "NoAnswer",
    "Other",
    "Point",
    "Published",
    "PublishedConcept",
    "Question",
    "QuestionType",
    "Questionnaire",
    "Responses",
    "Return",
    "Scale",
    "Section",
    "Source",
    "State",
    "Statement",
    "Step",
    "Variable",
    "cross_check",
    "variables",
]
