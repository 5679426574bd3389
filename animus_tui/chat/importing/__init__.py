"""Conversations from files: our own JSON, the JavaScript SDK's, ChatGPT's export and SillyTavern's chats."""
