"""Trusting: whose word leads on, where two statements meet in one thing.

Of what somebody has claimed he speaks himself, or whom he named: capture sees to that. Of what nobody has claimed
everybody may speak, and one could so lead to goods that another made of it. There an enterprise's word leads on in what
it states itself, and in what those state who have named it their partner.

One says to have made or filled a thing, another to have used it. They meet where both are the same; where the first
owns the thing or did, or its owner has ever named him a partner; where the second has named the first a partner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from traceqr.chain.owning import Owners
from traceqr.registry import batches, claims, partners
from traceqr.registry.batches import Batch
from traceqr.registry.database import Reader
from traceqr.tracing.run import Run
from traceqr.tracing.thing import batch_of_line, label_line, on_line

ANYBODY = ""
"""Who is asked by nobody in particular: everybody's word leads on from there."""


@dataclass(slots=True)
class Trust:
    """Who goes by whose word, remembered for as long as a snapshot or a transaction lasts. `everybody` goes by
    everybody's: what a body orders or asks does not depend on who has named whom.
    """

    reader: Reader
    everybody: bool = False
    _owners: Owners = field(init=False)
    _owned: dict[tuple[str, str], bool] = field(default_factory=dict)
    _held: dict[tuple[str, str], bool] = field(default_factory=dict)
    _batches: dict[str, Batch | None] = field(default_factory=dict)
    _naming: dict[str, frozenset[str]] = field(default_factory=dict)
    _ever_naming: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._owners = Owners(self.reader, ANYBODY)

    def meet(self, run: Run, maker: str, user: str) -> bool:
        """Whether what `maker` says to have made, or filled, leads on in what `user` says to have used, or packed."""
        if self.everybody or ANYBODY in (maker, user) or maker == user:
            return True
        return user in self._who_names(maker) or self.owns(run, maker)

    def led(self, run: Run, user: str, maker: str) -> bool:
        """The same, as it is gone back."""
        return self.meet(run, maker, user)

    def owns(self, run: Run, enterprise_id: str) -> bool:
        """Whether a thing is an enterprise's or was, or is that of somebody who has ever named it a partner."""
        key = run.line, enterprise_id
        if key not in self._owned:
            owner = self.owner(run)
            named = {enterprise_id, *self._who_ever_named(enterprise_id)}
            self._owned[key] = owner is not None and (owner in named or self._has_held(run, enterprise_id))
        return self._owned[key]

    def owner(self, run: Run) -> str | None:
        """The enterprise whose a thing is; None where nobody has claimed it."""
        batch = self._batches.get(run.line)
        return batch.enterprise_id if batch else self._owners.of_line(run.line)

    def made(self, runs: Iterable[Run], maker: str) -> list[Run]:
        """What of things `maker` may say to have made: not labels of others, which he may have told of before there
        were any.
        """
        listed = list(runs)
        if self.everybody or maker == ANYBODY:
            return listed
        self._learn(listed)
        return [run for run in listed if self._issuer(run) in (ANYBODY, maker) or self.owns(run, maker)]

    def by_issuer(self, runs: Iterable[Run]) -> dict[str, list[Run]]:
        """Labels by the enterprises that issued them; what are none by `ANYBODY`."""
        listed = list(runs)
        if self.everybody:
            return {ANYBODY: listed}
        self._learn(listed)
        found: dict[str, list[Run]] = {}
        for run in listed:
            found.setdefault(self._issuer(run), []).append(run)
        return found

    def issued(self, runs: Iterable[Run]) -> list[Batch]:
        """The batches that labels are of."""
        listed = list(runs)
        self._learn(listed)
        found = {batch.number: batch for run in listed if (batch := self._batches[run.line]) is not None}
        return list(found.values())

    def _issuer(self, run: Run) -> str:
        batch = self._batches[run.line]
        return batch.enterprise_id if batch else ANYBODY

    def _has_held(self, run: Run, enterprise_id: str) -> bool:
        """Whether a product is another's now, and was the enterprise's: what that stated of it then stays true."""
        gtin = on_line(run.line, 0).gtin
        if gtin is None or batch_of_line(run.line) is not None:
            return False
        key = gtin, enterprise_id
        if key not in self._held:
            held = claims.revoked_for(self.reader, enterprise_id, gtin) is not None
            self._held[key] = held or batches.is_issued_by(self.reader, gtin, enterprise_id)
        return self._held[key]

    def _learn(self, runs: Iterable[Run]) -> None:
        fresh = {run.line: batch_of_line(run.line) for run in runs if run.line not in self._batches}
        issued = batches.by_numbers(self.reader, {number for number in fresh.values() if number is not None})
        for line, number in fresh.items():
            batch = issued.get(number or 0)
            is_its = batch is not None and label_line(batch.gtin, batch.number) == line
            self._batches[line] = batch if is_its else None

    def _who_names(self, partner: str) -> frozenset[str]:
        if partner not in self._naming:
            self._naming[partner] = frozenset(partners.naming(self.reader, partner))
        return self._naming[partner]

    def _who_ever_named(self, partner: str) -> frozenset[str]:
        if partner not in self._ever_naming:
            self._ever_naming[partner] = frozenset(partners.ever_naming(self.reader, partner))
        return self._ever_naming[partner]
