"""Mail that is to be sent: written once per person and subject, within limits, by the workers.

letter = Letter("Your accounts this week", "…", sections=[Section("Went backwards", [Line(…)])], …)
queue(letter, kind=Message.Kind.DIGEST, key="2026-11-23", person=person)
"""

from inventory.outbox.letters import Letter, Line, Rendered, Section
from inventory.outbox.queueing import drop, preview, queue, recipient_of, release
from inventory.outbox.sending import send_waiting

__all__ = [
    "Letter",
    "Line",
    "Rendered",
    "Section",
    "drop",
    "preview",
    "queue",
    "recipient_of",
    "release",
    "send_waiting",
]
