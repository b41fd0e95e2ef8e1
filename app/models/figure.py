"""Figures side by side: who gives which number of the same thing. Their table is that of the claims."""

from app.models.actor import ActorRef
from app.models.base import Id, Line, Shape, Text
from app.models.citation import Citation
from app.models.claim import ClaimRef, Comparator, Number, Stance
from app.models.event import EventRef


class FigureEntry(Shape):
    """A number as one claim gives it, with the passages that carry it."""

    event: EventRef
    """The event that the claim is about."""
    claim: Id
    """The claim's id in that event."""
    text: Text
    """What is claimed, in the editors' words."""
    speaker: ActorRef | None
    """Who says so; null where the sources name nobody, and the number is the source's own."""
    said: str | None
    """When it was said (EDTF, in the event's time zone); null where no source says."""
    stance: Stance
    """How the speaker stands to the number."""
    comparator: Comparator
    """How the number was qualified; `unquantified` where only a word such as "dozens" was given."""
    low: Number | None
    """Lowest value that the wording allows; null where it sets none."""
    high: Number | None
    """Highest value that the wording allows; null where it sets none."""
    unit: Line
    """What one is: `people`, `days`."""
    wording: Line | None
    """The word used instead of a number, where there is no number."""
    citations: list[Citation]
    """The passages that carry it, each with its source, publisher and time of publication."""


class Contradiction(Shape):
    """Two claims whose numbers cannot both hold: their ranges do not meet."""

    one: ClaimRef
    """The claim that stands first among the entries."""
    other: ClaimRef
    """The claim that it contradicts."""


class FigureGroup(Shape):
    """All numbers that were given of one thing, side by side. There is no mean of them, and no best one."""

    measure: Id
    """What is counted or measured: `killed`, `injured`, `population`."""
    scope: Line
    """Whom or what, where and when all figures of the group cover; those of another scope are never among them."""
    unit: Line
    """What one is: `people`, `days`."""
    lowest: Number | None
    """The least number that anybody gives; null where only words were given."""
    highest: Number | None
    """The greatest number that anybody gives, which is no bound where it is "at least" so many; null where only words
    were given."""
    sources: int
    """How many sources carry them."""
    origins: int
    """How many origins these sources have: a republished report counts once."""
    contradictions: list[Contradiction]
    """Every pair of entries whose ranges do not meet. `at-least` and `more-than` are open above, `at-most` and
    `less-than` below; `more-than` and `less-than` leave out the number itself. A word instead of a number
    contradicts nothing, nor does a number that its speaker denies."""
    entries: list[FigureEntry]
    """The figures, in order of their events and there in the order of the claims."""
