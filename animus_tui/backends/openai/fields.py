"""Which requests a service takes: told by its address, and learned from its refusals. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct

from animus_tui.backends.base.chat_values import MoreSampling, Sampling

SAMPLING = frozenset(Sampling.__struct_fields__)
"""Sampling settings of OpenAI's own API."""
OF_OPEN_MODELS = frozenset(MoreSampling.__struct_fields__)
"""Sampling settings that servers of open models know, and others refuse."""
NEW_LENGTH, OLD_LENGTH = "max_completion_tokens", "max_tokens"


class KnownService(Struct, frozen=True, kw_only=True):
    """What is known of a service before it is asked."""

    host: str
    """End of its host name; empty for a server of open models, wherever it is."""
    sampling: frozenset[str] = SAMPLING
    """Names of the settings that it takes."""
    length: str = OLD_LENGTH
    """Its name for the longest answer."""
    usage: bool = True
    """Whether a stream tells what it took only when `stream_options` asks for it."""
    reasoning: bool = False
    """Whether `reasoning: {"enabled": true}` asks for thoughts."""
    modalities: bool = False
    """Whether a model that makes pictures has to be asked for them, with `modalities`."""


SERVICES = (
    KnownService(host="api.openai.com", length=NEW_LENGTH),
    KnownService(
        host="openrouter.ai",
        sampling=SAMPLING | {"top_k", "min_p", "repetition_penalty"},
        usage=False,  # it always tells
        reasoning=True,
        modalities=True,
    ),
    KnownService(host="api.mistral.ai", usage=False),  # it always tells, and refuses what it does not know
    KnownService(host="api.groq.com", length=NEW_LENGTH),
    KnownService(host="api.deepseek.com", sampling=SAMPLING - {"n"}),
    # llama.cpp, vLLM, Ollama, LM Studio, LocalAI, KoboldCpp: most ignore what they do not know.
    KnownService(host="", sampling=SAMPLING | OF_OPEN_MODELS),
)


def service_at(base_url: str) -> KnownService:
    """The known service at an address; the last one where nothing is known."""
    host = urlsplit(base_url).hostname or ""
    return next(each for each in SERVICES if not each.host or f".{host}".endswith(f".{each.host}"))


class LearnedFields:
    """What the service refused so far, which is not sent to it again as long as it is connected."""

    def __init__(self, length: str) -> None:
        self.length = length
        """The name under which the longest answer is sent."""
        self.refused: frozenset[str] = frozenset()
        self.takes_turns = False
        """Whether messages of one speaker in a row have to be sent as one."""

    def learn(self, names: frozenset[str], sent: frozenset[str]) -> bool:
        """Whether a request with fewer fields is to be sent: the refusal has `names`, and these fields were `sent`."""
        refused = names & (sent - self.refused)
        if OLD_LENGTH in refused and NEW_LENGTH not in self.refused:
            # Newer models of OpenAI: "Use 'max_completion_tokens' instead."
            self.length = NEW_LENGTH
        elif NEW_LENGTH in refused and OLD_LENGTH not in self.refused:
            self.length = OLD_LENGTH
        self.refused |= refused
        return bool(refused)
