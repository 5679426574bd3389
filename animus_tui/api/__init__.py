"""The wire: authentication, requests, answers and errors of the Animus HTTP API."""
