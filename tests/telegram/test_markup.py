"""How replies look, judged by Telegram's own parser."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.telegram.keyboard import keyboard, layout
from bot.platforms.telegram.markup import pages
from bot.platforms.telegram.shorts import MemoryShorts, short_of
from bot.reply import Button, Column, Fact, Reply, Row, Status, Style, Table, Tone
from tests.telegram.screen import judged, units
from tests.telegram.strict import check_keyboard, check_text

HOSTILE = [
    "<b>",
    "</b>",
    "<a href='tg://user?id=1'>",
    "&amp;",
    "&#60;",
    "&nbsp",
    "_*`[",
    "\u202e",
    "\u200b",
    "\x00",
    "\x1b",
    "\ud800",
    "👩‍👩‍👧‍👦",
    "🇷🇴",
    "\n",
    "\r\n",
    "\u2028",
    "\xa0",
    " ",
    "e\u0301",
    "Ș",
    "\U0010ffff",
    "<",
    ">",
    "&",
    '"',
    "@everyone",
    "/confirm",
    "https://evil.example",
]

hostile = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), max_size=8).map("".join)
long = st.tuples(hostile, st.integers(1, 900)).map(lambda pair: (pair[0] * pair[1])[:9000])
commands = st.one_of(st.none(), hostile.map(lambda text: f"/{text.encode('utf-8', 'replace').decode()}"))
facts = st.builds(Fact, hostile, st.one_of(hostile, long), commands)
cells = st.lists(hostile, max_size=5).map(tuple)
tables = st.builds(
    Table,
    st.just((Column("A"),)),
    st.lists(st.builds(Row, cells, commands), max_size=12).map(tuple),
    st.integers(1, 9),
    st.integers(1, 9),
    commands,
    commands,
)
buttons = st.builds(Button, hostile, commands.filter(bool), st.sampled_from(Style))
replies = st.builds(
    Reply,
    title=st.one_of(hostile, long),
    status=st.one_of(st.none(), st.builds(Status, hostile, st.sampled_from(Tone))),
    text=st.one_of(hostile, long),
    facts=st.lists(facts, max_size=6).map(tuple),
    table=st.one_of(st.none(), tables),
    warnings=st.lists(hostile, max_size=3).map(tuple),
    notes=st.lists(hostile, max_size=3).map(tuple),
    buttons=st.lists(buttons, max_size=20).map(tuple),
)


@settings(max_examples=50, deadline=None)
@given(reply=replies, limit=st.sampled_from([1024, 4096]))
def test_whatever_a_reply_says_telegram_can_read_every_page(reply: Reply, limit: int) -> None:
    drawn = pages(reply, limit)
    assert drawn
    for page in drawn:
        check_text({"text": page.html, "parse_mode": "HTML"})
        assert units(page.plain) <= limit
        assert judged(page.html) == page.plain


@settings(max_examples=25, deadline=None)
@given(reply=replies)
async def test_whatever_leads_on_fits_into_telegrams_buttons_and_says_it_in_full(reply: Reply) -> None:
    shorts = MemoryShorts()
    drawn = await keyboard(reply, shorts)
    if drawn is None:
        return
    check_keyboard({"reply_markup": drawn})
    said = [each["callback_data"] for row in drawn["inline_keyboard"] for each in row]
    meant = [button.command for row in layout(reply) for button in row]
    spelled = [await shorts.get(short_of(data) or "") if data.startswith("~") else data for data in said]
    assert spelled == meant


def test_a_card_has_its_sections_in_order_and_every_sign_has_its_word() -> None:
    reply = Reply(
        title="Invoice <1>",
        status=Status("paid", Tone.GOOD),
        text="One\nTwo",
        facts=(Fact("Customer", "A & B"),),
        table=Table((Column("No"), Column("Day")), (Row(("2024-001", "Mar 1", "")), Row(()), Row(("only",)))),
        warnings=("Odd.",),
        notes=("Small.", ""),
    )
    (page,) = pages(reply)
    assert page.html == (
        "<b>Invoice &lt;1&gt;</b>\n✅ paid\n\nOne\nTwo\n\nCustomer: A &amp; B\n\n"
        "<b>2024-001</b> · Mar 1\n—\n<b>only</b>\n\n⚠️ Odd.\n\n<i>Small.</i>"
    )
    assert page.plain == judged(page.html)


@pytest.mark.parametrize("name", ["Left to pay: 0\nPaid: all", "a\u2028b", "a\r\nb", "a\vb\x85c"])
def test_a_name_can_t_write_lines_of_ours(name: str) -> None:
    (page,) = pages(Reply(title=name, facts=(Fact("Customer", name), Fact("Amount", "1"))))
    assert len(page.plain.splitlines()) == 4


@pytest.mark.parametrize("reply", [Reply(), Reply(title="\u200b"), Reply(text=" \n "), Reply(notes=("\u2060",))])
def test_nothing_to_say_is_still_a_message(reply: Reply) -> None:
    assert [page.html for page in pages(reply)] == ["—"]


def test_a_long_text_goes_on_in_the_next_message_and_nothing_is_lost() -> None:
    words = " ".join(["invoice", "ștampilă", "🧾🧾", "x" * 50, "🧾" * 33] * 200)
    drawn = pages(Reply(text=words))
    assert len(drawn) > 3
    assert "".join(page.plain for page in drawn) == words


def test_lines_stay_whole_where_they_fit() -> None:
    lines = [f"{number}: {'y' * 400}" for number in range(30)]
    drawn = pages(Reply(title="Long", text="\n".join(lines)))
    assert [line for page in drawn for line in page.plain.split("\n") if line][1:] == lines


async def test_buttons_come_as_a_hand_finds_them() -> None:
    table = Table(
        (Column("No"),),
        tuple(Row((f"2024-00{n}",), f"/invoice 2024-00{n}") for n in range(1, 7)),
        page=2,
        pages=3,
        previous="/invoices CL-001 page=1",
        following="/invoices CL-001 page=3",
    )
    reply = Reply(
        facts=(Fact("Customer", "Client Premium (CL-001)", "/customer CL-001"), Fact("Id", "CL-001", "/x")),
        table=table,
        buttons=(Button("Customer", "/customer CL-001"), Button("Pay", "/pay 1", Style.PRIMARY), Button("X", "/y")),
    )
    rows = [[button.label for button in row] for row in layout(reply)]
    assert rows == [
        ["CL-001", "2024-001", "2024-002", "2024-003"],
        ["2024-004", "2024-005", "2024-006"],
        ["‹", "2/3", "›"],
        ["Pay", "Customer", "X"],
    ]
    drawn = await keyboard(reply, MemoryShorts())
    assert drawn
    assert drawn["inline_keyboard"][3][0]["style"] == "primary"
    assert drawn["inline_keyboard"][2][1]["callback_data"] == "-"


async def test_a_label_may_be_shortened_what_it_says_never_is() -> None:
    command = "/customers Societatea Comercială de Construcții și Lucrări Publice page=2"
    shorts = MemoryShorts()
    drawn = await keyboard(Reply(buttons=(Button("Societatea Comercială de Construcții și Lucrări", command),)), shorts)
    assert drawn
    ((button,),) = drawn["inline_keyboard"]
    assert button["text"].endswith("…")
    assert len(button["text"]) <= 36
    assert await shorts.get(short_of(button["callback_data"]) or "") == command
    assert await shorts.put(command) == short_of(button["callback_data"])


def test_a_hundred_rows_leave_room_for_what_matters_more() -> None:
    rows = tuple(Row((str(n),), f"/invoice {n}") for n in range(150))
    reply = Reply(table=Table((Column("No"),), rows), buttons=(Button("Pay", "/pay", Style.DANGER),))
    drawn = layout(reply)
    assert sum(map(len, drawn)) == 100
    assert drawn[-1][0].label == "Pay"
