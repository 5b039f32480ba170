// Wire types of the `approval` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, oneOf, Type } from "../schema.ts";
import { CommandAction } from "./item.ts";
import { AbsolutePathBuf } from "./policy.ts";

export const AdditionalFileSystemPermissions = Type.Object({
  read: nullable(Type.Array(AbsolutePathBuf)),
  write: nullable(Type.Array(AbsolutePathBuf)),
});
export type AdditionalFileSystemPermissions = Static<typeof AdditionalFileSystemPermissions>;

export const AdditionalNetworkPermissions = Type.Object({
  enabled: nullable(Type.Boolean()),
});
export type AdditionalNetworkPermissions = Static<typeof AdditionalNetworkPermissions>;

export const AdditionalPermissionProfile = Type.Object({
  fileSystem: nullable(AdditionalFileSystemPermissions),
  network: nullable(AdditionalNetworkPermissions),
});
export type AdditionalPermissionProfile = Static<typeof AdditionalPermissionProfile>;

export const NetworkPolicyRuleAction = oneOf(["allow", "deny"]);
export type NetworkPolicyRuleAction = Static<typeof NetworkPolicyRuleAction>;

export const NetworkPolicyAmendment = Type.Object({
  action: NetworkPolicyRuleAction,
  host: Type.String(),
});
export type NetworkPolicyAmendment = Static<typeof NetworkPolicyAmendment>;

export const CommandExecutionApprovalDecision = Type.Union([
  Type.Literal("accept"),
  Type.Literal("acceptForSession"),
  Type.Object({
    acceptWithExecpolicyAmendment: Type.Object({
      execpolicy_amendment: Type.Array(Type.String()),
    }),
  }),
  Type.Object({
    applyNetworkPolicyAmendment: Type.Object({
      network_policy_amendment: NetworkPolicyAmendment,
    }),
  }),
  Type.Literal("decline"),
  Type.Literal("cancel"),
]);
export type CommandExecutionApprovalDecision = Static<typeof CommandExecutionApprovalDecision>;

export const NetworkApprovalProtocol = oneOf(["http", "https", "socks5Tcp", "socks5Udp"]);
export type NetworkApprovalProtocol = Static<typeof NetworkApprovalProtocol>;

export const NetworkApprovalContext = Type.Object({
  host: Type.String(),
  protocol: NetworkApprovalProtocol,
});
export type NetworkApprovalContext = Static<typeof NetworkApprovalContext>;

export const CommandExecutionRequestApprovalParams = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  itemId: Type.String(),
  additionalPermissions: Type.Optional(nullable(AdditionalPermissionProfile)),
  approvalId: Type.Optional(nullable(Type.String())),
  availableDecisions: Type.Optional(nullable(Type.Array(CommandExecutionApprovalDecision))),
  command: Type.Optional(nullable(Type.String())),
  commandActions: Type.Optional(nullable(Type.Array(CommandAction))),
  cwd: Type.Optional(nullable(Type.String())),
  networkApprovalContext: Type.Optional(nullable(NetworkApprovalContext)),
  proposedExecpolicyAmendment: Type.Optional(nullable(Type.Array(Type.String()))),
  proposedNetworkPolicyAmendments: Type.Optional(nullable(Type.Array(NetworkPolicyAmendment))),
  reason: Type.Optional(nullable(Type.String())),
});
export type CommandExecutionRequestApprovalParams = Static<typeof CommandExecutionRequestApprovalParams>;

export const CommandExecutionRequestApprovalResponse = Type.Object({
  decision: CommandExecutionApprovalDecision,
});
export type CommandExecutionRequestApprovalResponse = Static<typeof CommandExecutionRequestApprovalResponse>;

export const FileChangeRequestApprovalParams = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  itemId: Type.String(),
  grantRoot: Type.Optional(nullable(Type.String())),
  reason: Type.Optional(nullable(Type.String())),
});
export type FileChangeRequestApprovalParams = Static<typeof FileChangeRequestApprovalParams>;

export const FileChangeApprovalDecision = Type.Union([
  Type.Literal("accept"),
  Type.Literal("acceptForSession"),
  Type.Literal("decline"),
  Type.Literal("cancel"),
]);
export type FileChangeApprovalDecision = Static<typeof FileChangeApprovalDecision>;

export const FileChangeRequestApprovalResponse = Type.Object({
  decision: FileChangeApprovalDecision,
});
export type FileChangeRequestApprovalResponse = Static<typeof FileChangeRequestApprovalResponse>;

export const RequestId = Type.Union([
  Type.String(),
  Type.Integer(),
]);
export type RequestId = Static<typeof RequestId>;

export const ServerRequestResolvedNotification = Type.Object({
  threadId: Type.String(),
  requestId: RequestId,
});
export type ServerRequestResolvedNotification = Static<typeof ServerRequestResolvedNotification>;
