"""What makes a label suspect, in words for those who have to do something about it.

A sign is told with what was counted, with what it means, and with what may be innocent about it: nobody is to act by a
number alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from traceqr.suspicion.weighing import THRESHOLD, WEIGHTS, Point, Sign

_ = str

__all__ = ["AGENT_NAMES", "CHANNEL_NAMES", "FOUND", "INNOCENT", "SIGN_NAMES", "THRESHOLD", "Told", "told"]

SIGN_NAMES: dict[str, str] = {
    Sign.DEVICES: _("many devices"),
    Sign.REGIONS: _("many regions"),
    Sign.LEAPS: _("impossible journeys"),
    Sign.EARLY: _("seen before sale"),
    Sign.AFTER: _("seen after a confirmed purchase"),
    Sign.OUTSIDE: _("outside its market"),
}
"""In a list."""

FOUND: dict[str, str] = {
    Sign.DEVICES: _(
        "It was looked at by what counts as %(credit)s devices. Those of one network, those that look together at one"
        " place, and those of long ago count less. One product may meet %(free)s."
    ),
    Sign.REGIONS: _(
        "It was seen in what counts as %(credit)s regions, 150 km or more apart. Buyers, gifts and journeys explain"
        " %(free)s."
    ),
    Sign.LEAPS: _(
        "Devices that count %(credit)s saw it farther away, and sooner after, than anything travels. Up to %(free)s is"
        " left out: the place of a network may be wrong."
    ),
    Sign.EARLY: _(
        "Devices that count %(credit)s looked at it before it was activated for sale. Checks in the warehouse explain"
        " %(free)s."
    ),
    Sign.AFTER: _(
        "Devices that count %(credit)s looked at it after a buyer had confirmed the purchase. His family and friends"
        " explain %(free)s."
    ),
    Sign.OUTSIDE: _(
        "Devices that count %(credit)s saw it outside the regions that its batch is meant for. Journeys and gifts"
        " explain %(free)s."
    ),
}
"""What was counted. `free` is what is left out as innocent."""

INNOCENT: dict[str, str] = {
    Sign.DEVICES: _(
        "Innocent if a picture of the label is passed on, if the goods stand on display, or if the label is in an"
        " advertisement."
    ),
    Sign.REGIONS: _(
        "Innocent if a picture of the label is passed on between cities, or if mobile networks hand over far away from"
        " where people are."
    ),
    Sign.LEAPS: _("Innocent if networks seem to be elsewhere than they are, or if a picture of the label is scanned."),
    Sign.EARLY: _("Innocent if goods were sold, or shown to dealers, before their labels were activated."),
    Sign.AFTER: _("Innocent if the goods were given away or sold on, or if the packaging lies about."),
    Sign.OUTSIDE: _("Genuine goods may have been diverted: that is no copy, and another matter."),
}

CHANNEL_NAMES = {"page": _("camera of the phone"), "photo": _("photo sent in")}

AGENT_NAMES = {
    "wechat": "WeChat",
    "alipay": "Alipay",
    "huawei": "Huawei",
    "xiaomi": "Xiaomi",
    "samsung": "Samsung",
    "edge": "Edge",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "other": _("other"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A sign of a label, and its numbers as they are written."""

    sign: str
    points: int
    credit: str
    free: str


def told(point: Point) -> Told:
    """A point of a score for people."""
    return Told(point.sign, round(point.points), f"{point.credit:.1f}", f"{WEIGHTS[point.sign].free:g}")
