"""What a verdict shows beside its code: frozen values, filled from the registry, read by every face."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from traceqr.label.format import Label
from traceqr.verdict import Code, History, Ruling, State, Step


@dataclass(frozen=True, slots=True)
class Batch:
    """The batch of a label. Dates are ISO calendar dates, or None where the enterprise gave none."""

    number: int
    count: int
    lot: str | None
    produced_on: str | None
    expires_on: str | None
    issued_ms: int


@dataclass(frozen=True, slots=True)
class Product:
    """A product in the version that the batch was printed under. `picture` is a digest, see
    `registry.products.picture`.
    """

    gtin: str
    version: int
    name_zh: str
    name_en: str
    brand: str
    specification: str
    standard: str
    picture: str | None
    changed_since: bool
    """Whether the enterprise has changed the product's text after the batch was issued."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """The right of an enterprise to the GTIN was revoked: when, and by which organisation."""

    since_ms: int
    by_zh: str
    by_en: str
    held_by_another: bool
    """Whether the right is another enterprise's now."""


@dataclass(frozen=True, slots=True)
class Enterprise:
    """Who issued the label: it claims the product, or did so then. `uscc` is the unified social credit code,
    `accepted_by` the organisation that reviewed the claim to the GTIN; empty where it holds none any more.
    """

    name_zh: str
    name_en: str
    uscc: str
    service_phone: str
    accepted_by_zh: str
    accepted_by_en: str
    changed_since: bool
    """Whether the enterprise's name or phone was amended after the batch was issued."""

    printed_zh: str = ""
    """The names that it had then, where they are others than now."""
    printed_en: str = ""
    revoked: Revocation | None = None


class PledgeState(enum.StrEnum):
    """A pledge at the instant of the verdict. Only `withdrawn` and `breached` are stored; the others follow from its
    dates.
    """

    IN_FORCE = "in-force"
    AHEAD = "ahead"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    BREACHED = "breached"


class ArticleGroup(enum.StrEnum):
    """Whom an article of a pledge text is about, in the order in which they stand."""

    SIGNERS = "signers"
    """What signers do first."""

    TRADE = "trade"
    """What they call on their trade for."""

    SOCIETY = "society"
    """What they call on society for."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a pledge text, in both languages."""

    zh: str
    en: str
    group: ArticleGroup = ArticleGroup.SIGNERS


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a pledge was declared breached, and what the enterprise replied: empty, and None, where it has not."""

    text: str
    since_ms: int
    reply: str = ""
    replied_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Pledge:
    """What was pledged, in which campaign, until when. The instants bound the pledge, the end not included."""

    number: int
    state: PledgeState
    campaign_zh: str
    campaign_en: str
    theme_zh: str
    theme_en: str
    organiser_zh: str
    organiser_en: str
    year: int
    articles: tuple[Article, ...]
    signed_ms: int
    valid_from_ms: int
    valid_to_ms: int
    changed_since: bool
    """Whether the campaign's text has a later version than the one the batch was printed under."""

    findings: tuple[Finding, ...] = ()
    """Those that stand against it, earliest first; empty unless it is breached."""

    certificate: str = ""
    """The number of its certificate."""

    def state_at(self, at_ms: int) -> PledgeState:
        """Its state at an instant: its dates decide, unless it was withdrawn or breached."""
        if self.state in (PledgeState.WITHDRAWN, PledgeState.BREACHED):
            return self.state
        if at_ms < self.valid_from_ms:
            return PledgeState.AHEAD
        return PledgeState.IN_FORCE if at_ms < self.valid_to_ms else PledgeState.EXPIRED

    @property
    def groups(self) -> tuple[tuple[ArticleGroup, tuple[Article, ...]], ...]:
        """Its articles by whom they are about, groups without any left out."""
        found = ((group, tuple(each for each in self.articles if each.group is group)) for group in ArticleGroup)
        return tuple((group, articles) for group, articles in found if articles)


class MarkState(enum.StrEnum):
    """A licence of a mark at the instant of the verdict. The last two are stored; the others follow from its dates."""

    IN_FORCE = "in-force"
    AHEAD = "ahead"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


