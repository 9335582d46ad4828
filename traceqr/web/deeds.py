"""Acts of the ledger in words for those whom they concern."""

from __future__ import annotations

from traceqr.office.history import Deed, Who
from traceqr.web.language import Language

_ = str

KIND_NAMES = {
    "labels": _("Batches and labels"),
    "notices": _("Holds and recalls"),
    "printing": _("Printing"),
    "products": _("Products"),
    "claims": _("GTIN rights"),
    "pledges": _("Pledges"),
    "marks": _("Marks and recognitions"),
    "enterprise": _("Data of the enterprise"),
    "access": _("Accounts and tokens"),
    "proposals": _("Proposals to a second person"),
    "cases": _("Cases"),
    "traceability": _("Traceability"),
}

ACT_NAMES = {
    "batch.issue": _("Batch issued"),
    "batch.activate": _("Labels activated"),
    "batch.void": _("Labels voided"),
    "key.compromise": _("Signing key declared stolen: labels not yet active were voided"),
    "key.retire": _("Signing key retired"),
    "key.destroy": _("Signing key destroyed"),
    "batch.hold": _("Labels held"),
    "batch.recall": _("Labels recalled"),
    "product.hold": _("Product held"),
    "product.recall": _("Product recalled"),
    "lot.recall": _("Lot recalled"),
    "material.recall": _("Material recalled"),
    "recall.progress": _("Progress of a recall stated"),
    "hold.lift": _("Hold lifted"),
    "recall.lift": _("Recall lifted"),
    "labels.export": _("Print file begun"),
    "labels.exported": _("Print file fetched whole"),
    "labels.resume": _("Print file gone on with"),
    "labels.proof": _("Labels proven"),
    "hidden.export": _("File of hidden codes begun"),
    "hidden.exported": _("File of hidden codes fetched whole"),
    "product.enrol": _("Product enrolled"),
    "product.amend": _("Product changed"),
    "claim.file": _("GTIN right claimed"),
    "claim.accept": _("GTIN right accepted"),
    "claim.refuse": _("GTIN right refused"),
    "claim.revoke": _("GTIN right revoked"),
    "pledge.apply": _("Pledge applied for"),
    "pledge.ask": _("Question asked about the application"),
    "pledge.answer": _("Question answered"),
    "pledge.accept": _("Application accepted"),
    "pledge.refuse": _("Application refused"),
    "pledge.sign": _("Pledge signed"),
    "pledge.publish": _("Pledge published"),
    "pledge.withdraw": _("Pledge withdrawn"),
    "pledge.breach": _("Breach of the pledge found"),
    "pledge.reply": _("Reply to the finding published"),
    "pledge.clear": _("Finding cleared"),
    "licence.grant": _("Licence of a mark granted"),
    "licence.suspend": _("Licence of a mark suspended"),
    "licence.resume": _("Licence of a mark resumed"),
    "licence.withdraw": _("Licence of a mark withdrawn"),
    "licence.extend": _("Licence of a mark extended"),
    "recognition.record": _("Recognition recorded"),
    "recognition.revoke": _("Recognition revoked"),
    "enterprise.enrol": _("Enterprise enrolled"),
    "enterprise.amend": _("Data of the enterprise changed"),
    "account.open": _("Account opened"),
    "account.renew": _("Access given anew"),
    "account.close": _("Account closed"),
    "account.erase": _("Name and sign-in of a closed account erased"),
    "credential.set": _("Password set"),
    "second_factor.set": _("Second factor set up"),
    "second_factor.remove": _("Second factor removed"),
    "recovery_codes.renew": _("Recovery codes made anew"),
    "invitation.open": _("Invitation made"),
    "invitation.use": _("Invitation used"),
    "invitation.withdraw": _("Invitation withdrawn"),
    "token.issue": _("Token issued"),
    "subscription.add": _("Notifications subscribed to"),
    "subscription.renew_secret": _("Secret of a webhook renewed"),
    "subscription.remove": _("Notifications unsubscribed from"),
    "token.revoke": _("Token revoked"),
    "link.set": _("Link set"),
    "link.remove": _("Link removed"),
    "proposal.open": _("Proposed to a second person"),
    "proposal.second": _("Agreed to by a second person"),
    "proposal.decline": _("Declined by a second person"),
    "proposal.withdraw": _("Proposal withdrawn"),
    "proposal.carry_out": _("Carried out as agreed"),
    "case.assign": _("Case given to a person"),
    "case.note": _("Note on a case"),
    "case.answer": _("Case answered"),
    "case.escalate": _("Case escalated"),
    "case.close": _("Case closed"),
    "case.reopen": _("Case opened again"),
    "trace.capture": _("Traceability events captured"),
    "sscc.allocate": _("Numbers of logistic units given out"),
    "location.set": _("Place of traceability events set"),
    "material.name": _("Material named"),
    "partner.name": _("Traceability partner named"),
    "partner.drop": _("Traceability partner dropped"),
    "audience.set": _("Set who is told of traceability events"),
    "query.define": _("Query of traceability events defined"),
    "query.drop": _("Query of traceability events dropped"),
    "query.subscribe": _("Query of traceability events subscribed to"),
}
"""By the act's name on the ledger. What is not here is shown by that name."""

WHO_NAMES = {
    "person": _("A person whose account was erased"),
    "token": _("A token"),
    "organisation": _("The association"),
    "signer": _("The signing service"),
    "operator": _("The operator of the system"),
}
"""Who acts, where no name can be told."""

NOUN_NAMES = {
    "batch": _("Batch"),
    "product": _("Product"),
    "pledge": _("Pledge"),
    "claim": _("GTIN right"),
    "licence": _("Licence"),
    "recognition": _("Recognition"),
    "key": _("Signing key"),
    "account": _("Account"),
    "invitation": _("Invitation"),
    "token": _("Token"),
    "subscription": _("Subscription"),
    "link": _("Link"),
    "enterprise": _("Enterprise"),
    "proposal": _("Proposal"),
    "case": _("Case"),
}

_PLACES = {"batch": "/console/batches/", "product": "/console/products/", "pledge": "/console/pledges/"}
_PLACES |= {"case": "/console/cases/"}


def place(deed: Deed) -> str:
    """The address of the page of what an act was done to, or nothing."""
    return _PLACES[deed.place[0]] + deed.place[1] if deed.place else ""


def name_of(who: Who, language: Language) -> str:
    """What an actor is called, or nothing."""
    return who.name_en if language is Language.EN else who.name_zh
