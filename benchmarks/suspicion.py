"""How many copies the suspicion of labels finds, how soon, and how many genuine labels it accuses; by threshold.

A market of a million genuine labels is made up from a seed (`market.py`), with counterfeiters in it. Each label's looks
go through the very code that verdicts use, once with places that a file of networks tells, once with those alone that
people share, once with none. Draws docs/pictures/suspicion-*.svg with matplotlib, if it is there.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from market import Eyes, Happened, Market, Story
from measure import table

from traceqr import gazetteer
from traceqr.instant import DAY_MS
from traceqr.suspicion.trace import REGION_KM, Trace
from traceqr.suspicion.weighing import THRESHOLD, weigh

SEED = 20_261_128
LABELS = 1_000_000
COPIED = 300
SCANS_AFTER = 10
"""Within so many scans after the second region or the fifth device a copied code is to be found."""

MANY_COPIES = 20
APART = ("dealer", "attacked")
GOAL_FOUND, GOAL_ACCUSED = 0.95, 0.0005
THRESHOLDS = tuple(range(30, 305, 5))
KNOWLEDGE = {
    "address": "places by a file of networks",
    "shared": "places that people share",
    "none": "no places",
}
PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"


@dataclass(slots=True)
class Course:
    """The suspicion of one label, scan by scan. `trigger` is the scan with which the second region or the fifth device
    was there, None where it never came so far.
    """

    kind: str
    copies: int
    scores: list[int]
    at_ms: list[int]
    trigger: int | None

    @property
    def most(self) -> int:
        """The highest score it ever had."""
        return max(self.scores, default=0)

    def found_at(self, threshold: int) -> int | None:
        """The scan after which it was suspect."""
        return next((place for place, score in enumerate(self.scores) if score >= threshold), None)

    def delay(self, threshold: int) -> tuple[int, float]:
        """Scans after the trigger, and days after the first scan, until it was suspect, which it was."""
        at = self.found_at(threshold)
        assert at is not None
        return at - (self.trigger or 0), (self.at_ms[at] - self.at_ms[0]) / DAY_MS

    @property
    def judged(self) -> bool:
        """Whether it came so far that it should have been found."""
        return self.trigger is not None and len(self.scores) > self.trigger + SCANS_AFTER

    def found_in_time(self, threshold: int) -> bool:
        """Whether it was."""
        at = self.found_at(threshold)
        return at is not None and self.trigger is not None and at <= self.trigger + SCANS_AFTER


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--labels", type=int, default=LABELS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--copied", type=int, default=COPIED, help="codes of each scenario")
    parser.add_argument("--no-pictures", action="store_true")
    chosen = parser.parse_args()
    everything = {}
    for knows, called in KNOWLEDGE.items():
        courses = courses_of(chosen.labels, chosen.copied, chosen.seed, knows)
        everything[knows] = courses
        _tell(called, courses)
        _tell_thresholds(called, courses)
    if not chosen.no_pictures:
        draw(everything)


def courses_of(labels: int, copied: int, seed: int, knows: str) -> list[Course]:
    """What became of all labels, so many genuine ones and so many copied of each scenario."""
    told = enumerate(stories(Market(seed), labels, copied))
    return [followed(story, Eyes(seed + number, knows)) for number, story in told]


def stories(market: Market, labels: int, copied: int) -> Iterator[Story]:
    """All labels that are looked at: the genuine ones first."""
    yield from market.genuine(labels)
    yield from market.dealers(copied // 6, 200)
    yield from market.competitor(copied, 20, 1)
    yield from market.competitor(copied, 20, 3)
    yield from market.competitor(copied, 20, 20)
    yield from market.copied("few copies, spread wide", copied, (21, 60), 30, 120)
    yield from market.copied("a handful of copies", copied, (3, 20), 20, 120)
    yield from market.copied("many copies, one city", copied, (100, 400), 1, 90)
    yield from market.copied("photographed at a display", copied, (50, 200), 5, 90)
    yield from market.insider(copied, (21, 60))
    yield from market.insider(copied, (1, 3))


def followed(story: Story, eyes: Eyes) -> Course:
    """A label's looks, one after the other, through the code of verdicts."""
    course = Course(story.kind, story.copies, [], [], None)
    trace, devices, regions = Trace(), 0, list[str]()
    for happened in story.in_order():
        if not happened.again:
            devices += not happened.early
            place = _taken_in(trace, happened, story.market, eyes)
            if place and all((gazetteer.distance_km(place, other) or 0) >= REGION_KM for other in regions):
                regions.append(place)
        course.scores.append(weigh(trace, happened.at_ms).score)
        course.at_ms.append(happened.at_ms)
        if course.trigger is None and (devices >= 5 or len(regions) >= 2):
            course.trigger = len(course.scores) - 1
    return course


def _taken_in(trace: Trace, happened: Happened, market: str, eyes: Eyes) -> str:
    look = eyes.look(happened, market)
    if happened.early:
        trace.add_early(look)
    else:
        trace.add(look)
    return look.place


