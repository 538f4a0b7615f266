"""The customers who are in the books by name: the contract's own, and the odd ones that a demo is better for."""

from datetime import date

from sandbox.journal import CONTRACT_PAYMENT, Issue, Journal, Receipt

PREMIUM = "CL-001"
LONG_NAME = (
    "Întreprinderea Mixtă de Construcții, Reparații și Întreținere a Drumurilor Județene „Frații Ștefănescu-Țurcanu”"
    " – Societate cu Răspundere Limitată – Debutant, Sucursala Râmnicu Vâlcea, Punct de Lucru Băile Olănești"
)


def add_contract_examples(journal: Journal, *, still_open: bool) -> None:
    """Write CL-001, 2024-001 and payment 15 as the contract shows them; or before the payment, to be paid."""
    contact = ("Client Premium", "client@example.com", "+40 700 000 000", "Strada ...")
    journal.add_customer(PREMIUM, contact, "2024-03-01 10:00:00")
    paid = Receipt(532050, "2024-03-02 12:41:00", reference="EUP123456789", id=CONTRACT_PAYMENT)
    issue = Issue(PREMIUM, date(2024, 3, 1), date(2024, 3, 30), 532050)
    journal.add_invoice(issue, () if still_open else (paid,))


def add_demo_cast(journal: Journal) -> int:
    """Write the odd customers, CL-002 to CL-006; give the number of payments they made."""
    _add_ugly_name(journal)
    _add_long_name(journal)
    _add_without_invoices(journal)
    _add_without_contact(journal)
    _add_late_payer(journal)
    return len(journal.payments)


def _add_ugly_name(journal: Journal) -> None:
    name = "O'Brien <b>& Sons_*[SRL]"
    contact = (name, "o'brien+facturi@obrien.example.com", "+40 700 111 222", 'Strada "Școlii" nr. 3 <bl. A>, Iași')
    journal.add_customer("CL-002", contact, _created(journal))
    half = Receipt(60000, f"{journal.day(9)} 10:15:00", method="transfer", reference="OP <77> & *12*_")
    journal.add_invoice(Issue("CL-002", journal.day(25), journal.day(-5), 150099), (half,))


def _add_long_name(journal: Journal) -> None:
    contact = (
        LONG_NAME,
        "contabilitate@drumuri.example.com",
        "+40 700 333 444",
        "Șoseaua Iașului nr. 118, Râmnicu Vâlcea",
    )
    journal.add_customer("CL-003", contact, _created(journal))
    journal.add_invoice(Issue("CL-003", journal.day(12), journal.day(-18), 9_876_543_210))
    journal.add_invoice(Issue("CL-003", journal.day(11), journal.day(-19), 4999, cancelled=True))


def _add_without_invoices(journal: Journal) -> None:
    contact = ("Țicu Înțeleptu PFA", "ticu@inteleptu.example.com", "+40 700 555 666", "Aleea Țărmului nr. 7, Constanța")
    journal.add_customer("CL-004", contact, _created(journal))


def _add_without_contact(journal: Journal) -> None:
    journal.add_customer("CL-005", ("Brutăria Fără Adresă SRL", None, None, None), _created(journal))
    waiting = Receipt(24900, f"{journal.day(1)} 18:05:00", "pending", "transfer")
    journal.add_invoice(Issue("CL-005", journal.day(3), journal.day(-27), 24900), (waiting,))


def _add_late_payer(journal: Journal) -> None:
    contact = (
        "Tâmplăria Întârziaților SRL",
        "office@tamplaria.example.com",
        "+40 700 777 888",
        "Calea Victoriei nr. 1",
    )
    journal.add_customer("CL-006", contact, _created(journal))
    failed = Receipt(118000, f"{journal.day(2)} 16:40:00", "failed")
    journal.add_invoice(Issue("CL-006", journal.day(75), journal.day(45), 64250))
    journal.add_invoice(Issue("CL-006", journal.day(32), journal.day(2), 118000), (failed,))


def _created(journal: Journal) -> str:
    return f"{journal.day(400)} 09:30:00"
