"""Makers of blocks that work beside each other, a thread each: in a query Python's lock is free."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from time import sleep
from typing import Self

from simulations.world.blocks import Block, Maker, Written

A_MOMENT = 0.02
"""Seconds until a maker is told again to stop."""


class Crew:
    """Some makers. Left by whatever way, they have stopped."""

    def __init__(self, makers: Sequence[Maker]) -> None:
        self.makers = makers
        self.idle = SimpleQueue[Maker]()
        for maker in makers:
            self.idle.put(maker)
        self.threads = ThreadPoolExecutor(len(makers))

    def write(self, block: Block) -> Future[Written]:
        """Have a block made as soon as a maker is idle."""
        return self.threads.submit(self._write, block)

    def _write(self, block: Block) -> Written:
        maker = self.idle.get()
        try:
            return maker.write(block)
        finally:
            self.idle.put(maker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop what is still being made."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        while self.idle.qsize() < len(self.makers):
            for maker in self.makers:
                maker.interrupt()
            sleep(A_MOMENT)
        self.threads.shutdown()
        for maker in self.makers:
            maker.close()
