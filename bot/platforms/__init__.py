"""Each chat's own manners and markup; nothing above this package knows that they exist."""
