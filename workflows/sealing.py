"""What Temporal is given to keep is sealed, and what comes back unsealed is refused.

Temporal's port takes any caller of the machine, so whatever comes from there may be somebody
else's. Every payload (arguments, results, signals, heartbeats, summaries, what failures say) is
encrypted and authenticated by AES-256-GCM under a key of the data folder. A payload that does not
open under that key is not passed on: a workflow that began with one never gets as far as its first
question, an activity fails before it runs, a signal is dropped. So are the payloads of a program
before this one; the log begins those procedures again (`Dispatcher.sweep`).

What is left to somebody who has no key is to disturb: to terminate, or to repeat a payload that
they saw. Neither is believed by the record, which takes a step only where the log says that it is
due (`transfer.commands.due_steps`).
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

_ENCODING = "encoding"
_SEALED = b"binary/transfer-sealed.v1"
_NONCE_BYTES = 12

REFUSED = Payload(metadata={_ENCODING: b"binary/not-sealed-by-this-record"})
"""What stands for a payload that is not ours: no converter takes it."""


class SealedPayloads(PayloadCodec):
    """Seals and opens payloads under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Each payload, encrypted whole."""
        return [self._sealed(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Each payload as it was, or `REFUSED` in the place of one that this key has not sealed.

        Not an error: that would hold up whatever else arrives together with it.
        """
        return [self._opened(payload) for payload in payloads]

    def _sealed(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, payload.SerializeToString(), _SEALED)
        return Payload(metadata={_ENCODING: _SEALED}, data=nonce + sealed)

    def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get(_ENCODING) != _SEALED:
            return REFUSED
        nonce, sealed = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        try:
            return Payload.FromString(self._cipher.decrypt(nonce, sealed, _SEALED))
        except (InvalidTag, ValueError, DecodeError):
            return REFUSED


def sealing_converter(key: bytes) -> DataConverter:
    """Our messages, sealed under a key; what failures say is sealed as well."""
    return DataConverter(
        payload_converter_class=PydanticPayloadConverter,
        payload_codec=SealedPayloads(key),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
