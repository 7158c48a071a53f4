"""PolicyService: keeps policies, and tests them."""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from penstock.engine.compiler.naming import is_name
from penstock.engine.domain import page
from penstock.engine.domain.errors import AlreadyExists, InvalidArgument, NotFound, Superseded
from penstock.engine.rpc import requests
from penstock.engine.rpc.settings.policy_checks import check_place, check_policy, check_policy_id
from penstock.engine.rpc.settings.policy_testing import PolicyTester
from penstock.engine.rpc.settings.update_mask import fields_to_change, only
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.runtime.settings.policy_rules import Rule
from penstock.engine.storage.postgres.policies import PolicyRows
from penstock.wire.gen import policy_service_pb2 as pb
from penstock.wire.gen.policy_pb2 import Policy
from penstock.wire.service import Caller

_ACTIONS = ("allow", "block", "require_approval", "redact")
_EDITABLE = ("description", "flow", "node", "point", "when", *_ACTIONS, "priority", "dry_run")


class PolicyService:
    """See proto/penstock/v1/policy_service.proto."""

    def __init__(self, runtime: Runtime, rows: PolicyRows) -> None:
        self._rows = rows
        self._runtime = runtime
        self._tester = PolicyTester(runtime)

    async def create_policy(self, request: pb.CreatePolicyRequest, caller: Caller) -> Policy:
        check_policy(request.policy)
        await self._check_place(caller, request.policy)
        created = await self._rows.create(caller.account, request.policy, self._runtime.clock.now_us())
        await self._runtime.policies.changed()
        return created

    async def get_policy(self, request: pb.GetPolicyRequest, caller: Caller) -> Policy:
        if request.version < 0:
            raise InvalidArgument(f"version: expected 0 or more, got {request.version}", field="version")
        return await self._get(caller, request.policy_id, request.version)

    async def list_policies(self, request: pb.ListPoliciesRequest, caller: Caller) -> pb.ListPoliciesResponse:
        size = requests.page_size(request)
        binding = f"policies|{caller.account}|{request.flow}"
        rules = sorted(map(Rule, await self._rows.policies(caller.account)), key=lambda rule: rule.key)
        if request.flow:
            rules = [rule for rule in rules if rule.is_about_flow(request.flow)]
        if request.page_token:
            after = _place(page.decode(request.page_token, binding))
            rules = [rule for rule in rules if rule.key > after]
        token = ""
        if len(rules) > size:
            token = page.encode(" ".join(map(str, rules[size - 1].key)), binding)
        return pb.ListPoliciesResponse(policies=[rule.policy for rule in rules[:size]], next_page_token=token)

    async def list_policy_versions(
        self, request: pb.ListPolicyVersionsRequest, caller: Caller
    ) -> pb.ListPolicyVersionsResponse:
        size = requests.page_size(request)
        binding = f"policy-versions|{caller.account}|{request.policy_id}"
        before = requests.sequence_token(request.page_token, binding)
        found = await self._rows.versions(caller.account, request.policy_id, before, size + 1)
        if not found:
            raise _unknown(request.policy_id)
        return pb.ListPolicyVersionsResponse(
            policies=found[:size],
            next_page_token=page.encode(str(found[size - 1].version), binding) if len(found) > size else "",
        )

    async def update_policy(self, request: pb.UpdatePolicyRequest, caller: Caller) -> Policy:
        fields = fields_to_change(request.update_mask, request.policy, _EDITABLE)
        given = request.policy
        check_policy_id(given.policy_id, "policy.policy_id")

        def edit(current: Policy) -> Policy:
            if given.version and given.version != current.version:
                raise Superseded(
                    f"policy {given.policy_id} is at version {current.version}, not {given.version}: look at it again"
                )
            for field in fields:
                current.ClearField(field)
            current.MergeFrom(only(given, fields))
            check_policy(current)
            return current

        stored = await self._rows.policy(caller.account, given.policy_id)
        if stored is not None:
            await self._check_place(caller, edit(stored))
        now_us = self._runtime.clock.now_us()
        changed = await self._rows.change(caller.account, given.policy_id, edit, now_us)
        if changed is None:
            if not request.allow_missing:
                raise _unknown(given.policy_id)
            new = edit(Policy(policy_id=given.policy_id, version=given.version))
            await self._check_place(caller, new)
            try:
                changed = await self._rows.create(caller.account, new, now_us)
            except AlreadyExists as error:
                raise Superseded(f"policy {new.policy_id} was made by somebody else meanwhile: try again") from error
        await self._runtime.policies.changed()
        return changed

    async def delete_policy(self, request: pb.DeletePolicyRequest, caller: Caller) -> Empty:
        if not await self._rows.delete(caller.account, request.policy_id):
            raise _unknown(request.policy_id)
        await self._runtime.policies.changed()
        return Empty()

    async def test_policy(self, request: pb.TestPolicyRequest, caller: Caller) -> pb.TestPolicyResponse:
        if request.WhichOneof("subject") is None:
            raise InvalidArgument("policy_id: expected policy_id or policy, got neither", field="policy_id")
        policy = request.policy
        if request.HasField("policy"):
            check_policy(policy, is_named=bool(policy.policy_id))
        else:
            policy = await self._get(caller, request.policy_id, 0)
        return await self._tester.test(policy, request, caller)

    async def _get(self, caller: Caller, policy_id: str, version: int) -> Policy:
        if version:
            policy = await self._rows.version(caller.account, policy_id, version)
        else:
            policy = await self._rows.policy(caller.account, policy_id)
        if policy is None:
            raise _unknown(policy_id, version)
        return policy

    async def _check_place(self, caller: Caller, policy: Policy) -> None:
        """Refuses what can be seen to never be looked at. A flow that is not compiled yet may come to have the node."""
        if not is_name(policy.flow) or not policy.node:
            return
        try:
            program, _ = await self._runtime.catalog.find(caller.account, "", policy.flow, "")
        except NotFound:
            return
        check_place(policy, program)


def _place(token: str) -> tuple[int, int, str]:
    """Raises PageTokenError."""
    parts = token.split(" ")
    if len(parts) == 3 and all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts[:2]):
        return int(parts[0]), int(parts[1]), parts[2]
    raise page.PageTokenError("expected the next_page_token of the answer before, got another text")


def _unknown(policy_id: str, version: int = 0) -> NotFound:
    return NotFound(f"there is no policy {policy_id[:80]}" + (f" v{version}" if version else ""))
