"""A verdict without HTTP, warm registry, scan recorded to memory only, beside a raw Ed25519 verification.

Raw is that of `cryptography`, by which the goal was set; beside it that of libsodium, which verdicts are made with.
"""

from measure import ORIGIN, bench, interleaved, table
from nacl.signing import VerifyKey

from traceqr import exporting, issuing
from traceqr.demo.catalogue import ITEMS
from traceqr.evidence import Verdict
from traceqr.instant import system_clock
from traceqr.label.seal import message
from traceqr.verifying import Verifier

LABELS = 1_000
ROUNDS = 9
GOAL = 0.5


def main() -> None:
    with bench() as here:
        batch = issuing.issue(here.desk, issuing.Order(ITEMS[0].gtin, 1_000_000, ORIGIN, pledge=4, active=True))
        private = here.private(batch)
        strip = exporting.series(batch).strip(private, 0, LABELS - 1)
        labels = [strip.label(place) for place in range(LABELS)]
        texts = [str(label) for label in labels]
        verifier = Verifier(here.database, {ORIGIN.host}, system_clock)
        public = private.public_key()
        quicker = VerifyKey(public.public_bytes_raw())
        signed = [
            (label.seal.signature, message(label.seal.key, label.seal.pledge, label.gtin, label.serial))
            for label in labels
        ]
        recorded: list[Verdict] = []

        def decide() -> None:
            recorded.clear()
            for text in texts:
                recorded.append(verifier.verify(text, history=True))

        def raw() -> None:
            for signature, signed_bytes in signed:
                public.verify(signature, signed_bytes)

        def raw_by_libsodium() -> None:
            for signature, signed_bytes in signed:
                quicker.verify(signed_bytes, signature)

        decide()
        assert {str(verdict.code) for verdict in recorded} == {"genuine"}
        ours, theirs, sodium = interleaved(ROUNDS, decide, raw, raw_by_libsodium)
        table(
            "Verify decision, no HTTP, warm registry, scan recorded to memory only",
            [
                ("raw Ed25519 verify, cryptography", f"{theirs / LABELS * 1e6:.1f} us"),
                ("raw Ed25519 verify, libsodium", f"{sodium / LABELS * 1e6:.1f} us"),
                ("verdict with all evidence", f"{ours / LABELS * 1e6:.1f} us"),
                ("ratio to cryptography", f"{theirs / ours:.2f} (goal {GOAL})"),
                ("ratio to libsodium", f"{sodium / ours:.2f}"),
            ],
        )


if __name__ == "__main__":
    main()
