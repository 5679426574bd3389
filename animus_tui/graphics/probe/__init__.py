"""What the terminal can do: its answers, tmux around it, and what is known of terminals by name."""
