"""Links that enterprises keep about what GS1 Digital Links name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from traceqr.digital_link.identified import Identified
from traceqr.digital_link.links import Link, Placed
from traceqr.registry.database import Reader, Transaction


@dataclass(frozen=True, slots=True)
class KeptLink:
    """A row: `about` is the path of a key, `qualified` what is behind it, `languages` tags with blanks between."""

    id: str
    enterprise_id: str
    identifier: str
    about: str
    qualified: str
    kind: str
    href: str
    title: str
    languages: str
    media_type: str
    context: str
    state: str = "set"

    @classmethod
    def of(cls, link_id: str, enterprise_id: str, placed: Placed) -> KeptLink:
        """The row of a link."""
        about, link = placed.about, placed.link
        tags = " ".join(link.languages)
        words = (link.kind, link.href, link.title, tags, link.media_type, link.context)
        return cls(link_id, enterprise_id, about.key, about.bare.path, about.qualified, *words)

    @property
    def placed(self) -> Placed:
        """The link, and what it is about."""
        link = Link(self.kind, self.href, self.title, tuple(self.languages.split()), self.media_type, self.context)
        return Placed(Identified.parse(self.about + self.qualified), link)


_COLUMNS = tuple(KeptLink.__dataclass_fields__)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM link"


def insert(tx: Transaction, link: KeptLink, position: int) -> None:
    """Add a link."""
    tx.insert_many("link", (*_COLUMNS, "position"), [(*asdict(link).values(), position)])


def remove(tx: Transaction, link_id: str, position: int) -> None:
    """Let a link stand no more."""
    tx.execute(
        "UPDATE link SET state = 'removed', position = :position WHERE id = :id", {"position": position, "id": link_id}
    )


def by_id(reader: Reader, link_id: str) -> KeptLink | None:
    """The link of that id."""
    row = reader.row(_SELECT + " WHERE id = :id", {"id": link_id})
    return KeptLink(**row) if row else None


def about(reader: Reader, levels: Sequence[Identified], enterprise_id: str, most: int = 500) -> list[KeptLink]:
    """Links that an enterprise keeps about a thing, at any of its levels: the narrowest first, then as they came."""
    spelled = {f"level{place}": level.qualified for place, level in enumerate(levels)}
    among = ", ".join(f":{name}" for name in spelled)
    rows = reader.rows(
        f"{_SELECT} WHERE state = 'set' AND about = :about AND qualified IN ({among})"
        " AND enterprise_id = :enterprise ORDER BY position, id LIMIT :most",
        {**spelled, "about": levels[0].bare.path, "enterprise": enterprise_id, "most": most},
    )
    ranks = {level.qualified: place for place, level in enumerate(levels)}
    return sorted((KeptLink(**row) for row in rows), key=lambda link: ranks[link.qualified])


def everything_about(reader: Reader, key: Identified, enterprise_id: str, most: int = 1000) -> list[KeptLink]:
    """All links that an enterprise keeps about a key, whatever their lots: the key's own first."""
    rows = reader.rows(
        f"{_SELECT} WHERE state = 'set' AND about = :about AND enterprise_id = :enterprise"
        " ORDER BY position, id LIMIT :most",
        {"about": key.bare.path, "enterprise": enterprise_id, "most": most},
    )
    return sorted((KeptLink(**row) for row in rows), key=lambda link: link.qualified)


def of_others(reader: Reader, enterprise_id: str, most: int = 1000) -> dict[str, int]:
    """The paths of what an enterprise keeps links about that is no product, each with the number of its links."""
    rows = reader.rows(
        "SELECT about, qualified FROM link WHERE state = 'set' AND enterprise_id = :enterprise AND identifier <> '01'"
        " ORDER BY position DESC, id LIMIT :most",
        {"enterprise": enterprise_id, "most": most},
    )
    return dict(sorted(Counter(f"{row['about']}{row['qualified']}" for row in rows).items()))
