"""`demo-server`: the embedded Animus-compatible server, alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.cli.output import DONE, complain, say
from animus_tui.demo.server import DemoServer, bind, is_loopback, serve_forever
from animus_tui.demo.state import DemoOptions
from animus_tui.errors import UsageError, UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.cli.arguments import Arguments

ABOUT = """\
{url}

To talk with it, put this into the configuration of any client (Ctrl+C ends the server):

[api]
base_url = "{base_url}"
generation_url = "{generation_url}"
api_key = "{api_key}"
# or, in place of the key:
# token_provider_url = "{token_url}"
"""


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Serve until Ctrl+C or SIGTERM; the first line of the output is the address."""
    try:
        options = DemoOptions.from_env(env)
    except ValueError as error:
        raise UsageError(str(error)) from None
    try:
        sock = bind(arguments.host, arguments.port)
        server = DemoServer(options, arguments.host, sock=sock, api_key=env.get("ANIMUS_DEMO_KEY"))
    except OSError as error:
        place = f"{arguments.host} port {arguments.port}"
        raise UserError(f"The demo server cannot listen on {place}: {error.strerror or error}.") from None
    if not is_loopback(arguments.host):
        complain(f"{arguments.host} is not a loopback address: others on the network can use this server.")
    asyncio.run(serve_forever(server, ready=lambda: _tell(server)))
    return DONE


def _tell(server: DemoServer) -> None:
    say(
        ABOUT.format(
            url=server.url,
            base_url=server.base_url,
            generation_url=server.generation_url,
            api_key=server.api_key,
            token_url=server.token_url,
        ),
        end="",
    )
