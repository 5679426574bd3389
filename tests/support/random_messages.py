"""Random messages with whatever makes searching hard, and what to search in them, for hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from animus_tui.chat.messages import ChatMessage, ImageRecord

if TYPE_CHECKING:
    from animus_tui.chat.messages import Role

LETTERS = (
    "aAbegoldßẞİıſKsSkςΣσé\u0301\u0323\u0303ﬁǰ세각\u1100\u1161\u11a8жЖ \n\t\r\xa0\u3000\u2003"
    "\x1b\x9b\x08\x0c\x00\x7f\x85\u2028\u202e\u2066\u200d\ufeff\ufffd\U0010eeee🌙"
    "*_`~[]()#>|-=\\/&;!<\"'{}:,.n0135mu\u037e\u1fef"
)
PARTS = (
    "gold",
    "**",
    "](http://a)",
    "[",
    "&amp;",
    "&#103;",
    "\x1b[31m",
    "`",
    "\n```x\n",
    "\\",
    "e\u0301",
    "é",
    " ",
    "\n- ",
)
texts = st.one_of(st.text(LETTERS, max_size=30), st.lists(st.sampled_from(PARTS), max_size=8).map("".join))
needles = st.one_of(
    st.text(LETTERS, min_size=1, max_size=4),
    st.sampled_from(
        ["gold", "GOLD", "e", "é", "e\u0301", "gold gold", "&", "*", '"', "\\", "k", "s", "i", "n"]
    ),
)


@st.composite
def messages(draw: st.DrawFn) -> ChatMessage:
    roles: list[Role] = ["user", "assistant", "assistant", "tool", "system"]
    role = draw(st.sampled_from(roles))
    image = ImageRecord(prompt=draw(texts), file="images/a.png") if draw(st.integers(0, 5)) == 0 else None
    turns = draw(st.lists(texts, min_size=2, max_size=3)) if draw(st.booleans()) else None
    return ChatMessage(role=role, content=draw(texts), reasoning=draw(texts), turns=turns, image=image)
