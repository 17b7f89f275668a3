"""Account ids that a spreadsheet program damaged, made whole where only one id is possible."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from inventory.formats.format import Cell
from inventory.importing.table import text_of
from inventory.kinds import CellError, clean_account_id

SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,2})", re.IGNORECASE)
CURE = (
    "Format the column as text in the spreadsheet it comes from, and enter or export the ids again."
)


class IdRepair:
    """``known`` are the ids of the inventory and of AWS: a repair must be the only one possible."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = frozenset(known)
        self._rounded: dict[int, dict[str, list[str]]] = {}

    def __call__(self, cell: Cell) -> tuple[str, bool]:
        """The id, and whether it had to be repaired. Raises CellError with the cure."""
        text = text_of(cell).lstrip("'").strip()
        if found := SCIENTIFIC.fullmatch(text):
            return self._from_scientific(text, *found.groups()), True
        # A CSV that went through a program with floating-point numbers: 123456789012.0
        digits = text.removesuffix(".0") if text.removesuffix(".0").isdigit() else text
        if digits.isascii() and digits.isdigit() and len(digits) < 12:
            return self._with_zeros(digits, was_number=not isinstance(cell, str)), True
        if not isinstance(cell, str) and len(digits) == 12 and digits.endswith("000000"):
            return self._perhaps_rounded(digits)
        return clean_account_id(digits), False

    def _with_zeros(self, digits: str, *, was_number: bool) -> str:
        padded = digits.zfill(12)
        if padded in self.known or (was_number and len(digits) == 11):
            return padded
        raise CellError(
            f"Has {len(digits)} digits; an AWS account id has 12, and zeros at its beginning may "
            f"have been lost. {CURE}"
        )

    def _from_scientific(self, text: str, whole: str, fraction: str | None, power: str) -> str:
        mantissa = whole + (fraction or "")
        exponent = int(power)
        if exponent == 11 and len(mantissa) == 12:
            return mantissa
        if exponent == 10 and len(mantissa) == 11 and f"0{mantissa}" in self.known:
            return f"0{mantissa}"
        same = self._known_rounding_to(f"{whole}.{fraction or ''}".rstrip("."), exponent)
        if len(same) == 1:
            return same[0]
        if same:
            raise CellError(
                f"Was rounded to {text}, which {len(same)} known accounts could be. {CURE}"
            )
        raise CellError(f"Was rounded to {text}; the other digits are lost. {CURE}")

    def _perhaps_rounded(self, digits: str) -> tuple[str, bool]:
        """A number that ends in six zeros is an id rounded on its way, unless it is a known one."""
        if digits in self.known:
            return digits, False
        significant = digits.rstrip("0")
        text = significant[0] + ("." + significant[1:] if len(significant) > 1 else "")
        same = self._known_rounding_to(text, 11)
        if len(same) == 1:
            return same[0], True
        raise CellError(
            f"Ends in six zeros, as ids do that a spreadsheet has rounded; it is not known. {CURE}"
        )

    def _known_rounding_to(self, mantissa: str, exponent: int) -> list[str]:
        places = len(mantissa.partition(".")[2])
        if places not in self._rounded:
            by_text: dict[str, list[str]] = defaultdict(list)
            for known in self.known:
                if int(known):
                    by_text[f"{Decimal(int(known)):.{places}E}"].append(known)
            self._rounded[places] = by_text
        return self._rounded[places].get(f"{mantissa}E+{exponent}", [])
