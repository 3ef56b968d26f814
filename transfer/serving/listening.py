"""The socket that a service answers on."""

import socket

from deploy.data_folder import DataFolder
from transfer.settings import Settings


def listen(settings: Settings) -> socket.socket:
    """A socket of the settings' address, not yet answering.

    Raises `OSError` with the address in it, or `FolderInUse` where a service on the same folder
    explains why it is taken.
    """
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        DataFolder.refuse_if_held(settings.data)
        raise OSError(
            f"cannot listen on {host} port {port}: {error.strerror or error}. "
            "Name another with --port (0: any free one) or --host."
        ) from error
    return listening


def address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
