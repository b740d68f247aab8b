"""Reso-bot: settles disputes between buyers and sellers of a marketplace by rules in files."""

from importlib.metadata import version

__version__ = version("reso-bot")
