"""Deletions: asked for once, never again once they may have arrived, and believed only when they were done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import AnswerError, NetworkError, ServiceBusy
from tests.support.backend_client import client_of
from tests.support.scripted_server import End, Script, answer, error, scripted

Ask = Callable[[AnimusClient], Awaitable[object]]

DELETIONS: list[tuple[Ask, str]] = [
    (lambda client: client.account.delete_group("g/1"), "/generation/groups/g%2F1"),
    (lambda client: client.account.delete_generation("x?1"), "/generation/x%3F1"),
]


async def test_a_deletion_is_asked_for_once_and_its_answers_words_do_not_matter() -> None:
    rows_of_good: list[bytes] = [
        b"",
        b"{}",
        b'{"message": "Deleted.", "success": true}',
        b'{"error": null}',
        b"OK",
        b"null",
        b"true",
    ]
    for good in rows_of_good:
        for delete, path in DELETIONS:
            async with scripted([answer(good)]) as server, client_of(server) as client:
                assert await delete(client) is None
            assert [(request.method, request.path, request.body) for request in server.received] == [
                ("DELETE", path, b"")
            ]


async def test_a_deletion_that_was_not_done_is_an_error() -> None:
    rows_of_bad: list[tuple[bytes, str]] = [
        (b'{"error": "it is locked"}', "it is locked"),
        (b'{"success": false, "message": "not yours"}', "not yours"),
        (b'{"success": false}', "gave no reason"),
        (b"<html>sign in</html>", "HTML page"),
        (b'{"error": ', "not JSON"),
    ]
    for bad, words in rows_of_bad:
        for delete, path in DELETIONS:
            async with scripted([answer(bad)]) as server, client_of(server) as client:
                with pytest.raises(AnswerError, match=words):
                    await delete(client)
            assert server.asked(path) == 1


async def test_a_deletion_is_never_sent_twice_once_it_may_have_arrived() -> None:
    rows_of_script: list[Script] = [[End.RESET], [b""], [error(502)], [error(503)], [error(504)]]
    for script in rows_of_script:
        for delete, path in DELETIONS:
            async with scripted(script) as server, client_of(server) as client:
                with pytest.raises((NetworkError, ServiceBusy)):
                    await delete(client)
            assert server.asked(path) == len(server.received) == 1


async def test_429_before_a_deletion_is_waited_out() -> None:
    for delete, path in DELETIONS:
        async with scripted([error(429)], [answer(b"")]) as server, client_of(server) as client:
            await delete(client)
        assert server.asked(path) == 2
