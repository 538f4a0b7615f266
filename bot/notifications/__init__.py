"""The payments of billing's list, watched; who hears of which; telling them."""
