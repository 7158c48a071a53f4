# Generated from proto/penstock/v1/*.proto by penstock.codegen. DO NOT EDIT.
"""The services as Python: one Protocol each, and SERVICES, the table of them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from google.protobuf import empty_pb2
from penstock.wire.gen import alias_pb2
from penstock.wire.gen import alias_service_pb2
from penstock.wire.gen import artifact_diff_pb2
from penstock.wire.gen import artifact_pb2
from penstock.wire.gen import artifact_service_pb2
from penstock.wire.gen import config_pb2
from penstock.wire.gen import config_service_pb2
from penstock.wire.gen import execution_again_pb2
from penstock.wire.gen import execution_pb2
from penstock.wire.gen import execution_service_pb2
from penstock.wire.gen import explanation_pb2
from penstock.wire.gen import export_pb2
from penstock.wire.gen import failure_count_pb2
from penstock.wire.gen import flow_pb2
from penstock.wire.gen import flow_service_pb2
from penstock.wire.gen import frame_pb2
from penstock.wire.gen import invocation_service_pb2
from penstock.wire.gen import package_pb2
from penstock.wire.gen import package_service_pb2
from penstock.wire.gen import pause_pb2
from penstock.wire.gen import pause_service_pb2
from penstock.wire.gen import secret_pb2
from penstock.wire.gen import secret_service_pb2
from penstock.wire.gen import signal_pb2
from penstock.wire.gen import timeline_pb2
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
        """Lists the placed nodes of an execution in topological order, those not reached included."""
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
            ),
            MethodSpec(
                name="ListAliases",
                attribute="list_aliases",
                path="/penstock.v1.AliasService/ListAliases",
                request=alias_service_pb2.ListAliasesRequest,
                response=alias_service_pb2.ListAliasesResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="SetAlias",
                attribute="set_alias",
                path="/penstock.v1.AliasService/SetAlias",
                request=alias_service_pb2.SetAliasRequest,
                response=alias_service_pb2.SetAliasResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="DeleteAlias",
                attribute="delete_alias",
                path="/penstock.v1.AliasService/DeleteAlias",
                request=alias_service_pb2.DeleteAliasRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListAliasMoves",
                attribute="list_alias_moves",
                path="/penstock.v1.AliasService/ListAliasMoves",
                request=alias_service_pb2.ListAliasMovesRequest,
                response=alias_service_pb2.ListAliasMovesResponse,
                server_streaming=False,
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
            ),
            MethodSpec(
                name="ListArtifacts",
                attribute="list_artifacts",
                path="/penstock.v1.ArtifactService/ListArtifacts",
                request=artifact_service_pb2.ListArtifactsRequest,
                response=artifact_service_pb2.ListArtifactsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="DiffArtifacts",
                attribute="diff_artifacts",
                path="/penstock.v1.ArtifactService/DiffArtifacts",
                request=artifact_service_pb2.DiffArtifactsRequest,
                response=artifact_diff_pb2.ArtifactDiff,
                server_streaming=False,
            ),
            MethodSpec(
                name="DeprecateArtifact",
                attribute="deprecate_artifact",
                path="/penstock.v1.ArtifactService/DeprecateArtifact",
                request=artifact_service_pb2.DeprecateArtifactRequest,
                response=artifact_pb2.Artifact,
                server_streaming=False,
            ),
            MethodSpec(
                name="RetireArtifact",
                attribute="retire_artifact",
                path="/penstock.v1.ArtifactService/RetireArtifact",
                request=artifact_service_pb2.RetireArtifactRequest,
                response=artifact_pb2.Artifact,
                server_streaming=False,
            ),
            MethodSpec(
                name="RestoreArtifact",
                attribute="restore_artifact",
                path="/penstock.v1.ArtifactService/RestoreArtifact",
                request=artifact_service_pb2.RestoreArtifactRequest,
                response=artifact_pb2.Artifact,
                server_streaming=False,
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
            ),
            MethodSpec(
                name="GetConfig",
                attribute="get_config",
                path="/penstock.v1.ConfigService/GetConfig",
                request=config_service_pb2.GetConfigRequest,
                response=config_pb2.Config,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListConfigs",
                attribute="list_configs",
                path="/penstock.v1.ConfigService/ListConfigs",
                request=config_service_pb2.ListConfigsRequest,
                response=config_service_pb2.ListConfigsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="UpdateConfig",
                attribute="update_config",
                path="/penstock.v1.ConfigService/UpdateConfig",
                request=config_service_pb2.UpdateConfigRequest,
                response=config_pb2.Config,
                server_streaming=False,
            ),
            MethodSpec(
                name="DeleteConfig",
                attribute="delete_config",
                path="/penstock.v1.ConfigService/DeleteConfig",
                request=config_service_pb2.DeleteConfigRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
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
            ),
            MethodSpec(
                name="ListExecutions",
                attribute="list_executions",
                path="/penstock.v1.ExecutionService/ListExecutions",
                request=execution_service_pb2.ListExecutionsRequest,
                response=execution_service_pb2.ListExecutionsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListEvents",
                attribute="list_events",
                path="/penstock.v1.ExecutionService/ListEvents",
                request=execution_service_pb2.ListEventsRequest,
                response=execution_service_pb2.ListEventsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListCheckpoints",
                attribute="list_checkpoints",
                path="/penstock.v1.ExecutionService/ListCheckpoints",
                request=execution_service_pb2.ListCheckpointsRequest,
                response=execution_service_pb2.ListCheckpointsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListNodeExecutions",
                attribute="list_node_executions",
                path="/penstock.v1.ExecutionService/ListNodeExecutions",
                request=execution_service_pb2.ListNodeExecutionsRequest,
                response=execution_service_pb2.ListNodeExecutionsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListAttempts",
                attribute="list_attempts",
                path="/penstock.v1.ExecutionService/ListAttempts",
                request=execution_service_pb2.ListAttemptsRequest,
                response=execution_service_pb2.ListAttemptsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="GetOutput",
                attribute="get_output",
                path="/penstock.v1.ExecutionService/GetOutput",
                request=execution_service_pb2.GetOutputRequest,
                response=execution_service_pb2.Output,
                server_streaming=False,
            ),
            MethodSpec(
                name="WaitExecution",
                attribute="wait_execution",
                path="/penstock.v1.ExecutionService/WaitExecution",
                request=execution_service_pb2.WaitExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
            ),
            MethodSpec(
                name="WatchExecution",
                attribute="watch_execution",
                path="/penstock.v1.ExecutionService/WatchExecution",
                request=execution_service_pb2.WatchExecutionRequest,
                response=execution_service_pb2.WatchExecutionResponse,
                server_streaming=True,
            ),
            MethodSpec(
                name="ListGates",
                attribute="list_gates",
                path="/penstock.v1.ExecutionService/ListGates",
                request=execution_service_pb2.ListGatesRequest,
                response=execution_service_pb2.ListGatesResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="ExplainExecution",
                attribute="explain_execution",
                path="/penstock.v1.ExecutionService/ExplainExecution",
                request=execution_service_pb2.ExplainExecutionRequest,
                response=explanation_pb2.Explanation,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListSpans",
                attribute="list_spans",
                path="/penstock.v1.ExecutionService/ListSpans",
                request=timeline_pb2.ListSpansRequest,
                response=timeline_pb2.ListSpansResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListFailureCounts",
                attribute="list_failure_counts",
                path="/penstock.v1.ExecutionService/ListFailureCounts",
                request=failure_count_pb2.ListFailureCountsRequest,
                response=failure_count_pb2.ListFailureCountsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="ExportExecution",
                attribute="export_execution",
                path="/penstock.v1.ExecutionService/ExportExecution",
                request=export_pb2.ExportExecutionRequest,
                response=export_pb2.ExportExecutionResponse,
                server_streaming=True,
            ),
            MethodSpec(
                name="SignalExecution",
                attribute="signal_execution",
                path="/penstock.v1.ExecutionService/SignalExecution",
                request=execution_service_pb2.SignalExecutionRequest,
                response=signal_pb2.SignalExecutionResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="RecoverExecution",
                attribute="recover_execution",
                path="/penstock.v1.ExecutionService/RecoverExecution",
                request=execution_again_pb2.RecoverExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
            ),
            MethodSpec(
                name="RelaunchExecution",
                attribute="relaunch_execution",
                path="/penstock.v1.ExecutionService/RelaunchExecution",
                request=execution_again_pb2.RelaunchExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
            ),
            MethodSpec(
                name="ForkExecution",
                attribute="fork_execution",
                path="/penstock.v1.ExecutionService/ForkExecution",
                request=execution_again_pb2.ForkExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
            ),
            MethodSpec(
                name="CancelExecution",
                attribute="cancel_execution",
                path="/penstock.v1.ExecutionService/CancelExecution",
                request=execution_service_pb2.CancelExecutionRequest,
                response=execution_pb2.Execution,
                server_streaming=False,
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
            ),
            MethodSpec(
                name="GetFlow",
                attribute="get_flow",
                path="/penstock.v1.FlowService/GetFlow",
                request=flow_service_pb2.GetFlowRequest,
                response=flow_pb2.Flow,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListFlows",
                attribute="list_flows",
                path="/penstock.v1.FlowService/ListFlows",
                request=flow_service_pb2.ListFlowsRequest,
                response=flow_service_pb2.ListFlowsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="UpdateFlow",
                attribute="update_flow",
                path="/penstock.v1.FlowService/UpdateFlow",
                request=flow_service_pb2.UpdateFlowRequest,
                response=flow_pb2.Flow,
                server_streaming=False,
            ),
            MethodSpec(
                name="DeleteFlow",
                attribute="delete_flow",
                path="/penstock.v1.FlowService/DeleteFlow",
                request=flow_service_pb2.DeleteFlowRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
            ),
            MethodSpec(
                name="CompileFlow",
                attribute="compile_flow",
                path="/penstock.v1.FlowService/CompileFlow",
                request=flow_service_pb2.CompileFlowRequest,
                response=artifact_pb2.Artifact,
                server_streaming=False,
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
            ),
            MethodSpec(
                name="StreamFlow",
                attribute="stream_flow",
                path="/penstock.v1.InvocationService/StreamFlow",
                request=invocation_service_pb2.StreamFlowRequest,
                response=frame_pb2.Frame,
                server_streaming=True,
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
            ),
            MethodSpec(
                name="GetPackage",
                attribute="get_package",
                path="/penstock.v1.PackageService/GetPackage",
                request=package_service_pb2.GetPackageRequest,
                response=package_pb2.Package,
                server_streaming=False,
            ),
            MethodSpec(
                name="ListPackages",
                attribute="list_packages",
                path="/penstock.v1.PackageService/ListPackages",
                request=package_service_pb2.ListPackagesRequest,
                response=package_service_pb2.ListPackagesResponse,
                server_streaming=False,
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
            ),
            MethodSpec(
                name="ListPauses",
                attribute="list_pauses",
                path="/penstock.v1.PauseService/ListPauses",
                request=pause_service_pb2.ListPausesRequest,
                response=pause_service_pb2.ListPausesResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="ApprovePause",
                attribute="approve_pause",
                path="/penstock.v1.PauseService/ApprovePause",
                request=pause_service_pb2.ApprovePauseRequest,
                response=pause_pb2.Pause,
                server_streaming=False,
            ),
            MethodSpec(
                name="RejectPause",
                attribute="reject_pause",
                path="/penstock.v1.PauseService/RejectPause",
                request=pause_service_pb2.RejectPauseRequest,
                response=pause_pb2.Pause,
                server_streaming=False,
            ),
            MethodSpec(
                name="ResumePause",
                attribute="resume_pause",
                path="/penstock.v1.PauseService/ResumePause",
                request=pause_service_pb2.ResumePauseRequest,
                response=pause_pb2.Pause,
                server_streaming=False,
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
            ),
            MethodSpec(
                name="ListSecrets",
                attribute="list_secrets",
                path="/penstock.v1.SecretService/ListSecrets",
                request=secret_service_pb2.ListSecretsRequest,
                response=secret_service_pb2.ListSecretsResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="DeleteSecret",
                attribute="delete_secret",
                path="/penstock.v1.SecretService/DeleteSecret",
                request=secret_service_pb2.DeleteSecretRequest,
                response=empty_pb2.Empty,
                server_streaming=False,
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
            ),
            MethodSpec(
                name="RedeliverWebhook",
                attribute="redeliver_webhook",
                path="/penstock.v1.WebhookService/RedeliverWebhook",
                request=webhook_service_pb2.RedeliverWebhookRequest,
                response=webhook_service_pb2.RedeliverWebhookResponse,
                server_streaming=False,
            ),
            MethodSpec(
                name="GetWebhookSecret",
                attribute="get_webhook_secret",
                path="/penstock.v1.WebhookService/GetWebhookSecret",
                request=webhook_service_pb2.GetWebhookSecretRequest,
                response=webhook_secret_pb2.WebhookSecret,
                server_streaming=False,
            ),
            MethodSpec(
                name="RotateWebhookSecret",
                attribute="rotate_webhook_secret",
                path="/penstock.v1.WebhookService/RotateWebhookSecret",
                request=webhook_service_pb2.RotateWebhookSecretRequest,
                response=webhook_secret_pb2.WebhookSecret,
                server_streaming=False,
            ),
        ),
    ),
)
