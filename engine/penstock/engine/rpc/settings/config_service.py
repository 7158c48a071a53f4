"""ConfigService: keeps config profiles."""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from penstock.engine.domain import page
from penstock.engine.domain.errors import AlreadyExists, NotFound, Superseded
from penstock.engine.rpc import requests
from penstock.engine.rpc.settings.config_checks import check_config, check_config_id
from penstock.engine.rpc.settings.update_mask import fields_to_change, only
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.settings.configs import Configs
from penstock.engine.storage.postgres.configs import ConfigRows
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen import config_service_pb2 as pb
from penstock.wire.gen.config_pb2 import Config
from penstock.wire.service import Caller

_EDITABLE = ("flow", "is_default", "description", "values", "nodes")
_EVERY_FLOW = "-"


class ConfigService:
    """See proto/penstock/v1/config_service.proto."""

    def __init__(self, rows: ConfigRows, configs: Configs, registry: Registry, clock: Clock) -> None:
        self._rows = rows
        self._configs = configs
        self._registry = registry
        self._clock = clock

    async def create_config(self, request: pb.CreateConfigRequest, caller: Caller) -> Config:
        check_config(request.config)
        await self._check_flow(caller, request.config.flow)
        await self._rows.create(caller.account, request.config, self._clock.now_us())
        self._configs.changed()
        return await self._get(caller, request.config.config_id)

    async def get_config(self, request: pb.GetConfigRequest, caller: Caller) -> Config:
        return await self._get(caller, request.config_id)

    async def list_configs(self, request: pb.ListConfigsRequest, caller: Caller) -> pb.ListConfigsResponse:
        size = requests.page_size(request)
        binding = f"configs|{caller.account}|{request.flow}"
        after = page.decode(request.page_token, binding) if request.page_token else ""
        flow = "" if request.flow == _EVERY_FLOW else request.flow or None
        found = await self._rows.configs(caller.account, flow, after, size + 1)
        return pb.ListConfigsResponse(
            configs=found[:size],
            next_page_token=page.encode(found[size - 1].config_id, binding) if len(found) > size else "",
        )

    async def update_config(self, request: pb.UpdateConfigRequest, caller: Caller) -> Config:
        fields = fields_to_change(request.update_mask, request.config, _EDITABLE)
        check_config_id(request.config.config_id, "config.config_id")

        def edit(current: Config) -> Config:
            for field in fields:
                current.ClearField(field)
            current.MergeFrom(only(request.config, fields))
            check_config(current)
            return current

        new = edit(Config(config_id=request.config.config_id))
        if "flow" in fields:
            await self._check_flow(caller, new.flow)
        changed = await self._rows.change(caller.account, new.config_id, edit, self._clock.now_us())
        if changed is None:
            changed = await self._create_missing(request, caller, new)
        self._configs.changed()
        return changed

    async def delete_config(self, request: pb.DeleteConfigRequest, caller: Caller) -> Empty:
        if not await self._rows.delete(caller.account, request.config_id):
            raise _unknown(request.config_id)
        self._configs.changed()
        return Empty()

    async def _create_missing(self, request: pb.UpdateConfigRequest, caller: Caller, new: Config) -> Config:
        if not request.allow_missing:
            raise _unknown(new.config_id)
        try:
            await self._rows.create(caller.account, new, self._clock.now_us())
        except AlreadyExists as error:
            raise Superseded(f"config {new.config_id} was made by somebody else meanwhile: try again") from error
        return await self._get(caller, new.config_id)

    async def _get(self, caller: Caller, config_id: str) -> Config:
        config = await self._rows.config(caller.account, config_id)
        if config is None:
            raise _unknown(config_id)
        return config

    async def _check_flow(self, caller: Caller, flow: str) -> None:
        """A profile of a flow that does not exist would never apply, and nobody would hear of it."""
        if flow and await self._registry.draft(caller.account, flow) is None:
            raise NotFound(f"there is no flow {flow[:80]}")


def _unknown(config_id: str) -> NotFound:
    return NotFound(f"there is no config {config_id[:80]}")
