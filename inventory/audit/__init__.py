"""The audit log: who did what, when and from where, for writes and for reads of contact data.

record(Event.RUN_STARTED, run, trigger="manual")     # in the transaction that starts the run

Whoever writes records it where that kind of write happens, and there alone. Who acts and from
where is known from the request, the worker's task or the command line. ``verify_audit_log`` checks
the chain; docs/audit-log.md says what it proves.
"""

from inventory.audit.events import Event
from inventory.audit.recording import Thing, name_rows, record, saw_phones, thing_of, written_last

__all__ = ["Event", "Thing", "name_rows", "record", "saw_phones", "thing_of", "written_last"]
