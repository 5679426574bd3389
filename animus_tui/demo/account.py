"""The account's credits: what is left, and the answer when that is not enough."""

from dataclasses import dataclass

STARTING_CREDITS = 1000.0


@dataclass(slots=True)
class Account:
    """A balance that goes down with every job that is accepted."""

    balance: float = STARTING_CREDITS

    def set(self, balance: float) -> None:
        """Have so many credits from now on; never less than none."""
        self.balance = round(max(0.0, balance), 2)

    def take(self, price: float) -> None:
        """Pay for what was accepted."""
        self.set(self.balance - price)

    def shortage(self, price: float) -> dict[str, object] | None:
        """The body of a 402 when that many are not there; None when they are."""
        if price <= self.balance:
            return None
        needed, left = f"{price:g} credit{'s' * (price != 1)}", f"{self.balance:g}"
        return {
            "error": "insufficient_credits",
            "message": f"This needs {needed}, and {left} are left. Say “top up my credits” in the chat.",
            "required": price,
            "available": self.balance,
        }
