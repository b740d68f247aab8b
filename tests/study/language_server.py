"""An editor that talks to the YAML language server over its standard streams."""

import json
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any

SECONDS = 120
SETTINGS = {"yaml": {"validate": True, "hover": True, "completion": True}}


class Editor:
    """Opens files in the server, and asks it what an author would see.

    A server that takes longer than two minutes is ended; the next answer raises EOFError.
    """

    def __init__(self, server: Path) -> None:
        self.process = subprocess.Popen(
            ["node", str(server), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.to: IO[bytes] = self.process.stdin
        self.of: IO[bytes] = self.process.stdout
        self.last = 0
        self.limit = threading.Timer(SECONDS, self.process.kill)
        self.limit.start()

    def __enter__(self) -> "Editor":
        capabilities = {
            "textDocument": {
                "publishDiagnostics": {},
                "hover": {"contentFormat": ["markdown"]},
                "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
            }
        }
        self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": SETTINGS})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.limit.cancel()
        self.process.kill()
        self.process.wait()
        self.to.close()
        self.of.close()

    # -- what an author sees ----------------------------------------------------------------

    def problems(self, path: Path, text: str) -> list[str]:
        """Open a file and return what the server finds wrong in it."""
        uri = path.resolve().as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        while True:
            message = self._next()
            if message.get("method") != "textDocument/publishDiagnostics":
                continue
            if message["params"]["uri"] == uri:
                return [found["message"] for found in message["params"]["diagnostics"]]

    def offered(self, path: Path, line: int, character: int) -> list[str]:
        """Return the words offered at a place of an open file."""
        found = self._at("textDocument/completion", path, line, character)
        items = found["items"] if isinstance(found, dict) else found
        return [item["label"] for item in items or ()]

    def told(self, path: Path, line: int, character: int) -> str:
        """Return the hover text at a place of an open file."""
        found = self._at("textDocument/hover", path, line, character)
        return json.dumps(found, ensure_ascii=False)

    # -- the protocol -----------------------------------------------------------------------

    def _at(self, method: str, path: Path, line: int, character: int) -> Any:
        where = {"line": line, "character": character}
        uri = path.resolve().as_uri()
        return self._ask(method, {"textDocument": {"uri": uri}, "position": where})

    def _send(self, message: dict[str, object]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.to.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.to.flush()

    def _tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _ask(self, method: str, params: object) -> Any:
        self.last += 1
        self._send({"id": self.last, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self.last and "method" not in message:
                return message.get("result")

    def _next(self) -> dict[str, Any]:
        """Return the next message; questions of the server about settings are answered."""
        length = 0
        while True:
            line = self.of.readline()
            if not line:
                raise EOFError("the language server has ended")
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            if not line.strip() and length:
                break
        message: dict[str, Any] = json.loads(self.of.read(length))
        if "id" in message and "method" in message:
            asked = (message.get("params") or {}).get("items", [])
            wanted = [SETTINGS.get(item.get("section")) for item in asked]
            self._send({"id": message["id"], "result": wanted})
        return message
