"""Addresses on which nobody can read along."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_this_machine(host: str | None) -> bool:
    """Whether a host name or an IP address is this machine's own."""
    try:
        return host == "localhost" or (host is not None and ip_address(host).is_loopback)
    except ValueError:
        return False


def is_safe_address(address: str) -> bool:
    """Whether an address is https, or plain http to this machine itself."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))
    )
