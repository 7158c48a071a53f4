# Generated from proto/penstock/v1/*.proto by penstock.codegen. DO NOT EDIT.
"""The services as Python: one Protocol each, and SERVICES, the table of them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from google.protobuf import empty_pb2
from penstock.wire.gen import alias_pb2
from penstock.wire.gen import alias_service_pb2
from penstock.wire.gen import api_key_pb2
from penstock.wire.gen import api_key_service_pb2
from penstock.wire.gen import artifact_diff_pb2
from penstock.wire.gen import artifact_pb2
from penstock.wire.gen import artifact_service_pb2
from penstock.wire.gen import audit_service_pb2
from penstock.wire.gen import budget_pb2
from penstock.wire.gen import bulk_operation_pb2
from penstock.wire.gen import bulk_operation_service_pb2
from penstock.wire.gen import config_pb2
from penstock.wire.gen import config_service_pb2
from penstock.wire.gen import execution_again_pb2
from penstock.wire.gen import execution_feed_pb2
from penstock.wire.gen import execution_lists_pb2
from penstock.wire.gen import execution_pb2
from penstock.wire.gen import execution_service_pb2
from penstock.wire.gen import explanation_pb2
from penstock.wire.gen import export_pb2
from penstock.wire.gen import failure_count_pb2
from penstock.wire.gen import flow_pb2
from penstock.wire.gen import flow_service_pb2
from penstock.wire.gen import frame_pb2
from penstock.wire.gen import import_service_pb2
from penstock.wire.gen import imported_execution_pb2
from penstock.wire.gen import invocation_service_pb2
from penstock.wire.gen import limit_pb2
from penstock.wire.gen import limit_service_pb2
from penstock.wire.gen import package_pb2
from penstock.wire.gen import package_service_pb2
from penstock.wire.gen import pause_pb2
from penstock.wire.gen import pause_service_pb2
from penstock.wire.gen import payload_pb2
from penstock.wire.gen import policy_pb2
from penstock.wire.gen import policy_service_pb2
from penstock.wire.gen import retention_pb2
from penstock.wire.gen import retention_service_pb2
from penstock.wire.gen import retry_now_pb2
from penstock.wire.gen import secret_pb2
from penstock.wire.gen import secret_service_pb2
from penstock.wire.gen import signal_pb2
from penstock.wire.gen import timeline_pb2
from penstock.wire.gen import usage_service_pb2
from penstock.wire.gen import webhook_secret_pb2
from penstock.wire.gen import webhook_service_pb2
from penstock.wire.service import Caller, MethodSpec, ServiceSpec


class AliasService(Protocol):
    """Moves aliases and tells how they were moved."""

    async def get_alias(
        self, request: alias_service_pb2.GetAliasRequest, caller: Caller
    ) -> alias_pb2.Alias:
        """Gives one alias. NOT_FOUND when the flow has none of that name."""
        ...

    async def list_aliases(
        self, request: alias_service_pb2.ListAliasesRequest, caller: Caller
    ) -> alias_service_pb2.ListAliasesResponse:
        """Lists the aliases of a flow by name."""
        ...

    async def set_alias(
        self, request: alias_service_pb2.SetAliasRequest, caller: Caller
    ) -> alias_service_pb2.SetAliasResponse:
        """Points an alias at artifacts, and makes it when there is none of that name. The next invocation follows it;
        executions stay with their artifact. FAILED_PRECONDITION with the reason BREAKING_CHANGE and every change
        when callers of what it stood for would break, whether they send protobuf or JSON, and with RETIRED when an
        artifact is retired; ABORTED when `etag` is not the alias's own.
        """
        ...

    async def delete_alias(
        self, request: alias_service_pb2.DeleteAliasRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Removes an alias. FAILED_PRECONDITION for `live` while the flow exists."""
        ...

    async def list_alias_moves(
        self, request: alias_service_pb2.ListAliasMovesRequest, caller: Caller
    ) -> alias_service_pb2.ListAliasMovesResponse:
        """Lists moves of aliases, newest first, those of aliases and flows that are gone as well."""
        ...


class ApiKeyService(Protocol):
    """Keeps the keys of an account. No key makes or changes one that may do more than itself, or that outlives it:
    PERMISSION_DENIED with the reason KEY_TOO_STRONG.
    """

    async def create_api_key(
        self, request: api_key_service_pb2.CreateApiKeyRequest, caller: Caller
    ) -> api_key_pb2.ApiKey:
        """Makes a key. Its secret is in this answer alone."""
        ...

    async def get_api_key(
        self, request: api_key_service_pb2.GetApiKeyRequest, caller: Caller
    ) -> api_key_pb2.ApiKey:
        """Gives one key, also one that was revoked."""
        ...

    async def list_api_keys(
        self, request: api_key_service_pb2.ListApiKeysRequest, caller: Caller
    ) -> api_key_service_pb2.ListApiKeysResponse:
        """Lists keys, newest first."""
        ...

    async def update_api_key(
        self, request: api_key_service_pb2.UpdateApiKeyRequest, caller: Caller
    ) -> api_key_pb2.ApiKey:
        """Changes a key, at once for all calls. FAILED_PRECONDITION for one that was revoked."""
        ...

    async def rotate_api_key(
        self, request: api_key_service_pb2.RotateApiKeyRequest, caller: Caller
    ) -> api_key_pb2.ApiKey:
        """Gives a key another secret, in this answer alone. The one before stays good for a while, so that whoever uses
        the key has time to change it; one that was still good from an earlier rotation is so no more.
        FAILED_PRECONDITION for a key that was revoked or has expired.
        """
        ...

    async def revoke_api_key(
        self, request: api_key_service_pb2.RevokeApiKeyRequest, caller: Caller
    ) -> api_key_pb2.ApiKey:
        """Ends a key, for ever and at once: no call is answered with it any more, and streams that it opened end with
        their next message. Revoking it again changes nothing.
        """
        ...

    async def who_am_i(
        self, request: api_key_service_pb2.WhoAmIRequest, caller: Caller
    ) -> api_key_service_pb2.WhoAmIResponse:
        """Tells whose the key of this call is, and what it may do."""
        ...


class ArtifactService(Protocol):
    """Looks at artifacts, which never change, and says whether they should still be used."""

    async def get_artifact(
        self, request: artifact_service_pb2.GetArtifactRequest, caller: Caller
    ) -> artifact_pb2.Artifact:
        """Gives one artifact. NOT_FOUND for an artifact of another account."""
        ...

    async def list_artifacts(
        self, request: artifact_service_pb2.ListArtifactsRequest, caller: Caller
    ) -> artifact_service_pb2.ListArtifactsResponse:
        """Lists artifacts, newest first, in the BASIC view."""
        ...

    async def diff_artifacts(
        self, request: artifact_service_pb2.DiffArtifactsRequest, caller: Caller
    ) -> artifact_diff_pb2.ArtifactDiff:
        """Says what one artifact in place of another breaks, by the rules of `buf breaking`. NOT_FOUND for an artifact
        of another account.
        """
        ...

    async def deprecate_artifact(
        self, request: artifact_service_pb2.DeprecateArtifactRequest, caller: Caller
    ) -> artifact_pb2.Artifact:
        """Tells callers to leave an artifact. It works as before. FAILED_PRECONDITION when it is RETIRED."""
        ...

    async def retire_artifact(
        self, request: artifact_service_pb2.RetireArtifactRequest, caller: Caller
    ) -> artifact_pb2.Artifact:
        """Refuses new invocations of an artifact; what runs goes on. FAILED_PRECONDITION while an alias points at it.
        """
        ...

    async def restore_artifact(
        self, request: artifact_service_pb2.RestoreArtifactRequest, caller: Caller
    ) -> artifact_pb2.Artifact:
        """Makes an artifact ACTIVE again."""
        ...


class AuditService(Protocol):
    """Tells who called what that was to change something."""

    async def list_audit_records(
        self, request: audit_service_pb2.ListAuditRecordsRequest, caller: Caller
    ) -> audit_service_pb2.ListAuditRecordsResponse:
        """Lists records, newest first."""
        ...

    def export_audit_records(
        self, request: audit_service_pb2.ExportAuditRecordsRequest, caller: Caller
    ) -> AsyncIterator[audit_service_pb2.ExportAuditRecordsResponse]:
        """Gives all records, oldest first, as one AuditLog in JSON."""
        ...