TROUBLED = frozenset({MarkState.SUSPENDED, MarkState.WITHDRAWN})
"""States in which nobody may rely on a mark, whatever its label says."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark that the label carries, in the words that it had when its licence was granted.

    `artwork` names its drawing, `licence` is the number of the licence as people spell it, and `since_ms` the instant
    since when `state` is so. `reason` says why the licence is suspended or withdrawn.
    """

    id: str
    artwork: str
    name_zh: str
    name_en: str
    meaning_zh: str
    meaning_en: str
    organisation_zh: str
    organisation_en: str
    licence: str
    number: int
    state: MarkState
    since_ms: int
    reason: str | None
    valid_from_ms: int
    valid_to_ms: int
    changed_since: bool
    """Whether the mark has later words than those that the licence was granted under."""

    def state_at(self, at_ms: int) -> MarkState:
        """Its state at an instant: its dates decide, unless it is suspended or withdrawn."""
        if self.state in TROUBLED:
            return self.state
        if at_ms < self.valid_from_ms:
            return MarkState.AHEAD
        return MarkState.IN_FORCE if at_ms < self.valid_to_ms else MarkState.EXPIRED

    def in_state(self, state: MarkState) -> Mark:
        """The same in the state that it has at some instant, with the instant since when it has."""
        if state is MarkState.EXPIRED:
            return replace(self, state=state, since_ms=self.valid_to_ms)
        if state is MarkState.IN_FORCE:
            return replace(self, state=state, since_ms=max(self.since_ms, self.valid_from_ms))
        return replace(self, state=state)

    @property
    def troubled(self) -> bool:
        """Whether its label must say so plainly."""
        return self.state in TROUBLED


@dataclass(frozen=True, slots=True)
class Wording:
    """What a recall tells in one language, named by its tag (BCP 47): the hazard, what to do, and whom to ask. The last
    two are empty where nobody has said.
    """

    language: str
    hazard: str
    advice: str
    contact: str


_INSTEAD = {"zh-Hant": ("zh-Hant", "zh-Hans"), "zh-Hans": ("zh-Hans", "zh-Hant"), "en": ("en", "zh-Hans")}
"""What is read in place of a language that nobody wrote, nearest first."""


@dataclass(frozen=True, slots=True)
class Recall:
    """What people are told of a recall, in the languages that there are. `grade` is 1 (worst) to 3, or None; the names
    are those of the organisation that ordered it, empty where the enterprise recalls by itself.
    """

    id: str
    grade: int | None
    wordings: tuple[Wording, ...]
    ordered_zh: str = ""
    ordered_en: str = ""

    def in_language(self, tag: str) -> Wording:
        """The words for readers of a language, or those nearest to it."""
        by_tag = {each.language: each for each in self.wordings}
        return next((by_tag[each] for each in _INSTEAD.get(tag, ()) if each in by_tag), self.wordings[0])


@dataclass(frozen=True, slots=True)
class Material:
    """What a product was made of, as far as a recall of it tells: which, of what lot, and whose recall it is. Names are
    empty where nobody has told them, `lot` where all of it is recalled.
    """

    gtin: str
    lot: str
    name_zh: str
    name_en: str
    by_zh: str
    by_en: str


@dataclass(frozen=True, slots=True)
class Notice:
    """An open hold or recall that covers the label, or the act that voided it: `kind` is hold, recall or void."""

    kind: str
    since_ms: int
    reason: str
    recall: Recall | None = None
    """What is told of a recall; None for what is none."""
    material: Material | None = None
    """What is recalled, where it is not the label's own product but something that it was made of."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """The hidden code of the label was entered rightly: when, and where (a code of the gazetteer, or empty), by the
    device that is told of it (`own`) or by another. `other_entries` counts the right entries by other devices after it.
    """

    confirmed_ms: int
    place: str
    own: bool
    other_entries: int = 0
    last_other_ms: int | None = None
    last_other_place: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of an issued label apart from its history."""

    batch: Batch
    product: Product
    enterprise: Enterprise
    pledge: Pledge | None
    notices: tuple[Notice, ...]
    activated_ms: int | None
    marks: tuple[Mark, ...] = ()
    hidden_codes: bool = False
    """Whether labels of the batch have hidden codes under scratch layers."""

    purchase: Purchase | None = None
    """Told to those who are told the label's history."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `evidence`, `state` and `history` are None where the ruling did not reach them."""

    code: Code
    reason: str
    step: Step
    at_ms: int
    label: Label | None
    host_official: bool
    state: State | None = None
    history: History | None = None
    evidence: Evidence | None = None

    @classmethod
    def of(cls, ruling: Ruling, at_ms: int, host_official: bool, evidence: Evidence | None = None) -> Verdict:
        """A ruling with its evidence."""
        facts = ruling.facts
        return cls(
            ruling.code,
            ruling.reason,
            ruling.step,
            at_ms,
            ruling.label,
            host_official,
            facts.state if facts else None,
            facts.history if facts else None,
            evidence,
        )

    @property
    def history_checked(self) -> bool:
        """Whether the label's history went into the verdict."""
        return self.history is not None

    @property
    def sealed(self) -> bool:
        """Whether the seal was found to hold."""
        return self.step > Step.SEAL
