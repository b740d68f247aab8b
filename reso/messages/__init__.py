"""What people are told: messages to the parties, scripts for agents, in every form they go out."""

from reso.messages.compose import Message, Messenger
from reso.messages.render import FORMS, render

__all__ = ["FORMS", "Message", "Messenger", "render"]
