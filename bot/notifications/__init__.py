"""The payments of billing's list, watched; who hears of which; telling them."""

from bot.notifications.delivery import Means
from bot.notifications.desk import NewsDesk, made_id
from bot.notifications.enquiry import Enquiry
from bot.notifications.news import Listener, News
from bot.notifications.pace import Pace
from bot.notifications.rounds import Cadence
from bot.notifications.watcher import Watcher

__all__ = ["Cadence", "Enquiry", "Listener", "Means", "News", "NewsDesk", "Pace", "Watcher", "made_id"]
