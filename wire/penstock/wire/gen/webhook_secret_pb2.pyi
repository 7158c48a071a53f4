# Generated from proto/penstock/v1/webhook_secret.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WebhookSecret(_message.Message):
    __slots__ = ("secret", "create_time", "old_expire_time")
    SECRET_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    OLD_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    secret: str
    create_time: _timestamp_pb2.Timestamp
    old_expire_time: _timestamp_pb2.Timestamp
    def __init__(self, secret: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., old_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
