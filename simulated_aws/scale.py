"""placeholder"""


class Settings: ...


def serve(*a, **k): ...
