"""What a text means in a registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vitrina.model.term import Term, TermDraft

type MatchedBy = Literal["name", "identifier", "synonym", "case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A value, and the term that it means.

    Attributes:
        value: As it was given.
        term: A registered term; a draft when only the reference knows it; None when nothing fits.
        standard: What the value should be: the asked-for field of the term (its name, its ontology id); None when
            nothing fits, or the term lacks the field.
        matched_by: Which of the term's texts the value is: its name, an identifier, a synonym, or its name in another
            case; None when nothing fits.
        alternatives: Further terms that fit equally well, such as those of another organism.
        proposals: The nearest values of the field when nothing fits, best first; made for the first few values only.
    """

    value: str
    term: Term | TermDraft | None = None
    standard: str | None = None
    matched_by: MatchedBy | None = None
    alternatives: tuple[Term | TermDraft, ...] = ()
    proposals: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether the value is the term's field letter by letter."""
        return self.term is not None and self.standard == self.value
