"""What a handheld asks, sends and shows: its page, its answers, its words."""