class BulkOperationService(Protocol):
    """Acts on many executions at once. Every method answers NOT_FOUND for an operation of another account. A key that
    may do so with some flows alone acts on executions of those, and sees the operations that it asked for itself.
    """

    async def create_bulk_operation(
        self, request: bulk_operation_service_pb2.CreateBulkOperationRequest, caller: Caller
    ) -> bulk_operation_pb2.BulkOperation:
        """Begins to act on every execution that a filter finds, or with `dry_run` tells how many those are, which of
        them would refuse a value that is to be given to them, and changes nothing. The answer comes when the
        operation is durable. INVALID_ARGUMENT without a filter unless `all` is set. RESOURCE_EXHAUSTED when 20
        operations of the account have not ended.
        """
        ...

    async def get_bulk_operation(
        self, request: bulk_operation_service_pb2.GetBulkOperationRequest, caller: Caller
    ) -> bulk_operation_pb2.BulkOperation:
        """Gives one operation as it stands."""
        ...

    async def list_bulk_operations(
        self, request: bulk_operation_service_pb2.ListBulkOperationsRequest, caller: Caller
    ) -> bulk_operation_service_pb2.ListBulkOperationsResponse:
        """Lists operations, newest first. They are kept for 30 days after their end."""
        ...

    def watch_bulk_operation(
        self, request: bulk_operation_service_pb2.WatchBulkOperationRequest, caller: Caller
    ) -> AsyncIterator[bulk_operation_service_pb2.WatchBulkOperationResponse]:
        """Streams an operation: as it stands, then after its changes, up to its end."""
        ...

    async def cancel_bulk_operation(
        self, request: bulk_operation_service_pb2.CancelBulkOperationRequest, caller: Caller
    ) -> bulk_operation_pb2.BulkOperation:
        """Stops an operation. The acts that are under way come to their end, no other begins, and what was done stays
        done. FAILED_PRECONDITION with the current state when it has ended.
        """
        ...


