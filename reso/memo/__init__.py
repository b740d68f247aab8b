"""What slow functions worked out before, kept from one run of a command to the next."""

from reso.memo.files import pickled, read_own, unpickled, write_own
from reso.memo.memory import digest, forget_news, is_empty, kept_in, learn, news, remembered

__all__ = [
    "digest",
    "forget_news",
    "is_empty",
    "kept_in",
    "learn",
    "news",
    "pickled",
    "read_own",
    "remembered",
    "unpickled",
    "write_own",
]
