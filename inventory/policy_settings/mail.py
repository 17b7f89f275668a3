"""When people get mail, and how much of it at most."""

from __future__ import annotations

from zoneinfo import available_timezones

from inventory.policy_settings.setting import Entry, Setting

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NEVER = "never"

SETTINGS: tuple[Setting, ...] = (
    Setting("MAIL_PER_PERSON_AND_DAY", 5, "Mails to one recipient in 24 hours; more are held."),
    Setting(
        "MAIL_PER_HOUR",
        500,
        "Mails to all together in an hour; more are held. MAIL_MOST_PER_HOUR in the environment "
        "is never exceeded.",
    ),
    Setting("MAIL_HOUR", 8, "Hour of the day from which digests and reminders go out.", highest=23),
    Setting(
        "MAIL_TIME_ZONE",
        "UTC",
        "Time zone of that hour and of the day of the week.",
        choices=tuple(sorted(available_timezones())),
    ),
    Setting(
        "DIGEST_WEEKDAY",
        "Monday",
        "Day of the week on which digests go out.",
        choices=(*WEEKDAYS, NEVER),
    ),
    Setting(
        "DIGEST_SEVERITY",
        "high",
        "Least severity of new findings that a digest names.",
        choices=("critical", "high", "medium", "low", "info"),
    ),
    Setting("EXCEPTION_REMIND_DAYS", 30, "Days before its end at which who asked is reminded."),
    Setting(
        "REMIND_AGAIN_DAYS",
        [7, 1],
        "Days before the end of an answer or exception at which a reminder is sent again.",
        entry=Entry.DAYS,
    ),
)
