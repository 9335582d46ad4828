"""The state of a label in a batch with 100,000 spans, beside one with a single span."""

import random

from measure import ORIGIN, bench, interleaved, table

from traceqr import issuing
from traceqr.demo.catalogue import ITEMS
from traceqr.registry import dossiers, spans
from traceqr.registry.spans import Span

SPANS = 100_000
LABELS_A_SPAN = 10
LOOKUPS = 2_000


def main() -> None:
    with bench() as here:
        order = issuing.Order(ITEMS[0].gtin, SPANS * LABELS_A_SPAN, ORIGIN)
        plain, cut = (issuing.issue(here.desk, order).number for _ in range(2))
        with here.database.transaction() as tx:
            position = spans.of_batch(tx, cut)[0].life_position
            tx.execute("DELETE FROM span WHERE batch = :batch", {"batch": cut})
            alternating = (
                Span(at * LABELS_A_SPAN, (at + 1) * LABELS_A_SPAN - 1, ("issued", "active")[at % 2], position)
                for at in range(SPANS)
            )
            tx.insert_many(
                "span",
                ("batch", "first", "last", "life", "life_position", "holds", "recalls"),
                ((cut, span.first, span.last, span.life, span.life_position, 0, 0) for span in alternating),
            )
        chosen = random.Random(1).sample(range(order.count), LOOKUPS)
        with here.database.snapshot() as reader:
            assert len(spans.of_batch(reader, cut)) == SPANS
            assert len(spans.of_batch(reader, plain)) == 1

            def look_up(batch: int) -> None:
                for index in chosen:
                    dossiers.standing(reader, batch, index)

            many, one = interleaved(9, lambda: look_up(cut), lambda: look_up(plain))
        table(
            f"State of a label, {LOOKUPS:,} at random",
            [
                ("batch with one span", f"{one / LOOKUPS * 1e6:.1f} us"),
                (f"batch with {SPANS:,} spans", f"{many / LOOKUPS * 1e6:.1f} us"),
                ("ratio", f"{many / one:.2f} (goal at most 2)"),
            ],
        )


if __name__ == "__main__":
    main()
