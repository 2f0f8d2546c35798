"""What the program is made of: the lock of all libraries, their licences, and the bill of materials. Run by hand, see ``make supply``."""
