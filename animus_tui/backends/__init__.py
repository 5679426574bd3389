"""Services that answer: neutral values, what every HTTP service needs, and the Animus service."""
