"""What an application has on its screen, and whether something is still on its way there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.strip import Strip

    from animus_tui.chat.events import Subscription
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.conversation.view import ConversationPane


def strips_of(app: App[Any]) -> list[Strip]:
    """The rows of the screen as they are painted."""
    return app.screen._compositor.render_strips()


def text_of(app: App[Any]) -> str:
    """The rows of the screen as text, without the blanks at their ends."""
    return "\n".join(strip.text.rstrip() for strip in strips_of(app))


def is_at_work(
    app: App[Any], session: ChatSession, pane: ConversationPane, *, ours: Subscription | None = None
) -> bool:
    """Whether anything is under way in the session, on its way to the screen (`ours` is no screen), or being drawn."""
    screens = [queue for queue in session.events._subscriptions if queue is not ours]
    workers = [getattr(worker._work, "__name__", "") for worker in app.workers]
    return (
        session.busy
        or bool(session.images.under_way)
        or any(not screen._queue.empty() for screen in screens)
        or any(name != "_listen" for name in workers)  # that one ends with the screen
        or not pane.is_complete
    )
