"""What a case says: the table of facts, its interpreter, and the calendar that counts days."""
