"""Log lines: a time, a level, a constant event string, then the record's fields as ``key=value``.

Code logs ``logger.warning("unit failed", extra={"account": …, "region": …})``; the fields are
what the record carries beyond the attributes every record has.
"""

import json
import logging
import time

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class FieldsFormatter(logging.Formatter):
    converter = time.gmtime  # type: ignore[assignment]  # the stub calls it a method
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        fields = (
            f"{key}={json.dumps(value, default=str, ensure_ascii=False)}"
            for key, value in vars(record).items()
            if key not in STANDARD
        )
        return " ".join([super().formatMessage(record), *fields])
