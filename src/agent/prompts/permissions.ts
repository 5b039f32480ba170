// What the model is told of its sandbox and of asking: the `<permissions instructions>` part of the developer message.
import type { NetworkPlan, SandboxPlan } from "../../sandbox/plan.ts";
import type { AskForApproval, SandboxPolicy } from "../../protocol/types/policy.ts";

function networkText(enabled: boolean): string {
  return enabled
    ? "Commands may use the network."
    : "Commands have no network: anything that needs it fails inside the sandbox.";
}

function sandboxText(policy: SandboxPolicy, writableRoots: readonly string[]): string {
  switch (policy.type) {
    case "dangerFullAccess":
      return "There is no sandbox: commands and patches reach every file the person can reach, and the network. " +
        "Take care accordingly.";
    case "externalSandbox":
      return "The whole program runs in a sandbox that somebody else set up; its limits are not known here. " +
        networkText(policy.networkAccess === "enabled");
    case "readOnly":
      return "Commands run in a sandbox in which every file can be read and none can be written. " +
        networkText(policy.networkAccess ?? false);
    case "workspaceWrite":
      return "Commands run in a sandbox in which every file can be read, and only these folders can be written: " +
        `${writableRoots.map((root) => `\`${root}\``).join(", ")}. ` +
        "Inside them `.git`, `.codex` and `.agents` stay read-only. " + networkText(policy.networkAccess ?? false);
  }
}

const ESCALATION = `To run a command outside of the sandbox, call \`exec_command\` with \`sandbox_permissions\` set to \
\`"require_escalated"\` and a one-sentence question to the person as \`justification\`. Do so when:
- a command that the task needs has failed because of the sandbox (a write elsewhere, a download, a service);
- the command is known to need it, for instance to install a dependency or to open a program with a window;
- it destroys something and the person has not asked for that outright.
If commands of the same kind will follow, add \`prefix_rule\`: the first words of the command, narrow enough to be \
safe to allow for good, such as \`["npm", "install"]\`. Never propose a bare interpreter or shell.`;

function approvalText(policy: AskForApproval, sandboxed: boolean): string {
  if (typeof policy === "object") {
    return policy.granular.sandbox_approval
      ? approvalText("on-request", sandboxed)
      : "The person has switched off requests to leave the sandbox: they are refused. Work within it.";
  }
  switch (policy) {
    case "never":
      return "Approval policy is `never`: nobody is there to ask. Do not set `sandbox_permissions`; such calls are " +
        "refused. Find a way within these limits, finish what can be finished, and report what could not be done.";
    case "untrusted":
      return "Approval policy is `untrusted`: commands that are known only to read run at once; for every other " +
        "command, and for every patch, the person is asked first. You need not do anything for that.";
    case "on-failure":
      return "Approval policy is `on-failure`: commands run in the sandbox, and when the sandbox makes one fail the " +
        "person is asked whether to run it again outside. You need not do anything for that.";
    case "on-request":
      return sandboxed
        ? `Approval policy is \`on-request\`. ${ESCALATION}`
        : "Approval policy is `on-request`: ask the person in a message before you do something that cannot be undone.";
  }
}

/** `writableRoots` are absolute: the working directory and whatever else the policy opens. */
export function permissionsText(
  sandbox: SandboxPolicy,
  approvalPolicy: AskForApproval,
  writableRoots: readonly string[],
): string {
  const sandboxed = sandbox.type === "readOnly" || sandbox.type === "workspaceWrite";
  return [
    "<permissions instructions>",
    sandboxText(sandbox, writableRoots),
    approvalText(approvalPolicy, sandboxed),
    "</permissions instructions>",
  ].join("\n");
}

/** The same for a permission profile, which a policy cannot say in full. */
export function profileText(plan: SandboxPlan, approvalPolicy: AskForApproval): string {
  return [
    "<permissions instructions>",
    `Commands run in a sandbox. ${readText(plan)} ${writeText(plan)} ${proxyText(plan.network)}`,
    approvalText(approvalPolicy, true),
    "</permissions instructions>",
  ].join("\n");
}

function readText({ readable, writable, hidden, hiddenPatterns }: SandboxPlan): string {
  const roots = [...readable.roots, ...writable];
  const programs = readable.platform ? "The system's own programs and libraries" : "Nothing of the system";
  const open = readable.everything
    ? "Every file can be read"
    : `${programs} can be read${roots.length === 0 ? "" : `, and these folders: ${named(roots)}`}`;
  const closed = [...hidden, ...hiddenPatterns];
  return closed.length === 0 ? `${open}.` : `${open}; never these: ${named(closed)}.`;
}

function writeText({ writable, protected: readOnly }: SandboxPlan): string {
  if (writable.length === 0) return "None can be written.";
  return `Only these can be written: ${named(writable)}, but not in them: ${named(readOnly)}.`;
}

function proxyText(network: NetworkPlan): string {
  if (network.access !== "proxy") return networkText(network.access === "full");
  const allowed = network.rules.domains.filter(({ access }) => access === "allow").map(({ pattern }) => pattern);
  const methods = network.rules.mode === "limited" ? " and only with requests that read" : "";
  return `The network is reached only through the proxy of the environment${methods}; allowed hosts: ` +
    `${allowed.length === 0 ? "none" : named(allowed)}.`;
}

function named(paths: readonly string[]): string {
  return paths.map((path) => `\`${path}\``).join(", ");
}
