"""The desktop that shows notifications: a D-Bus session bus of its own with a notification daemon.

https://specifications.freedesktop.org/notification-spec/1.2/
"""

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.asyncio import DBusConnection, DBusRouter, open_dbus_connection

from tests.doubles.records import Records
from tests.doubles.servers import background

INTERFACE = "org.freedesktop.Notifications"
CAPABILITIES = ["body", "actions", "body-markup", "persistence", "icon-static"]
# Nothing of this machine is started on the bus: no service folders.
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""
_DISMISSED_BY_THE_USER, _CLOSED_BY_A_CALL = 2, 3


@dataclass(frozen=True)
class Shown:
    """One call of Notify. `buttons` are labels by the names of their actions; `default` is a click on the rest."""

    id: int
    title: str
    body: str
    buttons: Mapping[str, str]

    def button(self, label: str) -> str:
        """The action of the button with this label."""
        return next(action for action, named in self.buttons.items() if named == label)


class Desktop:
    """What was shown and closed, and the hand that clicks."""

    def __init__(self, bus_address: str, connection: DBusConnection) -> None:
        self.bus_address = bus_address
        self.shown: Records[Shown] = Records()
        self.closed: Records[int] = Records()
        self._connection = connection
        self._ids = count(1)
        self._listening = asyncio.create_task(self._listen())

    def click(self, shown: Shown, action: str = "default") -> None:
        """Click a notification, or one of its buttons; it goes away by that."""
        asyncio.run_coroutine_threadsafe(self._click(shown.id, action), background()).result(10)

    def dismiss(self, shown: Shown) -> None:
        """Wipe a notification away."""
        asyncio.run_coroutine_threadsafe(self._closed(shown.id, _DISMISSED_BY_THE_USER), background()).result(10)

    async def leave(self) -> None:
        """Leave the bus."""
        self._listening.cancel()
        await self._connection.close()

    async def _listen(self) -> None:
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                message = await self._connection.receive()
                if message.header.message_type == MessageType.method_call:
                    await self._answer(message)

    async def _answer(self, message: Message) -> None:
        reply = new_method_return(message)
        match message.header.fields.get(HeaderFields.member):
            case "GetCapabilities":
                reply = new_method_return(message, "as", (CAPABILITIES,))
            case "GetServerInformation":
                reply = new_method_return(message, "ssss", ("double", "tests", "1", "1.2"))
            case "Notify":
                shown = self._taken(message.body)
                await self._connection.send(new_method_return(message, "u", (shown.id,)))
                self.shown.add(shown)
                return
            case "CloseNotification":
                await self._connection.send(reply)
                await self._closed(message.body[0], _CLOSED_BY_A_CALL)
                return
            case _:
                reply = new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
        await self._connection.send(reply)

    def _taken(self, arguments: tuple[Any, ...]) -> Shown:
        _application, replaces, _icon, title, body, actions, _hints, _timeout = arguments
        return Shown(replaces or next(self._ids), title, body, dict(zip(actions[::2], actions[1::2], strict=True)))

    async def _click(self, notification: int, action: str) -> None:
        await self._signal("ActionInvoked", "us", (notification, action))
        await self._closed(notification, _DISMISSED_BY_THE_USER)

    async def _closed(self, notification: int, reason: int) -> None:
        await self._signal("NotificationClosed", "uu", (notification, reason))
        self.closed.add(notification)

    async def _signal(self, name: str, signature: str, body: tuple[Any, ...]) -> None:
        emitter = DBusAddress("/org/freedesktop/Notifications", interface=INTERFACE)
        await self._connection.send(new_signal(emitter, name, signature, body))


def desktop_missing() -> str:
    """What is not installed, and how it would be; empty when all is there."""
    return "" if shutil.which("dbus-daemon") else "dbus-daemon is not installed: apt-get install dbus-daemon"


@contextlib.contextmanager
def desktop() -> Iterator[Desktop]:
    """A bus of its own with the daemon on it, until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder, "bus.conf")
        configuration.write_text(_BUS.format(folder=folder))
        program = ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"]
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as bus:
            try:
                assert bus.stdout is not None
                joined = asyncio.run_coroutine_threadsafe(_join(bus.stdout.readline().strip()), background()).result(10)
                yield joined
                asyncio.run_coroutine_threadsafe(joined.leave(), background()).result(10)
            finally:
                bus.terminate()


async def _join(bus_address: str) -> Desktop:
    connection = await open_dbus_connection(bus_address)
    async with DBusRouter(connection) as router:
        await router.send_and_get_reply(message_bus.RequestName(INTERFACE))
    return Desktop(bus_address, connection)
