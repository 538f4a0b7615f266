"""Invented customers with believable Romanian names; none of their addresses or numbers leads anywhere."""

import unicodedata
from random import Random

FIRST_NAMES = (
    "Ștefan", "Ioana", "Răzvan", "Mădălina", "Gheorghe", "Cătălina", "Ionuț", "Smaranda", "Țicu", "Anișoara",
    "Mihăiță", "Ruxandra", "Dănuț", "Brândușa", "Sînziana", "Vlăduț", "Crenguța", "Horațiu", "Lăcrămioara", "Andrei",
)  # fmt: skip
LAST_NAMES = (
    "Ștefănescu", "Țurcanu", "Brătianu", "Măgureanu", "Câmpeanu", "Păltineanu", "Nițu", "Șerban", "Bălășoiu", "Ionescu",
    "Crăciun", "Dumitrașcu", "Găină", "Hațeganu", "Lăzărescu", "Moțoc", "Oțeleanu", "Pîrvulescu", "Rădulescu", "Vîlcu",
    "Drăgășanu", "Fărcășanu", "Grigoruță", "Înțeleptu", "Săvulescu", "Tănase", "Văcărescu", "Zăvoianu", "Popa",
)  # fmt: skip
TRADES = (
    "Construcții", "Transporturi", "Brutăria", "Tipografia", "Instalații", "Mobilă", "Agroservicii", "Consultanță",
    "Farmacia", "Atelierul", "Grădinile", "Vinoteca", "Panificație", "Tâmplăria", "Încălzire", "Librăria",
    "Curățenie", "Proiectări", "Autoservice", "Ospătăria", "Croitoria", "Semințe", "Utilaje", "Fotovoltaice",
)  # fmt: skip
LEGAL_FORMS = ("SRL", "SRL", "SRL", "SA", "SRL-D", "SCS", "PFA")
STREETS = (
    "Strada Mihai Eminescu", "Calea Victoriei", "Bulevardul Unirii", "Strada Școlii", "Aleea Țărmului", "Strada Teilor",
    "Șoseaua Iașului", "Strada Gării", "Piața Sfatului", "Strada Câmpului", "Strada Făgetului", "Calea Dorobanților",
)  # fmt: skip
TOWNS = (
    "București, sector 1", "București, sector 3", "Cluj-Napoca, jud. Cluj", "Iași, jud. Iași", "Timișoara, jud. Timiș",
    "Brașov, jud. Brașov", "Constanța, jud. Constanța", "Târgu Mureș, jud. Mureș", "Râmnicu Vâlcea, jud. Vâlcea",
    "Galați, jud. Galați", "Piatra Neamț, jud. Neamț", "Bistrița, jud. Bistrița-Năsăud", "Satu Mare, jud. Satu Mare",
)  # fmt: skip
MAILBOXES = ("contact", "office", "facturi", "contabilitate")

PERSONS_SHARE = 0.2
UNKNOWN_SHARE = 0.03

Contact = tuple[str, str | None, str | None, str | None]


def contact(rng: Random) -> Contact:
    """Invent a name, an e-mail, a phone number and an address; now and then one of the last three isn't known."""
    name = person(rng) if rng.random() < PERSONS_SHARE else firm(rng)
    return name, _perhaps(rng, email(rng, name)), _perhaps(rng, phone(rng)), _perhaps(rng, address(rng))


def person(rng: Random) -> str:
    """Invent somebody who is billed in their own name."""
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def firm(rng: Random) -> str:
    """Invent a company."""
    owners = " & ".join(rng.sample(LAST_NAMES, rng.choice((1, 1, 1, 2))))
    return f"{rng.choice(TRADES)} {owners} {rng.choice(LEGAL_FORMS)}"


def email(rng: Random, name: str) -> str:
    """Give a mailbox under example.com, which RFC 2606 keeps free of real ones."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    host = "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())
    return f"{rng.choice(MAILBOXES)}@{host}.example.com"


def phone(rng: Random) -> str:
    """Give a mobile number; +40 700 is the contract's own prefix."""
    return f"+40 700 {rng.randrange(1000):03} {rng.randrange(1000):03}"


def address(rng: Random) -> str:
    """Invent a street address."""
    return f"{rng.choice(STREETS)} nr. {rng.randint(1, 180)}, {rng.choice(TOWNS)}"


def _perhaps(rng: Random, text: str) -> str | None:
    return None if rng.random() < UNKNOWN_SHARE else text