class ConfigService(Protocol):
    """Keeps config profiles. A change holds for executions that are accepted from then on."""

    async def create_config(
        self, request: config_service_pb2.CreateConfigRequest, caller: Caller
    ) -> config_pb2.Config:
        """Stores a new profile. ALREADY_EXISTS when the account has one of that name; FAILED_PRECONDITION with the
        reason DEFAULT_EXISTS when it shall be the default and another one is.
        """
        ...

    async def get_config(
        self, request: config_service_pb2.GetConfigRequest, caller: Caller
    ) -> config_pb2.Config:
        """Gives one profile."""
        ...

    async def list_configs(
        self, request: config_service_pb2.ListConfigsRequest, caller: Caller
    ) -> config_service_pb2.ListConfigsResponse:
        """Lists profiles by name."""
        ...

    async def update_config(
        self, request: config_service_pb2.UpdateConfigRequest, caller: Caller
    ) -> config_pb2.Config:
        """Changes a profile. FAILED_PRECONDITION with the reason DEFAULT_EXISTS as for a new one."""
        ...

    async def delete_config(
        self, request: config_service_pb2.DeleteConfigRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Removes a profile. Executions that took from it go on with what they took."""
        ...


class ExecutionService(Protocol):
    """Looks at executions and acts on them. Every method answers NOT_FOUND for an execution of another account."""

    async def get_execution(
        self, request: execution_service_pb2.GetExecutionRequest, caller: Caller
    ) -> execution_pb2.Execution:
        """Gives one execution."""
        ...

    async def list_executions(
        self, request: execution_service_pb2.ListExecutionsRequest, caller: Caller
    ) -> execution_service_pb2.ListExecutionsResponse:
        """Lists executions, newest first."""
        ...

    async def list_events(
        self, request: execution_service_pb2.ListEventsRequest, caller: Caller
    ) -> execution_service_pb2.ListEventsResponse:
        """Lists the events of an execution in order of their sequence."""
        ...

    async def list_checkpoints(
        self, request: execution_service_pb2.ListCheckpointsRequest, caller: Caller
    ) -> execution_service_pb2.ListCheckpointsResponse:
        """Lists the checkpoints of an execution in order of their sequence."""
        ...

    async def list_node_executions(
        self, request: execution_service_pb2.ListNodeExecutionsRequest, caller: Caller
    ) -> execution_service_pb2.ListNodeExecutionsResponse:
        """Lists the placed nodes of an execution in topological order, those not reached included. With "-" in place of
        an execution those of all executions, newest first, those not reached left out.
        """
        ...

    async def list_attempts(
        self, request: execution_service_pb2.ListAttemptsRequest, caller: Caller
    ) -> execution_service_pb2.ListAttemptsResponse:
        """Lists the attempts of one node of an execution, for a map also those of its items that have ended."""
        ...

    async def get_output(
        self, request: execution_service_pb2.GetOutputRequest, caller: Caller
    ) -> execution_service_pb2.Output:
        """Gives the output of an execution that ended, or why there is none. FAILED_PRECONDITION with the current
        status while it has not ended.
        """
        ...

    async def wait_execution(
        self, request: execution_service_pb2.WaitExecutionRequest, caller: Caller
    ) -> execution_pb2.Execution:
        """Answers when the execution has ended or the time is up, with the execution as it then stands."""
        ...

    def watch_execution(
        self, request: execution_service_pb2.WatchExecutionRequest, caller: Caller
    ) -> AsyncIterator[execution_service_pb2.WatchExecutionResponse]:
        """Streams what is recorded after a sequence, first what is there, then live, up to the end of the execution."""
        ...

    def watch_executions(
        self, request: execution_feed_pb2.WatchExecutionsRequest, caller: Caller
    ) -> AsyncIterator[execution_feed_pb2.WatchExecutionsResponse]:
        """Streams the events of all executions in the order of their commits, from a cursor on; it never ends.
        INVALID_ARGUMENT with CURSOR_EXPIRED when executions behind the cursor are not kept any more.
        """
        ...

    async def list_logs(
        self, request: execution_lists_pb2.ListLogsRequest, caller: Caller
    ) -> execution_lists_pb2.ListLogsResponse:
        """Lists what the nodes of an execution logged."""
        ...

    async def list_frames(
        self, request: execution_lists_pb2.ListFramesRequest, caller: Caller
    ) -> execution_lists_pb2.ListFramesResponse:
        """Lists the frames of an execution; a unary one has one at most, its output."""
        ...

    async def list_child_executions(
        self, request: execution_lists_pb2.ListChildExecutionsRequest, caller: Caller
    ) -> execution_lists_pb2.ListChildExecutionsResponse:
        """Lists the executions of an execution's sub-flows."""
        ...

    async def get_payload(
        self, request: payload_pb2.GetPayloadRequest, caller: Caller
    ) -> payload_pb2.Payload:
        """Gives a payload of an execution, whole or a part of it. INVALID_ARGUMENT when the event has none, or the part
        begins behind its end.
        """
        ...

    async def list_gates(
        self, request: execution_service_pb2.ListGatesRequest, caller: Caller
    ) -> execution_service_pb2.ListGatesResponse:
        """Lists the gates of an execution."""
        ...

    async def explain_execution(
        self, request: execution_service_pb2.ExplainExecutionRequest, caller: Caller
    ) -> explanation_pb2.Explanation:
        """Explains why an execution is not further: what runs, what it waits for, who has to act. Of one that has
        ended, how and why.
        """
        ...

    async def list_spans(
        self, request: timeline_pb2.ListSpansRequest, caller: Caller
    ) -> timeline_pb2.ListSpansResponse:
        """Lists how long what took in an execution: its nodes, their attempts, waits and items."""
        ...

    async def list_failure_counts(
        self, request: failure_count_pb2.ListFailureCountsRequest, caller: Caller
    ) -> failure_count_pb2.ListFailureCountsResponse:
        """Counts executions that failed, by day, flow and sort of trouble."""
        ...

    def export_execution(
        self, request: export_pb2.ExportExecutionRequest, caller: Caller
    ) -> AsyncIterator[export_pb2.ExportExecutionResponse]:
        """Exports an execution as one JSON document, an ExecutionExport, in pieces. FAILED_PRECONDITION when it is to
        be signed and the audit key cannot be read.
        """
        ...

    async def signal_execution(
        self, request: execution_service_pb2.SignalExecutionRequest, caller: Caller
    ) -> signal_pb2.SignalExecutionResponse:
        """Sends a signal to an execution; one that comes before its node waits for it is kept. Over HTTP the body is
        the payload. INVALID_ARGUMENT when no node waits for such a signal or the payload does not fit;
        FAILED_PRECONDITION when the execution has ended.
        """
        ...

    async def recover_execution(
        self, request: execution_again_pb2.RecoverExecutionRequest, caller: Caller
    ) -> execution_pb2.Execution:
        """Makes an execution that goes on where another one stopped: nodes that completed there are RECOVERED and do
        not run again, nor do items of maps that did; a sub-flow goes on where its child stopped. FAILED_PRECONDITION
        with the current status unless that one is FAILED, CANCELLED or TIMED_OUT.
        """
        ...

    async def relaunch_execution(
        self, request: execution_again_pb2.RelaunchExecutionRequest, caller: Caller
    ) -> execution_pb2.Execution:
        """Makes an execution with the input of another one, of the same artifact or of what a flow stands for now.
        INVALID_ARGUMENT when the input does not fit that.
        """
        ...

    async def fork_execution(
        self, request: execution_again_pb2.ForkExecutionRequest, caller: Caller
    ) -> execution_pb2.Execution:
        """Makes an execution that goes on from a checkpoint of another one, which may be changed; what led to it is
        RECOVERED. INVALID_ARGUMENT when the node has no checkpoint or the change does not fit.
        """
        ...

    async def retry_now(
        self, request: retry_now_pb2.RetryNowRequest, caller: Caller
    ) -> retry_now_pb2.RetryNowResponse:
        """Has nodes that wait for their next attempt tried again at once: all of them, or one. The answer comes when
        that is durable. FAILED_PRECONDITION with the current status when none waits for one.
        """
        ...

    async def cancel_execution(
        self, request: execution_service_pb2.CancelExecutionRequest, caller: Caller
    ) -> execution_pb2.Execution:
        """Stops an execution, at once even inside a blocked node. Afterwards it is CANCELLED; when the flow compensates
        on cancel, COMPENSATING first. FAILED_PRECONDITION with the current status when it has ended.
        """
        ...


class FlowService(Protocol):
    """Edits flows and compiles them."""

    async def create_flow(
        self, request: flow_service_pb2.CreateFlowRequest, caller: Caller
    ) -> flow_pb2.Flow:
        """Stores a new draft. ALREADY_EXISTS when the account has a flow of that name. A draft need not compile."""
        ...

    async def get_flow(
        self, request: flow_service_pb2.GetFlowRequest, caller: Caller
    ) -> flow_pb2.Flow:
        """Gives one draft."""
        ...

    async def list_flows(
        self, request: flow_service_pb2.ListFlowsRequest, caller: Caller
    ) -> flow_service_pb2.ListFlowsResponse:
        """Lists drafts by name."""
        ...

    async def update_flow(
        self, request: flow_service_pb2.UpdateFlowRequest, caller: Caller
    ) -> flow_pb2.Flow:
        """Changes a draft. Artifacts made from it stay as they are."""
        ...

    async def delete_flow(
        self, request: flow_service_pb2.DeleteFlowRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Removes a draft and its aliases. Its artifacts stay and can be invoked by graph_id."""
        ...

    async def compile_flow(
        self, request: flow_service_pb2.CompileFlowRequest, caller: Caller
    ) -> artifact_pb2.Artifact:
        """Compiles a draft to an artifact and moves the `live` alias to it. Unchanged content gives the artifact that
        exists. INVALID_ARGUMENT with every problem when it does not compile; FAILED_PRECONDITION with the reason
        BREAKING_CHANGE and every change when callers of `live` would break, whether they send protobuf or JSON.
        Nothing changes then.
        """
        ...


class ImportService(Protocol):
    """Imports executions that ran in another installation or account, to be looked at here: the methods of
    ExecutionService and PauseService that read answer for them as they do for others; those that act answer
    FAILED_PRECONDITION with the reason IMPORTED.
    """

    async def import_execution(
        self, request: import_service_pb2.ImportExecutionRequest, caller: Caller
    ) -> import_service_pb2.ImportExecutionResponse:
        """Imports an ExecutionExport: the whole document, or one part of it after the other. Over HTTP the body is the
        document or the part. INVALID_ARGUMENT when it is none, and when nothing may be changed in it and something
        was. RESOURCE_EXHAUSTED when the account has 1,000 imports, or a document is larger than 1 GiB.
        """
        ...

    async def get_imported_execution(
        self, request: import_service_pb2.GetImportedExecutionRequest, caller: Caller
    ) -> imported_execution_pb2.ImportedExecution:
        """Gives what is known of an import beside its execution."""
        ...

    async def list_imported_executions(
        self, request: import_service_pb2.ListImportedExecutionsRequest, caller: Caller
    ) -> import_service_pb2.ListImportedExecutionsResponse:
        """Lists imports, newest first. Lists of executions do not show them."""
        ...

    async def delete_imported_execution(
        self, request: import_service_pb2.DeleteImportedExecutionRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Deletes an import."""
        ...


class InvocationService(Protocol):
    """Runs flows."""

    async def invoke_flow(
        self, request: invocation_service_pb2.InvokeFlowRequest, caller: Caller
    ) -> invocation_service_pb2.InvokeFlowResponse:
        """Accepts one execution and, if asked, waits for its end. Answers after the acceptance is durable.
        INVALID_ARGUMENT when the artifact is a pipeline or the input does not fit; NOT_FOUND when there is no such
        artifact; FAILED_PRECONDITION with the reason RETIRED when it is retired.
        """
        ...

    def stream_flow(
        self, request: invocation_service_pb2.StreamFlowRequest, caller: Caller
    ) -> AsyncIterator[frame_pb2.Frame]:
        """Accepts one execution and streams its frames. The stream ends with a final frame; the execution does not end
        with the stream.
        """
        ...


class LimitService(Protocol):
    """Says how much an account and its keys may ask for."""

    async def get_rate_limit(
        self, request: limit_service_pb2.GetRateLimitRequest, caller: Caller
    ) -> limit_pb2.RateLimit:
        """Gives the rate limit that holds for a key, whoever set it."""
        ...

    async def list_rate_limits(
        self, request: limit_service_pb2.ListRateLimitsRequest, caller: Caller
    ) -> limit_service_pb2.ListRateLimitsResponse:
        """Lists the rate limit for keys that have none of their own, then those of keys by id."""
        ...

    async def put_rate_limit(
        self, request: limit_service_pb2.PutRateLimitRequest, caller: Caller
    ) -> limit_pb2.RateLimit:
        """Sets a rate limit, in place of the one before. It holds from the next call on."""
        ...

    async def delete_rate_limit(
        self, request: limit_service_pb2.DeleteRateLimitRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Removes a rate limit that was set. NOT_FOUND when there is none."""
        ...

    async def get_execution_limit(
        self, request: limit_service_pb2.GetExecutionLimitRequest, caller: Caller
    ) -> limit_pb2.ExecutionLimit:
        """Gives how many executions of a flow may run at once. NOT_FOUND when it has no limit of its own."""
        ...

    async def list_execution_limits(
        self, request: limit_service_pb2.ListExecutionLimitsRequest, caller: Caller
    ) -> limit_service_pb2.ListExecutionLimitsResponse:
        """Lists the limit of the account, if it has one, then those of flows by name."""
        ...

    async def put_execution_limit(
        self, request: limit_service_pb2.PutExecutionLimitRequest, caller: Caller
    ) -> limit_pb2.ExecutionLimit:
        """Sets how many executions of a flow may run at once, in place of the limit before. Those that run already
        count and go on, however many they are.
        """
        ...

    async def delete_execution_limit(
        self, request: limit_service_pb2.DeleteExecutionLimitRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Removes a limit. What waits for it alone starts. NOT_FOUND when there is none."""
        ...


class PackageService(Protocol):
    """Publishes packages and looks at them. A package's code is run by the engine: whoever may publish is trusted."""

    async def publish_package(
        self, request: package_service_pb2.PublishPackageRequest, caller: Caller
    ) -> package_pb2.Package:
        """Stores a package, imports it and records its message types. Publishing the same files again gives the package
        that exists. INVALID_ARGUMENT with every problem when it does not load.
        """
        ...

    async def get_package(
        self, request: package_service_pb2.GetPackageRequest, caller: Caller
    ) -> package_pb2.Package:
        """Gives the newest version of a package. NOT_FOUND when there is none."""
        ...

    async def list_packages(
        self, request: package_service_pb2.ListPackagesRequest, caller: Caller
    ) -> package_service_pb2.ListPackagesResponse:
        """Lists the newest version of each package by name, without descriptors."""
        ...


class PauseService(Protocol):
    """Decides the pauses of executions. NOT_FOUND for an execution of another account and for a pause that was not
    reached. FAILED_PRECONDITION with the decision that stands when a pause is decided already.
    """

    async def get_pause(
        self, request: pause_service_pb2.GetPauseRequest, caller: Caller
    ) -> pause_pb2.Pause:
        """Gives one pause."""
        ...

    async def list_pauses(
        self, request: pause_service_pb2.ListPausesRequest, caller: Caller
    ) -> pause_service_pb2.ListPausesResponse:
        """Lists the pauses that an execution reached, or with `-` in place of the execution the open ones of the
        account.
        """
        ...

    async def approve_pause(
        self, request: pause_service_pb2.ApprovePauseRequest, caller: Caller
    ) -> pause_pb2.Pause:
        """Lets the execution go on, with the pause's input or with an edited one. The answer comes when that is
        durable.
        """
        ...

    async def reject_pause(
        self, request: pause_service_pb2.RejectPauseRequest, caller: Caller
    ) -> pause_pb2.Pause:
        """Ends the execution, or the branch, with the failure REJECTED."""
        ...

    async def resume_pause(
        self, request: pause_service_pb2.ResumePauseRequest, caller: Caller
    ) -> pause_pb2.Pause:
        """Lets the execution go on with a value."""
        ...


class PolicyService(Protocol):
    """Keeps policies. A change holds for nodes that start from then on, in other data directories within a second."""

    async def create_policy(
        self, request: policy_service_pb2.CreatePolicyRequest, caller: Caller
    ) -> policy_pb2.Policy:
        """Stores a new policy. ALREADY_EXISTS when the account has one of that name."""
        ...

    async def get_policy(
        self, request: policy_service_pb2.GetPolicyRequest, caller: Caller
    ) -> policy_pb2.Policy:
        """Gives one policy: its newest version, or an older one, also of a policy that was removed."""
        ...

    async def list_policies(
        self, request: policy_service_pb2.ListPoliciesRequest, caller: Caller
    ) -> policy_service_pb2.ListPoliciesResponse:
        """Lists policies in the order in which they are looked at."""
        ...

    async def list_policy_versions(
        self, request: policy_service_pb2.ListPolicyVersionsRequest, caller: Caller
    ) -> policy_service_pb2.ListPolicyVersionsResponse:
        """Lists the versions of a policy, newest first, also of one that was removed."""
        ...

    async def update_policy(
        self, request: policy_service_pb2.UpdatePolicyRequest, caller: Caller
    ) -> policy_pb2.Policy:
        """Changes a policy: makes its next version."""
        ...

    async def delete_policy(
        self, request: policy_service_pb2.DeletePolicyRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Removes a policy. What it decided stands, and its versions stay readable."""
        ...

    async def test_policy(
        self, request: policy_service_pb2.TestPolicyRequest, caller: Caller
    ) -> policy_service_pb2.TestPolicyResponse:
        """Tells what a policy would do with a message, without doing it."""
        ...


class RetentionService(Protocol):
    """Says how long executions are kept after they ended, and tells of their removal."""

    async def get_retention_policy(
        self, request: retention_service_pb2.GetRetentionPolicyRequest, caller: Caller
    ) -> retention_pb2.RetentionPolicy:
        """Gives the policy that holds for a flow, whoever set it."""
        ...

    async def list_retention_policies(
        self, request: retention_service_pb2.ListRetentionPoliciesRequest, caller: Caller
    ) -> retention_service_pb2.ListRetentionPoliciesResponse:
        """Lists the policy for flows that have none of their own, then those of flows by name."""
        ...

    async def put_retention_policy(
        self, request: retention_service_pb2.PutRetentionPolicyRequest, caller: Caller
    ) -> retention_pb2.RetentionPolicy:
        """Sets a policy, in place of the one before. It holds for executions that have ended already as well: with a
        shorter period they are removed at the next sweep.
        """
        ...

    async def delete_retention_policy(
        self, request: retention_service_pb2.DeleteRetentionPolicyRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Removes a policy that was set. NOT_FOUND when there is none."""
        ...

    async def get_retention_sweep(
        self, request: retention_service_pb2.GetRetentionSweepRequest, caller: Caller
    ) -> retention_pb2.RetentionSweep:
        """Tells of the removal of executions."""
        ...

    async def run_retention_sweep(
        self, request: retention_service_pb2.RunRetentionSweepRequest, caller: Caller
    ) -> retention_pb2.RetentionSweep:
        """Has everything removed at once that may be. The answer does not wait for it: the sweep is IDLE when it is
        done.
        """
        ...


class SecretService(Protocol):
    """Keeps secrets, sealed by the master key of the server."""

    async def put_secret(
        self, request: secret_service_pb2.PutSecretRequest, caller: Caller
    ) -> secret_pb2.Secret:
        """Stores a secret, in place of the one that has its name. The next attempt of a node gets the new value."""
        ...

    async def list_secrets(
        self, request: secret_service_pb2.ListSecretsRequest, caller: Caller
    ) -> secret_service_pb2.ListSecretsResponse:
        """Lists the secrets by name, without their values."""
        ...

    async def delete_secret(
        self, request: secret_service_pb2.DeleteSecretRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Removes a secret. Attempts of nodes that declare it fail from then on with the code SECRET_MISSING."""
        ...


class UsageService(Protocol):
    """Tells what nodes used of paid services, and keeps budgets for it."""

    async def query_usage(
        self, request: usage_service_pb2.QueryUsageRequest, caller: Caller
    ) -> usage_service_pb2.QueryUsageResponse:
        """Adds up what nodes reported. Everything counts that was committed before the call, also what an attempt used
        that failed later; what a recovered execution took over from another one counts there alone.
        """
        ...

    async def create_budget(
        self, request: usage_service_pb2.CreateBudgetRequest, caller: Caller
    ) -> budget_pb2.Budget:
        """Stores a new budget. ALREADY_EXISTS when the account has one of that name."""
        ...

    async def get_budget(
        self, request: usage_service_pb2.GetBudgetRequest, caller: Caller
    ) -> budget_pb2.Budget:
        """Gives one budget, with what was spent of it."""
        ...

    async def list_budgets(
        self, request: usage_service_pb2.ListBudgetsRequest, caller: Caller
    ) -> usage_service_pb2.ListBudgetsResponse:
        """Lists budgets by name, with what was spent of each."""
        ...

    async def update_budget(
        self, request: usage_service_pb2.UpdateBudgetRequest, caller: Caller
    ) -> budget_pb2.Budget:
        """Changes a budget. What was spent stays spent: a larger limit lets executions in at once, a smaller one may
        refuse them.
        """
        ...

    async def delete_budget(
        self, request: usage_service_pb2.DeleteBudgetRequest, caller: Caller
    ) -> empty_pb2.Empty:
        """Removes a budget. What it refused is accepted at once."""
        ...


class WebhookService(Protocol):
    """Tells how the results of executions were delivered, and keeps what they are signed with."""

    async def list_webhook_deliveries(
        self, request: webhook_service_pb2.ListWebhookDeliveriesRequest, caller: Caller
    ) -> webhook_service_pb2.ListWebhookDeliveriesResponse:
        """Lists tries to deliver, newest first."""
        ...

    async def redeliver_webhook(
        self, request: webhook_service_pb2.RedeliverWebhookRequest, caller: Caller
    ) -> webhook_service_pb2.RedeliverWebhookResponse:
        """Delivers the result of an execution once more, whatever became of it before. NOT_FOUND for an execution of
        another account; INVALID_ARGUMENT with the reason NO_WEBHOOK when it was invoked without one;
        FAILED_PRECONDITION while it has not ended.
        """
        ...

    async def get_webhook_secret(
        self, request: webhook_service_pb2.GetWebhookSecretRequest, caller: Caller
    ) -> webhook_secret_pb2.WebhookSecret:
        """Gives the secret that the account's webhooks are signed with; it is made when it is first needed."""
        ...

    async def rotate_webhook_secret(
        self, request: webhook_service_pb2.RotateWebhookSecretRequest, caller: Caller
    ) -> webhook_secret_pb2.WebhookSecret:
        """Makes a new secret. The old one signs beside it for 24 h. FAILED_PRECONDITION with the reason
        TOO_MANY_SECRETS when 4 old ones still do.
        """
        ...


SERVICES: tuple[ServiceSpec, ...] = (
    ServiceSpec(
        name="AliasService",
        full_name="penstock.v1.AliasService",
        methods=(
            MethodSpec(
                name="GetAlias",
                attribute="get_alias",
                path="/penstock.v1.AliasService/GetAlias",
                request=alias_service_pb2.GetAliasRequest,
                response=alias_pb2.Alias,
                server_streaming=False,
                scope="flows:read",
            ),
            MethodSpec(
                name="ListAliases",
                attribute="list_aliases",
                path="/penstock.v1.AliasService/ListAliases",
                request=alias_service_pb2.ListAliasesRequest,
                response=alias_service_pb2.ListAliasesResponse,
                server_streaming=False,
                scope="flows:read",
            ),
            MethodSpec(
                name="SetAlias",
                attribute="set_alias",
                path="/penstock.v1.AliasService/SetAlias",
                request=alias_service_pb2.SetAliasRequest,
                response=alias_service_pb2.SetAliasResponse,
                server_streaming=False,
                scope="flows:write",
            ),
            MethodSpec(
                name="DeleteAlias",
                attribute="delete_alias",
                path="/penstock.v1.AliasService/DeleteAlias",
                request=alias_service_pb2.DeleteAliasRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="flows:write",
            ),
            MethodSpec(
                name="ListAliasMoves",
                attribute="list_alias_moves",
                path="/penstock.v1.AliasService/ListAliasMoves",
                request=alias_service_pb2.ListAliasMovesRequest,
                response=alias_service_pb2.ListAliasMovesResponse,
                server_streaming=False,
                scope="flows:read",
            ),
        ),
    ),
    ServiceSpec(
        name="ApiKeyService",
        full_name="penstock.v1.ApiKeyService",
        methods=(
            MethodSpec(
                name="CreateApiKey",
                attribute="create_api_key",
                path="/penstock.v1.ApiKeyService/CreateApiKey",
                request=api_key_service_pb2.CreateApiKeyRequest,
                response=api_key_pb2.ApiKey,
                server_streaming=False,
                scope="keys:write",
            ),
            MethodSpec(
                name="GetApiKey",
                attribute="get_api_key",
                path="/penstock.v1.ApiKeyService/GetApiKey",
                request=api_key_service_pb2.GetApiKeyRequest,
                response=api_key_pb2.ApiKey,
                server_streaming=False,
                scope="keys:read",
            ),
            MethodSpec(
                name="ListApiKeys",
                attribute="list_api_keys",
                path="/penstock.v1.ApiKeyService/ListApiKeys",
                request=api_key_service_pb2.ListApiKeysRequest,
                response=api_key_service_pb2.ListApiKeysResponse,
                server_streaming=False,
                scope="keys:read",
            ),
            MethodSpec(
                name="UpdateApiKey",
                attribute="update_api_key",
                path="/penstock.v1.ApiKeyService/UpdateApiKey",
                request=api_key_service_pb2.UpdateApiKeyRequest,
                response=api_key_pb2.ApiKey,
                server_streaming=False,
                scope="keys:write",
            ),
            MethodSpec(
                name="RotateApiKey",
                attribute="rotate_api_key",
                path="/penstock.v1.ApiKeyService/RotateApiKey",
                request=api_key_service_pb2.RotateApiKeyRequest,
                response=api_key_pb2.ApiKey,
                server_streaming=False,
                scope="keys:write",
            ),
            MethodSpec(
                name="RevokeApiKey",
                attribute="revoke_api_key",
                path="/penstock.v1.ApiKeyService/RevokeApiKey",
                request=api_key_service_pb2.RevokeApiKeyRequest,
                response=api_key_pb2.ApiKey,
                server_streaming=False,
                scope="keys:write",
            ),
            MethodSpec(
                name="WhoAmI",
                attribute="who_am_i",
                path="/penstock.v1.ApiKeyService/WhoAmI",
                request=api_key_service_pb2.WhoAmIRequest,
                response=api_key_service_pb2.WhoAmIResponse,
                server_streaming=False,
                scope="any",
            ),
        ),
    ),
    ServiceSpec(
        name="ArtifactService",
        full_name="penstock.v1.ArtifactService",
        methods=(
            MethodSpec(
                name="GetArtifact",
                attribute="get_artifact",
                path="/penstock.v1.ArtifactService/GetArtifact",
                request=artifact_service_pb2.GetArtifactRequest,
                response=artifact_pb2.Artifact,
                server_streaming=False,
                scope="flows:read",
            ),
            MethodSpec(
                name="ListArtifacts",
                attribute="list_artifacts",
                path="/penstock.v1.ArtifactService/ListArtifacts",
                request=artifact_service_pb2.ListArtifactsRequest,
                response=artifact_service_pb2.ListArtifactsResponse,
                server_streaming=False,
                scope="flows:read",
            ),
            MethodSpec(
                name="DiffArtifacts",
                attribute="diff_artifacts",
                path="/penstock.v1.ArtifactService/DiffArtifacts",
                request=artifact_service_pb2.DiffArtifactsRequest,
                response=artifact_diff_pb2.ArtifactDiff,
                server_streaming=False,
                scope="flows:read",
            ),
            MethodSpec(
                name="DeprecateArtifact",
                attribute="deprecate_artifact",
                path="/penstock.v1.ArtifactService/DeprecateArtifact",
                request=artifact_service_pb2.DeprecateArtifactRequest,
                response=artifact_pb2.Artifact,
                server_streaming=False,
                scope="flows:write",
            ),
            MethodSpec(
                name="RetireArtifact",
                attribute="retire_artifact",
                path="/penstock.v1.ArtifactService/RetireArtifact",
                request=artifact_service_pb2.RetireArtifactRequest,
                response=artifact_pb2.Artifact,
                server_streaming=False,
                scope="flows:write",
            ),
            MethodSpec(
                name="RestoreArtifact",
                attribute="restore_artifact",
                path="/penstock.v1.ArtifactService/RestoreArtifact",
                request=artifact_service_pb2.RestoreArtifactRequest,
                response=artifact_pb2.Artifact,
                server_streaming=False,
                scope="flows:write",
            ),
        ),
    ),
    ServiceSpec(
        name="AuditService",
        full_name="penstock.v1.AuditService",
        methods=(
            MethodSpec(
                name="ListAuditRecords",
                attribute="list_audit_records",
                path="/penstock.v1.AuditService/ListAuditRecords",
                request=audit_service_pb2.ListAuditRecordsRequest,
                response=audit_service_pb2.ListAuditRecordsResponse,
                server_streaming=False,
                scope="audit:read",
            ),
            MethodSpec(
                name="ExportAuditRecords",
                attribute="export_audit_records",
                path="/penstock.v1.AuditService/ExportAuditRecords",
                request=audit_service_pb2.ExportAuditRecordsRequest,
                response=audit_service_pb2.ExportAuditRecordsResponse,
                server_streaming=True,
                scope="audit:read",
            ),
        ),
    ),
    ServiceSpec(
        name="BulkOperationService",
        full_name="penstock.v1.BulkOperationService",
        methods=(
            MethodSpec(
                name="CreateBulkOperation",
                attribute="create_bulk_operation",
                path="/penstock.v1.BulkOperationService/CreateBulkOperation",
                request=bulk_operation_service_pb2.CreateBulkOperationRequest,
                response=bulk_operation_pb2.BulkOperation,
                server_streaming=False,
                scope="executions:write",
            ),
            MethodSpec(
                name="GetBulkOperation",
                attribute="get_bulk_operation",
                path="/penstock.v1.BulkOperationService/GetBulkOperation",
                request=bulk_operation_service_pb2.GetBulkOperationRequest,
                response=bulk_operation_pb2.BulkOperation,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListBulkOperations",
                attribute="list_bulk_operations",
                path="/penstock.v1.BulkOperationService/ListBulkOperations",
                request=bulk_operation_service_pb2.ListBulkOperationsRequest,
                response=bulk_operation_service_pb2.ListBulkOperationsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="WatchBulkOperation",
                attribute="watch_bulk_operation",
                path="/penstock.v1.BulkOperationService/WatchBulkOperation",
                request=bulk_operation_service_pb2.WatchBulkOperationRequest,
                response=bulk_operation_service_pb2.WatchBulkOperationResponse,
                server_streaming=True,
                scope="executions:read",
            ),
            MethodSpec(
                name="CancelBulkOperation",
                attribute="cancel_bulk_operation",
                path="/penstock.v1.BulkOperationService/CancelBulkOperation",
                request=bulk_operation_service_pb2.CancelBulkOperationRequest,
                response=bulk_operation_pb2.BulkOperation,
                server_streaming=False,
                scope="executions:write",
            ),
        ),
    ),
    ServiceSpec(
        name="ConfigService",
        full_name="penstock.v1.ConfigService",
        methods=(
            MethodSpec(
                name="CreateConfig",
                attribute="create_config",
                path="/penstock.v1.ConfigService/CreateConfig",
                request=config_service_pb2.CreateConfigRequest,
                response=config_pb2.Config,
                server_streaming=False,
                scope="configs:write",
            ),
            MethodSpec(
                name="GetConfig",
                attribute="get_config",
                path="/penstock.v1.ConfigService/GetConfig",
                request=config_service_pb2.GetConfigRequest,
                response=config_pb2.Config,
                server_streaming=False,
                scope="configs:read",
            ),
            MethodSpec(
                name="ListConfigs",
                attribute="list_configs",
                path="/penstock.v1.ConfigService/ListConfigs",
                request=config_service_pb2.ListConfigsRequest,
                response=config_service_pb2.ListConfigsResponse,
                server_streaming=False,
                scope="configs:read",
            ),
            MethodSpec(
                name="UpdateConfig",
                attribute="update_config",
                path="/penstock.v1.ConfigService/UpdateConfig",
                request=config_service_pb2.UpdateConfigRequest,
                response=config_pb2.Config,
                server_streaming=False,
                scope="configs:write",
            ),
            MethodSpec(
                name="DeleteConfig",
                attribute="delete_config",
                path="/penstock.v1.ConfigService/DeleteConfig",
                request=config_service_pb2.DeleteConfigRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="configs:write",
            ),
        ),
    ),
    ServiceSpec(
        name="ExecutionService",
        full_name="penstock.v1.ExecutionService",
        methods=(
            MethodSpec(
                name="GetExecution",
                attribute="get_execution",
                path="/penstock.v1.ExecutionService/GetExecution",
                request=execution_service_pb2.GetExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListExecutions",
                attribute="list_executions",
                path="/penstock.v1.ExecutionService/ListExecutions",
                request=execution_service_pb2.ListExecutionsRequest,
                response=execution_service_pb2.ListExecutionsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListEvents",
                attribute="list_events",
                path="/penstock.v1.ExecutionService/ListEvents",
                request=execution_service_pb2.ListEventsRequest,
                response=execution_service_pb2.ListEventsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListCheckpoints",
                attribute="list_checkpoints",
                path="/penstock.v1.ExecutionService/ListCheckpoints",
                request=execution_service_pb2.ListCheckpointsRequest,
                response=execution_service_pb2.ListCheckpointsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListNodeExecutions",
                attribute="list_node_executions",
                path="/penstock.v1.ExecutionService/ListNodeExecutions",
                request=execution_service_pb2.ListNodeExecutionsRequest,
                response=execution_service_pb2.ListNodeExecutionsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListAttempts",
                attribute="list_attempts",
                path="/penstock.v1.ExecutionService/ListAttempts",
                request=execution_service_pb2.ListAttemptsRequest,
                response=execution_service_pb2.ListAttemptsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="GetOutput",
                attribute="get_output",
                path="/penstock.v1.ExecutionService/GetOutput",
                request=execution_service_pb2.GetOutputRequest,
                response=execution_service_pb2.Output,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="WaitExecution",
                attribute="wait_execution",
                path="/penstock.v1.ExecutionService/WaitExecution",
                request=execution_service_pb2.WaitExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="WatchExecution",
                attribute="watch_execution",
                path="/penstock.v1.ExecutionService/WatchExecution",
                request=execution_service_pb2.WatchExecutionRequest,
                response=execution_service_pb2.WatchExecutionResponse,
                server_streaming=True,
                scope="executions:read",
            ),
            MethodSpec(
                name="WatchExecutions",
                attribute="watch_executions",
                path="/penstock.v1.ExecutionService/WatchExecutions",
                request=execution_feed_pb2.WatchExecutionsRequest,
                response=execution_feed_pb2.WatchExecutionsResponse,
                server_streaming=True,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListLogs",
                attribute="list_logs",
                path="/penstock.v1.ExecutionService/ListLogs",
                request=execution_lists_pb2.ListLogsRequest,
                response=execution_lists_pb2.ListLogsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListFrames",
                attribute="list_frames",
                path="/penstock.v1.ExecutionService/ListFrames",
                request=execution_lists_pb2.ListFramesRequest,
                response=execution_lists_pb2.ListFramesResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListChildExecutions",
                attribute="list_child_executions",
                path="/penstock.v1.ExecutionService/ListChildExecutions",
                request=execution_lists_pb2.ListChildExecutionsRequest,
                response=execution_lists_pb2.ListChildExecutionsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="GetPayload",
                attribute="get_payload",
                path="/penstock.v1.ExecutionService/GetPayload",
                request=payload_pb2.GetPayloadRequest,
                response=payload_pb2.Payload,
                server_streaming=False,
                scope="payloads:read",
            ),
            MethodSpec(
                name="ListGates",
                attribute="list_gates",
                path="/penstock.v1.ExecutionService/ListGates",
                request=execution_service_pb2.ListGatesRequest,
                response=execution_service_pb2.ListGatesResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ExplainExecution",
                attribute="explain_execution",
                path="/penstock.v1.ExecutionService/ExplainExecution",
                request=execution_service_pb2.ExplainExecutionRequest,
                response=explanation_pb2.Explanation,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListSpans",
                attribute="list_spans",
                path="/penstock.v1.ExecutionService/ListSpans",
                request=timeline_pb2.ListSpansRequest,
                response=timeline_pb2.ListSpansResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListFailureCounts",
                attribute="list_failure_counts",
                path="/penstock.v1.ExecutionService/ListFailureCounts",
                request=failure_count_pb2.ListFailureCountsRequest,
                response=failure_count_pb2.ListFailureCountsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ExportExecution",
                attribute="export_execution",
                path="/penstock.v1.ExecutionService/ExportExecution",
                request=export_pb2.ExportExecutionRequest,
                response=export_pb2.ExportExecutionResponse,
                server_streaming=True,
                scope="executions:read",
            ),
            MethodSpec(
                name="SignalExecution",
                attribute="signal_execution",
                path="/penstock.v1.ExecutionService/SignalExecution",
                request=execution_service_pb2.SignalExecutionRequest,
                response=signal_pb2.SignalExecutionResponse,
                server_streaming=False,
                scope="executions:write",
            ),
            MethodSpec(
                name="RecoverExecution",
                attribute="recover_execution",
                path="/penstock.v1.ExecutionService/RecoverExecution",
                request=execution_again_pb2.RecoverExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
                scope="executions:write",
            ),
            MethodSpec(
                name="RelaunchExecution",
                attribute="relaunch_execution",
                path="/penstock.v1.ExecutionService/RelaunchExecution",
                request=execution_again_pb2.RelaunchExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
                scope="executions:write",
            ),
            MethodSpec(
                name="ForkExecution",
                attribute="fork_execution",
                path="/penstock.v1.ExecutionService/ForkExecution",
                request=execution_again_pb2.ForkExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
                scope="executions:write",
            ),
            MethodSpec(
                name="RetryNow",
                attribute="retry_now",
                path="/penstock.v1.ExecutionService/RetryNow",
                request=retry_now_pb2.RetryNowRequest,
                response=retry_now_pb2.RetryNowResponse,
                server_streaming=False,
                scope="executions:write",
            ),
            MethodSpec(
                name="CancelExecution",
                attribute="cancel_execution",
                path="/penstock.v1.ExecutionService/CancelExecution",
                request=execution_service_pb2.CancelExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
                scope="executions:write",
            ),
        ),
    ),
    ServiceSpec(
        name="FlowService",
        full_name="penstock.v1.FlowService",
        methods=(
            MethodSpec(
                name="CreateFlow",
                attribute="create_flow",
                path="/penstock.v1.FlowService/CreateFlow",
                request=flow_service_pb2.CreateFlowRequest,
                response=flow_pb2.Flow,
                server_streaming=False,
                scope="flows:write",
            ),
            MethodSpec(
                name="GetFlow",
                attribute="get_flow",
                path="/penstock.v1.FlowService/GetFlow",
                request=flow_service_pb2.GetFlowRequest,
                response=flow_pb2.Flow,
                server_streaming=False,
                scope="flows:read",
            ),
            MethodSpec(
                name="ListFlows",
                attribute="list_flows",
                path="/penstock.v1.FlowService/ListFlows",
                request=flow_service_pb2.ListFlowsRequest,
                response=flow_service_pb2.ListFlowsResponse,
                server_streaming=False,
                scope="flows:read",
            ),
            MethodSpec(
                name="UpdateFlow",
                attribute="update_flow",
                path="/penstock.v1.FlowService/UpdateFlow",
                request=flow_service_pb2.UpdateFlowRequest,
                response=flow_pb2.Flow,
                server_streaming=False,
                scope="flows:write",
            ),
            MethodSpec(
                name="DeleteFlow",
                attribute="delete_flow",
                path="/penstock.v1.FlowService/DeleteFlow",
                request=flow_service_pb2.DeleteFlowRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="flows:write",
            ),
            MethodSpec(
                name="CompileFlow",
                attribute="compile_flow",
                path="/penstock.v1.FlowService/CompileFlow",
                request=flow_service_pb2.CompileFlowRequest,
                response=artifact_pb2.Artifact,
                server_streaming=False,
                scope="flows:write",
            ),
        ),
    ),
    ServiceSpec(
        name="ImportService",
        full_name="penstock.v1.ImportService",
        methods=(
            MethodSpec(
                name="ImportExecution",
                attribute="import_execution",
                path="/penstock.v1.ImportService/ImportExecution",
                request=import_service_pb2.ImportExecutionRequest,
                response=import_service_pb2.ImportExecutionResponse,
                server_streaming=False,
                scope="executions:write",
            ),
            MethodSpec(
                name="GetImportedExecution",
                attribute="get_imported_execution",
                path="/penstock.v1.ImportService/GetImportedExecution",
                request=import_service_pb2.GetImportedExecutionRequest,
                response=imported_execution_pb2.ImportedExecution,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListImportedExecutions",
                attribute="list_imported_executions",
                path="/penstock.v1.ImportService/ListImportedExecutions",
                request=import_service_pb2.ListImportedExecutionsRequest,
                response=import_service_pb2.ListImportedExecutionsResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="DeleteImportedExecution",
                attribute="delete_imported_execution",
                path="/penstock.v1.ImportService/DeleteImportedExecution",
                request=import_service_pb2.DeleteImportedExecutionRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="executions:write",
            ),
        ),
    ),
    ServiceSpec(
        name="InvocationService",
        full_name="penstock.v1.InvocationService",
        methods=(
            MethodSpec(
                name="InvokeFlow",
                attribute="invoke_flow",
                path="/penstock.v1.InvocationService/InvokeFlow",
                request=invocation_service_pb2.InvokeFlowRequest,
                response=invocation_service_pb2.InvokeFlowResponse,
                server_streaming=False,
                scope="invoke",
            ),
            MethodSpec(
                name="StreamFlow",
                attribute="stream_flow",
                path="/penstock.v1.InvocationService/StreamFlow",
                request=invocation_service_pb2.StreamFlowRequest,
                response=frame_pb2.Frame,
                server_streaming=True,
                scope="invoke",
            ),
        ),
    ),
    ServiceSpec(
        name="LimitService",
        full_name="penstock.v1.LimitService",
        methods=(
            MethodSpec(
                name="GetRateLimit",
                attribute="get_rate_limit",
                path="/penstock.v1.LimitService/GetRateLimit",
                request=limit_service_pb2.GetRateLimitRequest,
                response=limit_pb2.RateLimit,
                server_streaming=False,
                scope="limits:read",
            ),
            MethodSpec(
                name="ListRateLimits",
                attribute="list_rate_limits",
                path="/penstock.v1.LimitService/ListRateLimits",
                request=limit_service_pb2.ListRateLimitsRequest,
                response=limit_service_pb2.ListRateLimitsResponse,
                server_streaming=False,
                scope="limits:read",
            ),
            MethodSpec(
                name="PutRateLimit",
                attribute="put_rate_limit",
                path="/penstock.v1.LimitService/PutRateLimit",
                request=limit_service_pb2.PutRateLimitRequest,
                response=limit_pb2.RateLimit,
                server_streaming=False,
                scope="limits:write",
            ),
            MethodSpec(
                name="DeleteRateLimit",
                attribute="delete_rate_limit",
                path="/penstock.v1.LimitService/DeleteRateLimit",
                request=limit_service_pb2.DeleteRateLimitRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="limits:write",
            ),
            MethodSpec(
                name="GetExecutionLimit",
                attribute="get_execution_limit",
                path="/penstock.v1.LimitService/GetExecutionLimit",
                request=limit_service_pb2.GetExecutionLimitRequest,
                response=limit_pb2.ExecutionLimit,
                server_streaming=False,
                scope="limits:read",
            ),
            MethodSpec(
                name="ListExecutionLimits",
                attribute="list_execution_limits",
                path="/penstock.v1.LimitService/ListExecutionLimits",
                request=limit_service_pb2.ListExecutionLimitsRequest,
                response=limit_service_pb2.ListExecutionLimitsResponse,
                server_streaming=False,
                scope="limits:read",
            ),
            MethodSpec(
                name="PutExecutionLimit",
                attribute="put_execution_limit",
                path="/penstock.v1.LimitService/PutExecutionLimit",
                request=limit_service_pb2.PutExecutionLimitRequest,
                response=limit_pb2.ExecutionLimit,
                server_streaming=False,
                scope="limits:write",
            ),
            MethodSpec(
                name="DeleteExecutionLimit",
                attribute="delete_execution_limit",
                path="/penstock.v1.LimitService/DeleteExecutionLimit",
                request=limit_service_pb2.DeleteExecutionLimitRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="limits:write",
            ),
        ),
    ),
    ServiceSpec(
        name="PackageService",
        full_name="penstock.v1.PackageService",
        methods=(
            MethodSpec(
                name="PublishPackage",
                attribute="publish_package",
                path="/penstock.v1.PackageService/PublishPackage",
                request=package_service_pb2.PublishPackageRequest,
                response=package_pb2.Package,
                server_streaming=False,
                scope="packages:write",
            ),
            MethodSpec(
                name="GetPackage",
                attribute="get_package",
                path="/penstock.v1.PackageService/GetPackage",
                request=package_service_pb2.GetPackageRequest,
                response=package_pb2.Package,
                server_streaming=False,
                scope="packages:read",
            ),
            MethodSpec(
                name="ListPackages",
                attribute="list_packages",
                path="/penstock.v1.PackageService/ListPackages",
                request=package_service_pb2.ListPackagesRequest,
                response=package_service_pb2.ListPackagesResponse,
                server_streaming=False,
                scope="packages:read",
            ),
        ),
    ),
    ServiceSpec(
        name="PauseService",
        full_name="penstock.v1.PauseService",
        methods=(
            MethodSpec(
                name="GetPause",
                attribute="get_pause",
                path="/penstock.v1.PauseService/GetPause",
                request=pause_service_pb2.GetPauseRequest,
                response=pause_pb2.Pause,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ListPauses",
                attribute="list_pauses",
                path="/penstock.v1.PauseService/ListPauses",
                request=pause_service_pb2.ListPausesRequest,
                response=pause_service_pb2.ListPausesResponse,
                server_streaming=False,
                scope="executions:read",
            ),
            MethodSpec(
                name="ApprovePause",
                attribute="approve_pause",
                path="/penstock.v1.PauseService/ApprovePause",
                request=pause_service_pb2.ApprovePauseRequest,
                response=pause_pb2.Pause,
                server_streaming=False,
                scope="approve",
            ),
            MethodSpec(
                name="RejectPause",
                attribute="reject_pause",
                path="/penstock.v1.PauseService/RejectPause",
                request=pause_service_pb2.RejectPauseRequest,
                response=pause_pb2.Pause,
                server_streaming=False,
                scope="approve",
            ),
            MethodSpec(
                name="ResumePause",
                attribute="resume_pause",
                path="/penstock.v1.PauseService/ResumePause",
                request=pause_service_pb2.ResumePauseRequest,
                response=pause_pb2.Pause,
                server_streaming=False,
                scope="approve",
            ),
        ),
    ),
    ServiceSpec(
        name="PolicyService",
        full_name="penstock.v1.PolicyService",
        methods=(
            MethodSpec(
                name="CreatePolicy",
                attribute="create_policy",
                path="/penstock.v1.PolicyService/CreatePolicy",
                request=policy_service_pb2.CreatePolicyRequest,
                response=policy_pb2.Policy,
                server_streaming=False,
                scope="policies:write",
            ),
            MethodSpec(
                name="GetPolicy",
                attribute="get_policy",
                path="/penstock.v1.PolicyService/GetPolicy",
                request=policy_service_pb2.GetPolicyRequest,
                response=policy_pb2.Policy,
                server_streaming=False,
                scope="policies:read",
            ),
            MethodSpec(
                name="ListPolicies",
                attribute="list_policies",
                path="/penstock.v1.PolicyService/ListPolicies",
                request=policy_service_pb2.ListPoliciesRequest,
                response=policy_service_pb2.ListPoliciesResponse,
                server_streaming=False,
                scope="policies:read",
            ),
            MethodSpec(
                name="ListPolicyVersions",
                attribute="list_policy_versions",
                path="/penstock.v1.PolicyService/ListPolicyVersions",
                request=policy_service_pb2.ListPolicyVersionsRequest,
                response=policy_service_pb2.ListPolicyVersionsResponse,
                server_streaming=False,
                scope="policies:read",
            ),
            MethodSpec(
                name="UpdatePolicy",
                attribute="update_policy",
                path="/penstock.v1.PolicyService/UpdatePolicy",
                request=policy_service_pb2.UpdatePolicyRequest,
                response=policy_pb2.Policy,
                server_streaming=False,
                scope="policies:write",
            ),
            MethodSpec(
                name="DeletePolicy",
                attribute="delete_policy",
                path="/penstock.v1.PolicyService/DeletePolicy",
                request=policy_service_pb2.DeletePolicyRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="policies:write",
            ),
            MethodSpec(
                name="TestPolicy",
                attribute="test_policy",
                path="/penstock.v1.PolicyService/TestPolicy",
                request=policy_service_pb2.TestPolicyRequest,
                response=policy_service_pb2.TestPolicyResponse,
                server_streaming=False,
                scope="policies:read",
            ),
        ),
    ),
    ServiceSpec(
        name="RetentionService",
        full_name="penstock.v1.RetentionService",
        methods=(
            MethodSpec(
                name="GetRetentionPolicy",
                attribute="get_retention_policy",
                path="/penstock.v1.RetentionService/GetRetentionPolicy",
                request=retention_service_pb2.GetRetentionPolicyRequest,
                response=retention_pb2.RetentionPolicy,
                server_streaming=False,
                scope="retention:read",
            ),
            MethodSpec(
                name="ListRetentionPolicies",
                attribute="list_retention_policies",
                path="/penstock.v1.RetentionService/ListRetentionPolicies",
                request=retention_service_pb2.ListRetentionPoliciesRequest,
                response=retention_service_pb2.ListRetentionPoliciesResponse,
                server_streaming=False,
                scope="retention:read",
            ),
            MethodSpec(
                name="PutRetentionPolicy",
                attribute="put_retention_policy",
                path="/penstock.v1.RetentionService/PutRetentionPolicy",
                request=retention_service_pb2.PutRetentionPolicyRequest,
                response=retention_pb2.RetentionPolicy,
                server_streaming=False,
                scope="retention:write",
            ),
            MethodSpec(
                name="DeleteRetentionPolicy",
                attribute="delete_retention_policy",
                path="/penstock.v1.RetentionService/DeleteRetentionPolicy",
                request=retention_service_pb2.DeleteRetentionPolicyRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="retention:write",
            ),
            MethodSpec(
                name="GetRetentionSweep",
                attribute="get_retention_sweep",
                path="/penstock.v1.RetentionService/GetRetentionSweep",
                request=retention_service_pb2.GetRetentionSweepRequest,
                response=retention_pb2.RetentionSweep,
                server_streaming=False,
                scope="retention:read",
            ),
            MethodSpec(
                name="RunRetentionSweep",
                attribute="run_retention_sweep",
                path="/penstock.v1.RetentionService/RunRetentionSweep",
                request=retention_service_pb2.RunRetentionSweepRequest,
                response=retention_pb2.RetentionSweep,
                server_streaming=False,
                scope="retention:write",
            ),
        ),
    ),
    ServiceSpec(
        name="SecretService",
        full_name="penstock.v1.SecretService",
        methods=(
            MethodSpec(
                name="PutSecret",
                attribute="put_secret",
                path="/penstock.v1.SecretService/PutSecret",
                request=secret_service_pb2.PutSecretRequest,
                response=secret_pb2.Secret,
                server_streaming=False,
                scope="secrets:write",
            ),
            MethodSpec(
                name="ListSecrets",
                attribute="list_secrets",
                path="/penstock.v1.SecretService/ListSecrets",
                request=secret_service_pb2.ListSecretsRequest,
                response=secret_service_pb2.ListSecretsResponse,
                server_streaming=False,
                scope="secrets:read",
            ),
            MethodSpec(
                name="DeleteSecret",
                attribute="delete_secret",
                path="/penstock.v1.SecretService/DeleteSecret",
                request=secret_service_pb2.DeleteSecretRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="secrets:write",
            ),
        ),
    ),
    ServiceSpec(
        name="UsageService",
        full_name="penstock.v1.UsageService",
        methods=(
            MethodSpec(
                name="QueryUsage",
                attribute="query_usage",
                path="/penstock.v1.UsageService/QueryUsage",
                request=usage_service_pb2.QueryUsageRequest,
                response=usage_service_pb2.QueryUsageResponse,
                server_streaming=False,
                scope="usage:read",
            ),
            MethodSpec(
                name="CreateBudget",
                attribute="create_budget",
                path="/penstock.v1.UsageService/CreateBudget",
                request=usage_service_pb2.CreateBudgetRequest,
                response=budget_pb2.Budget,
                server_streaming=False,
                scope="usage:write",
            ),
            MethodSpec(
                name="GetBudget",
                attribute="get_budget",
                path="/penstock.v1.UsageService/GetBudget",
                request=usage_service_pb2.GetBudgetRequest,
                response=budget_pb2.Budget,
                server_streaming=False,
                scope="usage:read",
            ),
            MethodSpec(
                name="ListBudgets",
                attribute="list_budgets",
                path="/penstock.v1.UsageService/ListBudgets",
                request=usage_service_pb2.ListBudgetsRequest,
                response=usage_service_pb2.ListBudgetsResponse,
                server_streaming=False,
                scope="usage:read",
            ),
            MethodSpec(
                name="UpdateBudget",
                attribute="update_budget",
                path="/penstock.v1.UsageService/UpdateBudget",
                request=usage_service_pb2.UpdateBudgetRequest,
                response=budget_pb2.Budget,
                server_streaming=False,
                scope="usage:write",
            ),
            MethodSpec(
                name="DeleteBudget",
                attribute="delete_budget",
                path="/penstock.v1.UsageService/DeleteBudget",
                request=usage_service_pb2.DeleteBudgetRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
                scope="usage:write",
            ),
        ),
    ),
    ServiceSpec(
        name="WebhookService",
        full_name="penstock.v1.WebhookService",
        methods=(
            MethodSpec(
                name="ListWebhookDeliveries",
                attribute="list_webhook_deliveries",
                path="/penstock.v1.WebhookService/ListWebhookDeliveries",
                request=webhook_service_pb2.ListWebhookDeliveriesRequest,
                response=webhook_service_pb2.ListWebhookDeliveriesResponse,
                server_streaming=False,
                scope="webhooks:read",
            ),
            MethodSpec(
                name="RedeliverWebhook",
                attribute="redeliver_webhook",
                path="/penstock.v1.WebhookService/RedeliverWebhook",
                request=webhook_service_pb2.RedeliverWebhookRequest,
                response=webhook_service_pb2.RedeliverWebhookResponse,
                server_streaming=False,
                scope="webhooks:write",
            ),
            MethodSpec(
                name="GetWebhookSecret",
                attribute="get_webhook_secret",
                path="/penstock.v1.WebhookService/GetWebhookSecret",
                request=webhook_service_pb2.GetWebhookSecretRequest,
                response=webhook_secret_pb2.WebhookSecret,
                server_streaming=False,
                scope="webhooks:write",
            ),
            MethodSpec(
                name="RotateWebhookSecret",
                attribute="rotate_webhook_secret",
                path="/penstock.v1.WebhookService/RotateWebhookSecret",
                request=webhook_service_pb2.RotateWebhookSecretRequest,
                response=webhook_secret_pb2.WebhookSecret,
                server_streaming=False,
                scope="webhooks:write",
            ),
        ),
    ),
)
