"""`traceqr batch delivery`: whether the files of a job in volumes are all there, and as they were written."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from traceqr.cli import options
from traceqr.cli.showing import echo_json, plain
from traceqr.printing import volumes
from traceqr.printing.volumes import MANIFEST_SUFFIX, MAX_MANIFEST, Manifest


@click.command()
@click.argument("manifest", type=options.FILE)
@options.as_json
def delivery(manifest: Path, as_json: bool) -> None:
    """Check the volumes beside a MANIFEST against it: for who sends a delivery, and for who receives it.

    Needs no registry. Ends with 1 when a file is missing or was changed. Compare the SHA-256 of the manifest itself
    with the one that you were told by another way.
    """
    with manifest.open("rb") as file:
        content = file.read(MAX_MANIFEST + 1)
    listed = Manifest.parse(content)
    found = volumes.faults(listed, manifest.parent)
    digest = hashlib.sha256(content).hexdigest()
    listing = {volume.name for volume in listed.volumes}
    others = sorted(path.name for path in manifest.parent.glob("batch-*-labels-*") if path.name not in listing)
    others = [name for name in others if not name.endswith(MANIFEST_SUFFIX)]
    count, labels = len(listed.volumes), sum(volume.count for volume in listed.volumes)
    if as_json:
        said = {"batch": listed.batch, "volumes": count, "labels": labels, "sha256": digest}
        echo_json({**said, "faults": list(found), "others": others})
    else:
        for fault in found:
            click.echo(plain(fault))
        for name in others:
            click.echo(f"{plain(name)}: not in the manifest")
        bad = f", {len(found):,} of them wrong" if found else ", all as they were written"
        click.echo(f"batch {listed.batch}: {labels:,} labels in {count:,} {'volume' if count == 1 else 'volumes'}{bad}")
        click.echo(f"SHA-256 {digest} (of the manifest)")
    if found:
        click.get_current_context().exit(1)
