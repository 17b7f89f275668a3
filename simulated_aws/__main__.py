"""python -m simulated_aws: run a simulated AWS until Ctrl-C. See README.md beside this file."""

from __future__ import annotations

import argparse
import errno
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

from simulated_aws import scale
from simulated_aws.world import NAMES
from simulated_aws.world.demo import describing

DEFAULT_PORT: Final = 5000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulated_aws", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free port")
    parser.add_argument("--world", choices=NAMES, default="demo")
    parser.add_argument("--latency-ms", type=float, default=0, metavar="N")
    parser.add_argument(
        "--scale",
        type=int,
        metavar="N",
        help="instead of a world: N uniform accounts that cost next to nothing, read only",
    )
    parser.add_argument(
        "--throttle",
        type=float,
        default=0,
        metavar="R",
        help="with --scale: calls per second of one service and account before it says no",
    )
    parser.add_argument(
        "--describe", action="store_true", help="print the demo world as README.md shows it"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one line of JSON when ready, and end when standard input closes",
    )
    return parser.parse_args()


def main() -> None:
    options = arguments()
    if options.describe:
        sys.stdout.write(describing.markdown())
        return
    try:
        if options.scale:
            settings = scale.Settings(options.scale, options.latency_ms, options.throttle)
            scale.serve(
                options.host,
                options.port,
                settings,
                _announcer(options),
                until_input_ends=options.json,
            )
        else:
            _serve_world(options)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        sys.exit(f"Cannot listen on {options.host}:{options.port}: {error.strerror}.")


def _serve_world(options: argparse.Namespace) -> None:
    # moto takes a second to import; --scale does not need its services.
    from simulated_aws import http_server, server

    listener = server.bind(options.host, options.port)
    application = server.build(options.world, options.latency_ms)
    server.hold_signals()
    listener.listen(http_server.BACKLOG)
    _announcer(options)(server.announcement(listener, application))
    server.serve(listener, application, until_input_ends=options.json)


def _announcer(options: argparse.Namespace) -> Any:
    return _print_json if options.json else _print_text


def _print_json(about: Mapping[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(about, default=str)}\n")
    sys.stdout.flush()


def _print_text(about: Mapping[str, Any]) -> None:
    collector = about["collector"]
    sys.stdout.write(
        f"Simulated AWS ({about['world']}) on {about['url']}; stop it with Ctrl-C.\n\n"
        f"export AWS_ENDPOINT_URL={about['url']}\n"
        "export AWS_DEFAULT_REGION=us-east-1\n"
        f"export AWS_ACCESS_KEY_ID={collector['AccessKeyId']}\n"
        f"export AWS_SECRET_ACCESS_KEY={collector['SecretAccessKey']}\n\n"
        f"Management role  {about['management_role_arn']}\n"
        f"Member role      {about['member_role_name']}\n"
        f"External id      {about['external_id']}\n"
        f"Operator's key   {about['operator']['AccessKeyId']} "
        f"{about['operator']['SecretAccessKey']}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
