#!/usr/bin/env python3
"""Command line of Guanxi: `manage.py help` lists the commands."""

import os
import sys

from django.core.management import execute_from_command_line

from guanxi.kernel.memory import load_quietly


def main() -> None:
    """Run one command with the product's settings."""
    load_quietly()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
