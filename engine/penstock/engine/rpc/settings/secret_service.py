"""SecretService: keeps secrets. No answer and no message of it holds a value."""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from penstock.engine.compiler.naming import is_name
from penstock.engine.domain import limits, page
from penstock.engine.domain.errors import InvalidArgument, NotFound
from penstock.engine.rpc import requests
from penstock.engine.rpc.messages import timestamp
from penstock.engine.runtime.settings.secrets import Secrets
from penstock.engine.storage.postgres.secrets import SecretRow, SecretRows
from penstock.wire.gen import secret_service_pb2 as pb
from penstock.wire.gen.secret_pb2 import Secret
from penstock.wire.service import Caller


class SecretService:
    """See proto/penstock/v1/secret_service.proto."""

    def __init__(self, rows: SecretRows, secrets: Secrets) -> None:
        self._rows = rows
        self._secrets = secrets

    async def put_secret(self, request: pb.PutSecretRequest, caller: Caller) -> Secret:
        if not is_name(request.name):
            raise InvalidArgument(
                f"name: expected a name such as stripe_key (^[a-z][a-z0-9_]{{0,62}}$), got {request.name[:80]!r}",
                field="name",
            )
        _check_value(request.value)
        return _message(await self._secrets.put(caller.account, request.name, request.value, caller.key_id))

    async def list_secrets(self, request: pb.ListSecretsRequest, caller: Caller) -> pb.ListSecretsResponse:
        size = requests.page_size(request)
        binding = f"secrets|{caller.account}"
        after = page.decode(request.page_token, binding) if request.page_token else ""
        found = await self._rows.secrets(caller.account, after, size + 1)
        return pb.ListSecretsResponse(
            secrets=map(_message, found[:size]),
            next_page_token=page.encode(found[size - 1].name, binding) if len(found) > size else "",
        )

    async def delete_secret(self, request: pb.DeleteSecretRequest, caller: Caller) -> Empty:
        if not await self._secrets.delete(caller.account, request.name):
            raise NotFound(f"there is no secret {request.name[:80]}")
        return Empty()


def _check_value(value: str) -> None:
    if len(value) < limits.SECRET_LENGTH_MIN:
        raise InvalidArgument(
            f"value: expected at least {limits.SECRET_LENGTH_MIN} characters, got {len(value)}: a shorter one could not"
            " be hidden in logs",
            field="value",
        )
    size = len(value.encode())
    if size > limits.SECRET_BYTES_MAX:
        raise InvalidArgument(f"value: expected at most {limits.SECRET_BYTES_MAX:,} bytes, got {size:,}", field="value")


def _message(row: SecretRow) -> Secret:
    return Secret(
        name=row.name,
        create_time=timestamp(row.create_us),
        update_time=timestamp(row.update_us),
        key_id=row.key_id,
    )
