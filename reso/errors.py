"""The errors Reso-bot raises on purpose: one root, each says where, what and what to do."""


class ResoError(Exception):
    """Root of all errors of this project.

    `str(error)` is the message, on one line. A subclass keeps its parts as attributes and hands
    the same parts to `super().__init__`, so that it survives pickling.
    """


class InputError(ResoError):
    """Something given to us is wrong. Its message is `where: what. todo`.

    Attributes:
        where: the file and line, the field or the word that is wrong.
        what: what is wrong with it, without a full stop.
        todo: what its author can do about it, a sentence; may be empty.
    """

    def __init__(self, where: str, what: str, todo: str = "") -> None:
        super().__init__(where, what, todo)
        self.where = where
        self.what = what
        self.todo = todo

    def __str__(self) -> str:
        message = f"{self.where}: {self.what}"
        return f"{message}. {self.todo}" if self.todo else message
