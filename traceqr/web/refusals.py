"""Why something was refused, for people. Use cases say it in exact English, for logs and programs; here each sentence
that an ordinary mistake can lead to has words in the reader's language. What has none is shown as it is.
"""

from __future__ import annotations

import re

from traceqr.web.site import language, site

_ = str

_NUMBER = r"(?P<number>[\w-]+)"

WORDS: tuple[tuple[str, str], ...] = (
    # accounts
    (r"expected a mail address or a mobile number", _("Enter a mail address or a mobile number.")),
    (r"expected a mail address or number that no account has", _("Somebody signs in by this already.")),
    (r"expected a password of (?P<few>\d+) to", _("The password needs at least %(few)s characters.")),
    (r"expected a password that is hard to guess", _("This password is found among the first tries. Choose another.")),
    (r"expected the present password", _("This is not the present password.")),
    (r"expected a name of 1 to (?P<most>\d+)", _("Enter a name of at most %(most)s characters.")),
    (r"expected a second person of the same body", _("Somebody else of your own body must agree to it.")),
    (r"expected an account that is open|expected the id of an account", _("This account is closed.")),
    # notifications
    (r"expected a URL such as https", _("Enter an address that begins with https://, without user, # or blanks.")),
    (r"expected the name of a host on the internet", _("Name the host by its name on the public internet.")),
    (r"expected port \d+, or one from", _("Only port 443 and ports from 1024 on are called.")),
    (r"expected a mail address such as", _("Enter one mail address, without a name beside it.")),
    (r"expected an address that is not subscribed yet", _("This address is told already.")),
    (r"expected at most (?P<most>\d+) subscriptions", _("At most %(most)s addresses can be told.")),
    (r"expected the next one in", _("Wait a minute before you ask for the next one.")),
    (r"expected a delivery of the last days|a subscription that was not removed", _("It is not there any more.")),
    # traceability
    (r"expected a place as 414|end of GLN", _("This is no valid GLN: look at its digits once more.")),
    (r"a place of the enterprise's own|GLN of the enterprise's own prefix", _("This place is another enterprise's.")),
    (r"expected the GTIN of a material that is not enrolled", _("This is an enrolled product, which has its name.")),
    (r"expected another enterprise for a partner", _("Name another enterprise, not your own.")),
    (r"expected a partner that the enterprise has named", _("It is no partner any more.")),
    (
        r"line (?P<line>\d+): expected a code of a label, a lot",
        _("Line %(line)s is no code of a label, a lot or a logistic unit."),
    ),
    (r"expected at least one code", _("Scan or type at least one code.")),
    (r"expected the SSCC of the logistic unit", _("Scan or type the SSCC of what it is packed into.")),
    (r"expected SSCCs of logistic units", _("Only logistic units with an SSCC go on a pallet.")),
    (r"expected what it was made of", _("Say what it was made of.")),
    (r"expected the serial of a label", _("There is no label of this serial.")),
    (r"expected an event that has happened", _("This time has not come yet.")),
    (
        r"things of the enterprise's own in what it makes",
        _("These things are another enterprise's, not yours to make."),
    ),
    (r"expected a reference from (?P<least>\d+) on", _("Numbers before %(least)s are given out already.")),
    (r"at most the (?P<left>[\d,]*\d) numbers that are left", _("There are only %(left)s numbers left here.")),
    (r"expected a unit such as", _("Write the unit as kg, g, t, l, ml or m.")),
    # links
    (
        r"expected an accepted claim of the enterprise to /",
        _("The right to this number has not been confirmed. File a claim to it first."),
    ),
    (r"expected a title of 1 to (?P<most>\d+)", _("Enter a title of at most %(most)s characters, in one line.")),
    (r"expected tags such as|expected at most \d+ languages", _("Enter tags such as zh, zh-Hant or en, each once.")),
    (r"expected a media type such as", _("Enter a media type such as text/html.")),
    (r"expected a word of letters and digits", _("Enter one word of letters and digits.")),
    (r"for everybody; gs1:defaultLinkMulti", _("Where the address itself leads is for everybody: choose the other.")),
    (r"expected a fragment of at most", _("What follows # is too long, or has characters that must be encoded.")),
    (r"expected at most \d+ links about one thing", _("There are as many links as can be. Remove one first.")),
    (r"expected an SSCC of|expected a GLN of", _("Enter the 18 digits of an SSCC, or the 13 of a GLN.")),
    (r"expected check digit .* at the end of '\d{13}'|at the end of '\d{18}'", _("The check digit is wrong.")),
    (r"expected a lot of 1 to 20", _("Enter a lot of at most 20 plain letters, digits and signs.")),
    # products, claims
    (r"expected the code of an enrolled enterprise", _("No enterprise with this USCC takes part.")),
    (r"another enterprise has enrolled it", _("Another enterprise has enrolled this GTIN. File a claim to it first.")),
    (
        r"expected an accepted claim of the enterprise to it",
        _("The right to this GTIN has not been confirmed. File a claim to it first."),
    ),
    (r"expected a GTIN|check digit", _("This is no valid GTIN: look at its digits once more.")),
    (r"expected a GS1 company prefix|expected a company prefix", _("This is no company prefix of 7 to 12 digits.")),
    (
        r"accepted for another enterprise",
        _("Another enterprise holds this right. Name its claim to decide between both."),
    ),
    (r"awaits its decision|is (accepted|refused|revoked)$", _("It was decided meanwhile.")),
    (r"expected at most (?P<most>\d+) documents", _("At most %(most)s documents can stand beside a claim.")),
    # recalls
    (r"of something one may recall", _("This is not there, or it is not yours to recall.")),
    (r"a lot that the enterprise has stated events of", _("The enterprise has stated no event of this lot.")),
    (
        r"of a material that nobody has claimed",
        _("This is a product of an enterprise here: it is recalled by its lot, by that enterprise or an association."),
    ),
    (r"expected the USCC of an enterprise of the region", _("No enterprise of your region has this USCC.")),
    (r"expected a lot that a batch of", _("No batch of this product has this lot.")),
    (r"recalled with these words already", _("These labels are recalled with these words already.")),
    (r"this recall waits for a second person already", _("This recall waits for a second person already.")),
    # batches and labels
    (r"expected a count from 1 to (?P<most>[\d,]*\d)", _("Enter a number of labels from 1 to %(most)s.")),
    (r"expected a lot of 1 to (?P<most>\d+)", _("Enter a lot of at most %(most)s characters.")),
    (r"expected an expiry date from", _("The expiry date lies before the production date.")),
    (rf"pledge {_NUMBER}: expected one in force", _("Pledge %(number)s is not in force.")),
    (
        r"of its quota of (?P<quota>[\d,]*\d), got",
        _("The quota of the mark, %(quota)s labels, has not so many left."),
    ),
    (rf"licence {_NUMBER}: expected one for GTIN", _("Licence %(number)s is not for this product.")),
    (rf"licence {_NUMBER}: expected one in force", _("Licence %(number)s is not in force.")),
    (rf"licence {_NUMBER}: expected it to be", _("The state of licence %(number)s does not allow this now.")),
    (
        r"expected no licence of mark \S+ on these days, (?P<licence>[\w-]+) is one",
        _("A product has licence %(licence)s of this mark on these days already. Extend that one."),
    ),
    (r"expected GTINs of the enterprise's own products", _("A product is not one of this enterprise's.")),
    (r"expected a date from (?P<first>\d+) to (?P<last>\d+)", _("Enter a year from %(first)s to %(last)s.")),
    (r"expected an id that no mark has", _("Another mark has this id.")),
    (r"expected a prefix of its own", _("The licences of another mark begin so.")),
    (r"withdrawal waits for a second person already", _("Its withdrawal is proposed already.")),
    (
        r"printable characters|without control characters|expected readable text",
        _("There are characters that cannot be shown: leave them out."),
    ),
    (
        r"expected a larger quota|expected a later last day",
        _("A licence can only be given more labels, or a later last day."),
    ),
    (r"expected an active label key", _("There is no key to seal labels with. Tell the operator.")),
    (
        r"that the own enterprise has laid",
        _("Somebody else has laid this hold or recall. Only who laid it, or the operator, lifts it."),
    ),
    (r"expected labels? (that are|within)|expected a range", _("These labels are not all of this batch.")),
    (r"nothing (would change|to)", _("Nothing would change: the labels are in that state already.")),
    # pledges
    (rf"pledge {_NUMBER}: expected it to be", _("The state of pledge %(number)s does not allow this now.")),
    (r"takes applications from .* not now", _("This edition takes no applications now.")),
    (r"expected an enterprise of region", _("This edition is for enterprises of another region.")),
    (r"expected a sector that is invited", _("This edition does not invite your sector.")),
    (
        r"the text has changed since the form was opened",
        _("The text has changed since you opened it. Read it once more."),
    ),
    (r"expected it while pledges of its campaign are valid", _("The pledges of this edition are valid no more.")),
    (r"expected one without a reply", _("There is a reply to this finding already.")),
    (r"expected a reason", _("Give a reason.")),
    # cases
    (r"expected an answer to those who reported", _("Answer those who reported before you close the case.")),
    (r"none that is open about the same", _("Another case is open about the same product and place. Go on with that.")),
    (r"expected an account of the (own )?body", _("Choose a colleague who has access.")),
    # inspections
    (r"of a product that the inspection met", _("The inspection met no labels of this batch.")),
    (r"that is not tied to it yet", _("It is tied to this inspection already.")),
    (r"expected one that stands, this one was withdrawn", _("This record was withdrawn.")),
    # recognitions
    (
        r"is recorded already as recognition (?P<number>\d+)",
        _("It is recorded already as No. %(number)s, with other words. Revoke that one first."),
    ),
    # editions
    (r"expected an id of its own", _("There is an edition of this name in addresses already.")),
    (r"expected a code of its own", _("Another edition has this code already.")),
    (r"expected a last day from", _("The last day lies before the first.")),
    (
        r"expected the Chinese name of an enrolled organisation, got '(?P<name>.*)'",
        _("No organisation of this name is enrolled: %(name)s"),
    ),
    (r"that of the own organisation|within region \d+, one's own", _("The region must lie within your own.")),
    # enterprises
    (
        r"expected a unified social credit code|expected check character|expected the code spelled",
        _("This is no valid USCC: look at its characters once more."),
    ),
    (r"an enterprise that is not enrolled yet", _("This enterprise is enrolled already.")),
    (r"expected a telephone number", _("Enter a telephone number, such as 400-000-0000.")),
    # what has gone, whoever was quicker
    (r"expected the (id|number|GTIN) of|is none$", _("There is no such thing any more.")),
)
"""Patterns of refusals, the first that is found counts, with the words for them."""

OTHER = _("This was refused: %(why)s")


def worded(message: str) -> str:
    """A refusal in the language of the current request."""
    words = site().pages.words
    for pattern, told in WORDS:
        if found := re.search(pattern, message):
            return words(language(), told, **found.groupdict())
    return words(language(), OTHER, why=message)
