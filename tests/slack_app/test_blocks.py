"""What Slack is sent for any reply, however ugly or long: within its limits, nothing lost, nothing read as markup."""

from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.slack.blocks import draw
from bot.platforms.slack.options import UNLIMITED, Rates
from bot.platforms.slack.pace import Pace
from bot.platforms.slack.speech import Speech
from bot.platforms.slack.texts import typed
from bot.reply import Button, Column, Fact, Reply, Row, Status, Style, Table, Tone
from tests.slack_app.judge import buttons_of, judge_message, lines_of

UGLY = st.text(max_size=300) | st.sampled_from(
    [
        "<b>Bold_*</b> & `Sons`",
        "Ștefănescu–Împărțeală „Țuică”",
        ":moneybag: <@U1> <!channel>",
        "a\nb\u2028c",
        "\ud800",
        "",
    ]
)
LONG = "Societatea Națională de Construcții " * 120


def shown(reply: Reply, share: str = "") -> list[str]:
    """Everything that people read, once Slack has taken it."""
    pages = draw(reply, share)
    for page in pages:
        judge_message({"text": page.text, "blocks": list(page.blocks)})
    return [line for page in pages for line in lines_of(list(page.blocks))]


@given(
    st.builds(
        Reply,
        title=UGLY,
        status=st.none() | st.builds(Status, UGLY.filter(str.strip), st.sampled_from(Tone)),
        text=UGLY,
        facts=st.lists(st.builds(Fact, UGLY, UGLY, st.none() | st.just("/help")), max_size=12).map(tuple),
        warnings=st.lists(UGLY, max_size=3).map(tuple),
        notes=st.lists(UGLY, max_size=3).map(tuple),
        buttons=st.lists(st.builds(Button, UGLY, st.just("/id"), st.sampled_from(Style)), max_size=40).map(tuple),
    )
)
def test_slack_takes_whatever_there_is_to_show(reply: Reply) -> None:
    assert shown(reply)


def test_nothing_is_cut_silently() -> None:
    rows = tuple(Row((f"name {number}", LONG)) for number in range(10))
    reply = Reply(title=LONG, text=LONG, notes=(LONG,), warnings=(LONG,), table=Table((Column("a"),), rows))
    read = "".join(shown(reply))
    assert read.count("Societatea Națională") == 120 * 14
    assert len(draw(reply)) > 1
    assert not buttons_of(list(draw(reply)[0].blocks))


def test_a_list_has_its_page_its_pager_and_what_its_rows_lead_to() -> None:
    rows = tuple(Row((f"customer {number}", "x"), f"/customer {number}") for number in range(30))
    table = Table((Column("a"),), (*rows, Row(()), Row(("twice",), "/customer 1")), 2, 9, "/back", "/on")
    reply = Reply(title="List", table=table, buttons=(Button("", "/help"), Button("Go", "/go", Style.PRIMARY)))
    (page,) = draw(reply, "/list")
    labels = list(buttons_of(list(page.blocks)))
    assert labels[:5] == ["Go", "/help", "‹", "›", "Share to channel"]
    assert len(labels) == 5 + 30
    assert [each["type"] for each in page.blocks[-1]["elements"]] == ["static_select"]
    few = Reply(table=Table((Column("a"),), rows[:3]))
    assert [each["type"] for each in draw(few)[0].blocks[-1]["elements"]] == ["button"] * 3
    assert "Page 2 of 9" in shown(reply)
    assert shown(Reply()) == ["—"]
    assert "Share to channel" not in buttons_of(list(draw(reply, "x" * 2001)[0].blocks))


def test_what_is_typed_is_read_as_it_was_typed() -> None:
    for told, read in (
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<mailto:a@b.ro|a@b.ro>", "a@b.ro"),
        ("<https://x.ro/2024-001>", "https://x.ro/2024-001"),
        ("grant <@U1|ana> viewer", "grant slack:U1 viewer"),
        ("subscribe chat=<#C1|finance>", "subscribe chat=slack:C1"),
        ("&amp;lt;", "&lt;"),
    ):
        assert typed(told) == read


async def test_channels_have_a_pace_of_their_own_and_old_ones_are_forgotten() -> None:
    async def send() -> str:
        return "sent"

    pace = Pace(Rates((1000, 1), (1000, 1)))
    for number in range(1100):
        assert await pace.keep(f"C{number}", send) == "sent"
    assert await Pace(UNLIMITED).keep("D1", send) == "sent"


def test_a_command_is_written_as_it_is_said_in_slack_and_a_name_as_it_is() -> None:
    speech = Speech(lambda word: word in ("pay", "help"))
    told = speech.of(
        Reply(
            title="/pay",
            text="Usage: /pay <invoice>\nSee /help, /nothing, 2024/pay, https://x/pay",
            facts=(Fact("Example", "/pay 2024-001"), Fact("Customer", "Ask /help & Co")),
            table=Table((Column("a"),), (Row(("/help", "x"), "/help"),)),
            notes=("/help helps",),
            buttons=(Button("/help", "/help"),),
        )
    )
    assert told.title == "/billing pay"
    assert told.text == "Usage: /billing pay <invoice>\nSee /billing help, /nothing, 2024/pay, https://x/pay"
    assert [fact.value for fact in told.facts] == ["/billing pay 2024-001", "Ask /help & Co"]
    assert told.table
    assert told.table.rows == (Row(("/billing help", "x"), "/help"),)
    assert told.notes == ("/billing help helps",)
    assert told.buttons == (Button("/billing help", "/help"),)
