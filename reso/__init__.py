"""Reso-bot: settles disputes between buyers and sellers of a marketplace by rules in files."""
