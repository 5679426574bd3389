"""The conversation: messages, events, turns, the exchange and the files it is kept in."""
