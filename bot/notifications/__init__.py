"""The payments of billing's list, watched; who hears of which; telling them."""

from bot.notifications.delivery import Means
from bot.notifications.desk import NewsDesk, made_id
from bot.notifications.enquiry import Enquiry
from bot.notifications.news import Listener, News
from bot.notifications.rounds import Patience

__all__ = ["Enquiry", "Listener", "Means", "News", "NewsDesk", "Patience", "made_id"]