def _by_kind(courses: Iterable[Course], copied: bool) -> dict[str, list[Course]]:
    found = defaultdict(list)
    for course in courses:
        if bool(course.copies) is copied:
            few = copied and course.copies <= MANY_COPIES and course.kind.startswith("insider")
            found[f"{course.kind}, few of each" if few else course.kind].append(course)
    return found


def accused(courses: Iterable[Course], threshold: int) -> float:
    """The share of genuine labels, of those looked at, that were suspect at any time. Dealers' stock, which nearly
    nobody else looks at, and labels under attack are told of apart.
    """
    genuine = [course for course in courses if not course.copies and not course.kind.startswith(APART)]
    return sum(course.most >= threshold for course in genuine) / len(genuine)


def found(courses: Iterable[Course], threshold: int) -> float:
    """The share of codes with many copies that were found in time, of those that came so far."""
    judged = [course for course in courses if course.copies > MANY_COPIES and course.judged]
    return sum(course.found_in_time(threshold) for course in judged) / len(judged)


def _tell(called: str, courses: list[Course]) -> None:
    wrong, right = accused(courses, THRESHOLD), found(courses, THRESHOLD)
    rows = [
        ("genuine labels looked at, accused", f"{wrong:.4%} (goal {GOAL_ACCUSED:.2%} at most)"),
        (f"copied more than {MANY_COPIES} times, found in time", f"{right:.1%} (goal {GOAL_FOUND:.0%})"),
    ]
    for kind, some in _by_kind(courses, copied=False).items():
        number = sum(course.most >= THRESHOLD for course in some)
        rows.append((f"  innocent: {kind}", f"{number:,} of {len(some):,} accused"))
    for kind, some in _by_kind(courses, copied=True).items():
        rows.append((f"  copied: {kind}", _told(some)))
    table(f"Suspicion, {called}, threshold {THRESHOLD}", rows)


def _told(some: list[Course]) -> str:
    judged = [course for course in some if course.judged]
    ever = [course for course in some if course.found_at(THRESHOLD) is not None]
    told = f"{len(ever)} of {len(some)} ever"
    if judged:
        told = f"{sum(course.found_in_time(THRESHOLD) for course in judged)} of {len(judged)} in time, {told}"
    if ever:
        scans, days = (np.median([course.delay(THRESHOLD)[part] for course in ever]) for part in (0, 1))
        told += f", median {scans:.0f} scans, {days:.0f} days"
    return told


def _tell_thresholds(called: str, courses: list[Course]) -> None:
    rows = [
        (str(each), f"accused {accused(courses, each):.4%}, found in time {found(courses, each):.1%}")
        for each in THRESHOLDS[::4]
    ]
    table(f"By threshold, {called}", rows)


def draw(everything: dict[str, list[Course]]) -> None:
    """The curves."""
    try:
        import matplotlib
    except ImportError:
        print("No curves were drawn: matplotlib is not installed (pip install '.[curves]').")
        return
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "traceqr"  # the same bytes for the same figures
    _draw_thresholds(everything)
    _draw_scenarios(everything["address"])


def _draw_thresholds(everything: dict[str, list[Course]]) -> None:
    """What is found against what is accused, as the threshold moves."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2), layout="constrained")
    for (knows, courses), style in zip(everything.items(), ("-", "--", ":"), strict=True):
        curve = [(accused(courses, each) * 100, found(courses, each) * 100) for each in THRESHOLDS]
        axes.plot(*zip(*curve, strict=True), style, color="#1d3c34", label=KNOWLEDGE[knows])
        axes.plot(accused(courses, THRESHOLD) * 100, found(courses, THRESHOLD) * 100, "o", color="#9c2f22")
    axes.axvline(GOAL_ACCUSED * 100, color="#888", linewidth=0.8)
    axes.axhline(GOAL_FOUND * 100, color="#888", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlabel("genuine labels accused, % of those looked at")
    axes.set_ylabel("copied codes found in time, %")
    axes.set_title(f"Thresholds from {THRESHOLDS[0]} to {THRESHOLDS[-1]}; dots: {THRESHOLD}; grey: goals", fontsize=10)
    axes.legend(loc="lower right", frameon=False)
    figure.savefig(PICTURES / "suspicion-thresholds.svg", metadata={"Date": None})


def _draw_scenarios(courses: list[Course]) -> None:
    """What is found with each further scan, by scenario."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2), layout="constrained")
    lines = ("-", "--", "-.", ":", (0, (1, 4)), (0, (6, 2, 1, 2, 1, 2)))
    for (kind, some), line in zip(_by_kind(courses, copied=True).items(), lines, strict=False):
        at = [course.found_at(THRESHOLD) for course in some]
        share = [sum(each is not None and each < scans for each in at) / len(some) * 100 for scans in range(31)]
        axes.plot(share, linestyle=line, color="#1d3c34", label=kind)
    axes.set_xlabel("scans of the code")
    axes.set_ylabel("copied codes found, %")
    axes.set_title("By scenario, all codes counted, also those that nobody scans again", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(PICTURES / "suspicion-scenarios.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
