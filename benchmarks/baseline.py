"""The baseline: the same answer from python-telegram-bot and httpx, written as their docs teach it."""

import html
import logging
import os
from typing import Any

import httpx
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CommandHandler, ContextTypes

logging.basicConfig(format="%(asctime)s - %(name)s - %(levelname)s - %(message)s", level=logging.INFO)
logging.getLogger("httpx").setLevel(logging.WARNING)

App = Application[Any, Any, Any, Any, Any, Any]


async def open_client(app: App) -> None:
    """One client for all requests, with httpx's own pool."""
    key = {"x-api-key": os.environ["BILLING_API_KEY"]}
    app.bot_data["billing"] = httpx.AsyncClient(base_url=os.environ["BILLING_API_URL"], headers=key)


async def close_client(app: App) -> None:
    """Close its connections."""
    await app.bot_data["billing"].aclose()


async def invoice(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer `/invoice 2024-001`."""
    if not (update.message and context.args):
        return
    answer = await context.bot_data["billing"].get(f"/invoices/{context.args[0]}")
    answer.raise_for_status()
    found = answer.json()
    lines = [
        f"<b>Invoice {html.escape(found['number'])}</b>",
        f"Status: {html.escape(found['status'])}",
        f"Customer: {html.escape(found['customer_id'])}",
        f"Amount: RON {float(found['amount']):,.2f}",
        f"Left to pay: RON {float(found['balance']):,.2f}",
        f"Issued: {found['issued_at']}",
        f"Due: {found['due_at']}",
    ]
    buttons = [
        InlineKeyboardButton("Payments", callback_data=f"/payments {found['number']}"),
        InlineKeyboardButton("Customer", callback_data=f"/customer {found['customer_id']}"),
    ]
    await update.message.reply_html("\n".join(lines), reply_markup=InlineKeyboardMarkup([buttons]))


def main() -> None:
    """Run it, by polling or by webhook."""
    builder = Application.builder().token(os.environ["TELEGRAM_BOT_TOKEN"])
    builder = builder.base_url(f"{os.environ['TELEGRAM_API_URL']}/bot").concurrent_updates(True)  # noqa: FBT003
    app = builder.post_init(open_client).post_shutdown(close_client).build()
    app.add_handler(CommandHandler("invoice", invoice))
    if os.environ["TELEGRAM_MODE"] == "polling":
        app.run_polling()
        return
    app.run_webhook(
        listen="127.0.0.1",
        port=int(os.environ["HTTP_PORT"]),
        url_path="telegram",
        webhook_url=os.environ["TELEGRAM_WEBHOOK_URL"],
        secret_token=os.environ["TELEGRAM_WEBHOOK_SECRET"],
    )


if __name__ == "__main__":
    main()
