"""The life of a dispute: which moves are legal when, and what we do after each of them."""

from reso.lifecycle.life import Life
from reso.lifecycle.moves import Clock, Command, IllegalMoveError, Move, Recorded
from reso.lifecycle.state import State, state_of

__all__ = ["Clock", "Command", "IllegalMoveError", "Life", "Move", "Recorded", "State", "state_of"]
