#!/usr/bin/env python3
"""Command line of Guanxi: `manage.py help` lists the commands; `manage.py up` runs the product."""

import os
import sys

from guanxi.kernel import supervisor
from guanxi.kernel.memory import load_quietly


def main() -> None:
    """Run one command with the product's settings."""
    load_quietly()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")
    if sys.argv[1:2] == ["up"]:
        sys.exit(supervisor.main(sys.argv[2:]))
    from django.core.management import execute_from_command_line  # the supervisor stays small

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
