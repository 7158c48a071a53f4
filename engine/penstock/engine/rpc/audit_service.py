"""AuditService: tells who called what that was to change something."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.timestamp_pb2 import Timestamp

from penstock.engine.domain import page
from penstock.engine.domain.audit import AUDIT_FIELDS
from penstock.engine.rpc import requests
from penstock.engine.rpc.views.filters import read
from penstock.engine.storage.postgres.audit import AuditRows, KeptRecord
from penstock.wire.gen import audit_service_pb2 as pb
from penstock.wire.gen.audit_pb2 import AuditRecord
from penstock.wire.json import JsonCodec, dumps
from penstock.wire.service import Caller

_LOT = 500
_NUMBER_MAX = 2**63 - 1


class AuditService:
    """See proto/penstock/v1/audit_service.proto."""

    def __init__(self, rows: AuditRows, codec: JsonCodec) -> None:
        self._rows = rows
        self._json = codec.encoder(cast(Descriptor, AuditRecord.DESCRIPTOR))

    async def list_audit_records(
        self, request: pb.ListAuditRecordsRequest, caller: Caller
    ) -> pb.ListAuditRecordsResponse:
        size = requests.page_size(request)
        binding = f"audit|{caller.account}|{request.filter}"
        before = requests.sequence_token(request.page_token, binding, _NUMBER_MAX)
        expression = read(request.filter, AUDIT_FIELDS)
        found = await self._rows.page(caller.account, expression, before, size + 1)
        return pb.ListAuditRecordsResponse(
            records=map(_message, found[:size]),
            next_page_token=page.encode(str(found[size - 1].number), binding) if len(found) > size else "",
        )

    async def export_audit_records(
        self, request: pb.ExportAuditRecordsRequest, caller: Caller
    ) -> AsyncIterator[pb.ExportAuditRecordsResponse]:
        yield pb.ExportAuditRecordsResponse(data=b'{"records":[')
        after, separator = request.after, b"\n"
        while found := await self._rows.after(caller.account, after, _LOT):
            lines = b",\n".join(dumps(self._json(_message(each))) for each in found)
            yield pb.ExportAuditRecordsResponse(data=separator + lines)
            after, separator = found[-1].number, b",\n"
        yield pb.ExportAuditRecordsResponse(data=b"\n]}\n")


def _message(kept: KeptRecord) -> AuditRecord:
    record = kept.record
    time = Timestamp()
    time.FromMicroseconds(record.time_us)
    return AuditRecord(
        number=kept.number,
        time=time,
        key_id=record.key_id,
        key_name=record.key_name,
        method=record.method,
        resource=record.resource,
        outcome=record.outcome,
        reason=record.reason,
        face=record.face,
        address=record.address,
        request_id=record.request_id,
        hash=kept.hash.hex(),
    )
