"""What is wrong with a file, for people: where, what was expected, and what came. Importers say it in exact English;
here the faults that tables ordinarily have get words in the reader's language. What has none is shown as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from traceqr.importing.fault import Fault
from traceqr.web.site import language, site

_ = str

EXPECTED: tuple[tuple[str, str], ...] = (
    # cells
    (r"expected a value, got an empty cell|expected a value, found none", _("a value")),
    (r"expected a unified social credit code of (?P<count>\d+) characters", _("%(count)s characters")),
    (
        r"expected a unified social credit code of (?P<count>\d+) digits",
        _("%(count)s digits, then digits and capital letters without I, O, S, V and Z"),
    ),
    (
        r"expected check character '(?P<check>.)' at the end of unified social credit code (?P<came>'\w+')",
        _("%(check)s as the last character; if that is right, another one is mistyped"),
    ),
    (r"expected the code spelled '(?P<spelled>\w+)'", _("%(spelled)s")),
    (r"expected the code of an enrolled enterprise", _("the code of an enrolled enterprise")),
    (r"expected a region of 6 digits", _("a region code of 6 digits (GB/T 2260)")),
    (r"expected a telephone number", _("a telephone number such as 400-000-0000")),
    (r"expected a date such as", _("a date such as 2026-09-01")),
    (r"expected a day of the calendar", _("a day that the calendar has")),
    (r"expected a date from (?P<first>\d+) to (?P<last>\d+)", _("a date from %(first)s to %(last)s")),
    (r"expected a last day from (?P<first>[\d-]+) on", _("a last day from %(first)s on")),
    (r"expected agriculture \(", _("a sector of the list")),
    (r"expected a sector that is invited", _("a sector that this edition invites")),
    (r"expected at most (?P<most>[\d,]*\d) characters", _("at most %(most)s characters")),
    (r"got Excel's error (?P<came>'.*')", _("a value, not an error of the spreadsheet")),
    (r"expected readable text", _("readable text: a character was lost in an earlier conversion")),
    (r"expected text without control characters", _("text without control characters")),
    (r"expected one line", _("one line")),
    (r"expected no cell in a column without a heading", _("nothing in a column without a heading")),
    (r"expected each .*, it is in row (?P<row>\d+) already", _("each only once; it stands in row %(row)s already")),
    (r"expected (?P<code>\w{18}), the code of the own enterprise", _("your own code, %(code)s")),
    (r"expected an empty cell, since pictures do not come", _("nothing: pictures do not come with an uploaded table")),
    (r"expected a GTIN of", _("a GTIN of 8, 12, 13 or 14 digits")),
    (
        r"expected check digit (?P<check>\d) at the end of (?:GTIN|GLN|SSCC) (?P<came>'\w+')",
        _("%(check)s as the last digit; if that is right, another one is mistyped"),
    ),
    # of events
    (r"got the formula (?P<came>'.*'): paste", _("a value, not a formula: paste it as a value")),
    (r"expected text, got the number (?P<came>\d+)", _("text, not a number of more than 15 digits")),
    (r"expected an instant such as", _("a time such as 2026-09-01 08:30")),
    (r"expected a day of the calendar and a time", _("a day that the calendar has, and a time of the clock")),
    (r"expected an instant that has been", _("a time that has come already")),
    (r"expected the GLN or URI of a place", _("the GLN of a place, or the name that you have given it")),
    (r"expected an SSCC of 18 digits", _("an SSCC of 18 digits")),
    (r"expected a serial of 16 digits", _("a serial of 16 digits")),
    (r"expected a label that was issued", _("a label that was issued")),
    (r"expected a range from a lower", _("a range from a lower to a higher number of one series")),
    (r"expected labels or logistic units", _("labels or logistic units (SSCC)")),
    (r"expected a quantity above 0", _("a quantity above 0, such as 120 or 12.5")),
    (r"expected a quantity beside a GTIN", _("a quantity beside a GTIN")),
    (r"expected a whole number where pieces", _("a whole number where pieces are counted")),
    (r"expected a unit such as kg", _("a unit such as kg, L or a code of UN/ECE Recommendation 20")),
    (r"expected an empty cell beside", _("nothing, unless a single GTIN stands beside it")),
    (r"expected each thing once", _("each thing only once")),
    (r"expected (inputs|output) in a row|expected what was made", _("what was made and what of, in the same order")),
    (r"expected things of the enterprise's own", _("goods of your own, or of a firm that has named you its partner")),
    (r"expected a GLN of the enterprise's own prefix", _("a GLN of your own, not of another enterprise")),
    (r"expected a place of the enterprise's own", _("a place of your own, not of another enterprise")),
    # what the registry says
    (
        r"GTIN (?P<came>\d+): another enterprise has enrolled it",
        _("a GTIN that no other enterprise has enrolled, or one to which your right is accepted"),
    ),
    (
        r"expected an enterprise of region (?P<region>\d+)",
        _("an enterprise of region %(region)s, for which this edition is"),
    ),
    (
        r"expected an enterprise within region (?P<region>\d+), one's own, got one of (?P<came>\d+)",
        _("an enterprise of your own region, %(region)s"),
    ),
    (
        r"has pledge (?P<number>\d+) in \S+ with other dates",
        _("the dates of pledge %(number)s, which it has already"),
    ),
    (r"has pledge (?P<number>\d+) in \S+ it is", _("no pledge yet; it has No. %(number)s in this edition")),
    (r"expected campaign '(?P<campaign>[^']*)'", _("this edition, %(campaign)s")),
    (
        r"campaign \S+ takes applications from (?P<first>\S+) to (?P<last>\S+):",
        _("a day from %(first)s to %(last)s: applications are taken then"),
    ),
    # the file as a whole
    (r"expected an Excel workbook", _("a workbook (.xlsx) that can be read")),
    (r"expected .*(parts|bytes unpacked)", _("a workbook of an ordinary size")),
    (r"got an Excel workbook", _("a CSV file, not a workbook: save it as “CSV UTF-8”")),
    (r"zero byte|expected UTF-|expected UTF-8 or GB18030", _("a text file in UTF-8 or GB18030")),
    (r"expected at most (?P<most>[\d,]*\d) bytes", _("at most %(most)s bytes")),
    (r"expected at most (?P<most>[\d,]*\d) rows", _("at most %(most)s rows")),
    (r"expected rows under the header", _("rows under the header")),
    (r"expected columns among (?P<columns>.*), got", _("columns among these: %(columns)s")),
    (r"expected the columns (?P<columns>.*) too, found none", _("these columns too: %(columns)s")),
    (r"expected the column once", _("the column once")),
    (r"expected a header with the columns (?P<columns>.*)", _("a header with these columns: %(columns)s")),
    (r"expected quotes closed", _("quotes that are closed, and doubled inside a quoted cell")),
    # the text of a pledge
    (r"expected TOML", _("a file in the form of TOML")),
    (r"expected keys among (?P<keys>.*), got", _("keys among these: %(keys)s")),
    (r"expected at least one article that binds", _("at least one article that binds those who sign")),
    (r"expected (\[\[articles|at least one article|1 to)", _("1 to 50 articles in their groups, each with zh and en")),
    (r"expected the file of campaign '(?P<campaign>[^']*)'", _("the file of this edition, %(campaign)s")),
    (r"expected a text in quotes|expected a text, got an empty one", _("a text")),
)
"""Patterns of faults, the first that is found counts, with the words for what was expected."""

HINTS: tuple[tuple[str, str], ...] = (
    (r"Excel has shortened", _("Excel has shortened a long number: format the column as text and enter it anew.")),
    (r"Excel took it", _("Excel took it for a number: format the column as text and enter it anew.")),
    (r"Excel keeps 15", _("Excel keeps 15 digits of a number: format the column as text and enter it anew.")),
    (r"Excel drops zeros", _("Excel drops zeros in front: format the column as text and enter it anew.")),
    (r"Excel's number of a day", _("This is Excel's number of a day: format the column as a date.")),
    (r"full width", _("It has digits or letters of full width: type them in half width.")),
    (r"letter (?P<letter>.) for digit (?P<digit>.)\?", _("Letter %(letter)s for digit %(digit)s?")),
)
"""What a fault may come from."""

NOTHING = _("nothing")
MORE = _("more")

_CAME = re.compile(r", got (?:one (?:of|within) |it again as |that of )?(?P<came>.*)", re.DOTALL)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_EMPTY = ("", "an empty cell", "none", "an empty one")


@dataclass(frozen=True, slots=True)
class Told:
    """A fault as it stands in a table. `row` is 0 for the file as a whole."""

    row: int
    column: str
    expected: str
    came: str
    hint: str


def told(faults: Iterable[Fault]) -> list[Told]:
    """Faults in the language of the current request."""
    return [_told(fault) for fault in faults]


def _told(fault: Fault) -> Told:
    words, speech = site().pages.words, language()
    named = fault.column
    if fault.heading not in ("", fault.column):
        named = f"{fault.column} ({fault.heading})"
    expected, came = fault.message, _came(fault.message)
    for pattern, message in EXPECTED:
        if found := re.search(pattern, fault.message):
            groups = found.groupdict()
            came = _unquoted(groups.pop("came")) if "came" in groups else came
            expected = words(speech, message, **groups) if groups else words(speech, message)
            break
    return Told(fault.row, named, expected, words(speech, NOTHING) if came in _EMPTY else came, _hint(fault.message))


def _came(message: str) -> str:
    found = _CAME.search(message)
    if found is None:
        return ""
    came = found["came"]
    quoted = _QUOTED.match(came)
    if quoted:
        return _unquoted(quoted[0])
    return site().pages.words(language(), MORE) if came == "more" else came.partition(";")[0][:200]


def _unquoted(text: str) -> str:
    """What stands between quotes, its control characters spelled out still."""
    try:
        value = str(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text
    return value if value.isprintable() else text[1:-1]


def _hint(message: str) -> str:
    for pattern, words in HINTS:
        if found := re.search(pattern, message):
            groups = found.groupdict()
            return site().pages.words(language(), words, **groups) if groups else site().pages.words(language(), words)
    return ""
