"""How a table lands in the registry: whole or not at all, and with every fault named at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from typing import Any, TypeVar

from traceqr.acting import ActRefused, Desk, EntriesRefused
from traceqr.importing.decoding import Source
from traceqr.importing.table import Sheet, Table, Watch, read_table, unwatched
from traceqr.registry.database import Reader, Store, Transaction

_Entry = TypeVar("_Entry")
_Done = TypeVar("_Done")


def land(
    desk: Desk,
    source: Source,
    table: Table,
    entry: Callable[..., _Entry],
    do: Callable[[Desk, Sequence[_Entry]], _Done],
    watch: Watch = unwatched,
    *,
    dry_run: bool = False,
) -> _Done:
    """Read a file and do an act over all its rows. `entry` makes an entry of a row's values, named as its columns.

    Raises `ImportRefused`. Rows that cannot be read do not hide what the registry refuses of the others: these are
    rehearsed, so that one look at the message corrects the file. A `dry_run` rehearses all of it: what it returns would
    have landed, and what it raises would have been refused.
    """
    sheet = read_table(source, table, watch)
    rows, entries = _entries(sheet, entry)
    place = rehearsal(desk) if dry_run or sheet.faults else desk
    try:
        if not sheet.full:
            done = do(place, _Watched(entries, watch) if not sheet.faults else entries)
        if not sheet.faults:
            return done
    except EntriesRefused as error:
        for index, refusal in error.refusals:
            sheet.blame(rows[index], refusal.field, str(refusal))
    raise sheet.refusal()


class _Watched(Sequence[_Entry]):
    """Entries whose iteration shows."""

    def __init__(self, entries: Sequence[_Entry], watch: Watch) -> None:
        self._entries = entries
        self._watch = watch

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: Any) -> Any:
        return self._entries[place]

    def __iter__(self) -> Iterator[_Entry]:
        return iter(self._watch(self._entries, "writing"))


def _entries(sheet: Sheet, entry: Callable[..., _Entry]) -> tuple[list[int], list[_Entry]]:
    """The entries that can be made, and the rows that they stand in."""
    rows, entries = [], []
    for record in sheet.records:
        try:
            entries.append(entry(**record.values))
            rows.append(record.row)
        except ActRefused as error:
            sheet.blame(record.row, error.field, str(error))
    return rows, entries


class _Over(Exception):
    """The rehearsal has come to its end; nothing of it stays."""


class _Stage:
    """A registry whose transactions are rolled back at their end, as if they had been committed."""

    def __init__(self, database: Store) -> None:
        self._database = database

    def snapshot(self) -> AbstractContextManager[Reader]:
        return self._database.snapshot()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with suppress(_Over), self._database.transaction() as tx:
            yield tx
            raise _Over


def rehearsal(desk: Desk) -> Desk:
    """A desk at which acts go as far as their commit, and are undone: no mark is kept of them either."""
    return replace(desk, database=_Stage(desk.database), high_water=None)
