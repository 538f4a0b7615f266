"""What the page itself says, in the reader's language."""

from bot.words import _


def phrases() -> dict[str, str]:
    """Every phrase of the page's own by its English, which is what the page's files say."""
    return {
        ", new messages": _(", new messages"),
        "#finance": _("#finance"),
        "#finance, the team channel": _("#finance, the team channel"),
        "Ask Casier, or / for commands": _("Ask Casier, or / for commands"),
        "Ask about a customer or an invoice, or record a payment.": _(
            "Ask about a customer or an invoice, or record a payment."
        ),
        "Between you and the bot": _("Between you and the bot"),
        "Casier can't be reached. Please reload this page.": _("Casier can't be reached. Please reload this page."),
        "Casier is working…": _("Casier is working…"),
        "Chats": _("Chats"),
        "Commands": _("Commands"),
        "Connection lost – reconnecting…": _("Connection lost – reconnecting…"),
        "Desk": _("Desk"),
        "Discard": _("Discard"),
        "Everyone can talk here, and everyone reads along. Begin with / to ask the bot in front of all.": _(
            "Everyone can talk here, and everyone reads along. Begin with / to ask the bot in front of all."
        ),
        "It is quiet here": _("It is quiet here"),
        "Message #finance": _("Message #finance"),
        "New messages": _("New messages"),
        "Next page": _("Next page"),
        "No connection.": _("No connection."),
        "Not sent: {trouble}": _("Not sent: {trouble}"),
        "Nothing to show": _("Nothing to show"),
        "Only you can see this": _("Only you can see this"),
        "Page ": _("Page "),
        "Pages": _("Pages"),
        "Previous page": _("Previous page"),
        "Send": _("Send"),
        "Sending…": _("Sending…"),
        "Team channel: everyone reads along": _("Team channel: everyone reads along"),
        "Try again": _("Try again"),
        "Warning: ": _("Warning: "),
        "What would you like to know?": _("What would you like to know?"),
        "Who you are": _("Who you are"),
        "You": _("You"),
        "You are": _("You are"),
        "the billing desk, to try out": _("the billing desk, to try out"),
        "to {name}": _("to {name}"),
        "{who} pressed: {what}": _("{who} pressed: {what}"),
    }
