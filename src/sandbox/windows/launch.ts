// Carries a plan out on Windows: resolves it, writes down for the helper what to do, and answers with the command line
// that starts the helper, which is this program. Never answers with a bare command.
import { isInside, joinPath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { findRealPath, makeFolder, removeTree, writeBytes } from "../../host/files.ts";
import { stageCommand } from "../../host/own_program.ts";
import { processId } from "../../host/platform.ts";
import type { CommandToLaunch, Launcher, PreparedLaunch } from "../launcher.ts";
import { parentsFirst, type SandboxPlan } from "../plan.ts";
import { protectedMounts, refuseLink } from "../protected_paths.ts";
import { randomWords, readCapabilitySids, writeCapabilitySids } from "./capability_file.ts";
import { commandEnvironment } from "./command_environment.ts";
import { encodeFrame, type LaunchRequest } from "./contract.ts";
import { type SandboxAccounts } from "./accounts_file.ts";
import { refuseUnenforceable, type ResolvedWindowsPlan, windowsPlan } from "./windows_plan.ts";

export interface WindowsLauncherOptions {
  readonly codexHome: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly privateDesktop: boolean;
  /** What setup made, when commands run as the sandbox users (`elevated`). */
  readonly accounts: SandboxAccounts | null;
  /** Folders that the person opened for reading in this session. */
  readonly addedReadRoots: readonly string[];
}

/** Of a command on a pseudo-terminal, until somebody says otherwise. */
const TERMINAL = { rows: 24, columns: 80 };

export function createWindowsLauncher(options: WindowsLauncherOptions): Launcher {
  const { codexHome, accounts, environment, privateDesktop } = options;
  return {
    async prepare(plan: SandboxPlan, command: CommandToLaunch): Promise<PreparedLaunch> {
      refuseUnenforceable(plan, accounts === null ? "unelevated" : "elevated");
      const resolved = await resolve({ ...plan, cwd: command.cwd });
      const known = await readCapabilitySids(codexHome);
      const groupSid = accounts?.groupSid ?? null;
      const { confinement, sids } = windowsPlan(resolved, { known, random: randomWords, privateDesktop, groupSid });
      if (JSON.stringify(sids) !== JSON.stringify(known)) await writeCapabilitySids(codexHome, sids);
      const isNetworkOff = plan.network.access === "none";
      const env = commandEnvironment(command.env, { isNetworkOff, own: environment });
      const allowRead = [...parentsFirst([resolved.cwd, ...plan.readable.roots, ...options.addedReadRoots])];
      if (accounts !== null) {
        const { rememberOpenedPaths } = await import("./opened_paths.ts");
        await rememberOpenedPaths(codexHome, [...allowRead, ...plan.hidden, ...resolved.writable]);
      }
      return await helperLaunch(codexHome, {
        ...startOf({ ...command, env, cwd: resolved.cwd }),
        confinement,
        logon: accounts === null ? null : {
          ...(isNetworkOff ? accounts.offline : accounts.online),
          groupSid: accounts.groupSid,
          allowRead,
          denyRead: [...plan.hidden],
        },
      });
    },
  };
}

/** Without a sandbox: the helper only ties it, and all it starts, to our life. */
export async function prepareUnconfined(codexHome: string, command: CommandToLaunch): Promise<PreparedLaunch> {
  return await helperLaunch(codexHome, { ...startOf(command), confinement: null, logon: null });
}

function startOf(command: CommandToLaunch): Omit<LaunchRequest, "confinement" | "logon"> {
  return {
    launcherPid: processId(),
    command: [...command.argv],
    cwd: command.cwd,
    env: { ...command.env },
    terminal: command.ownTerminal ? TERMINAL : null,
    mergeOutput: command.mergeOutput === true,
    timeoutMs: null,
  };
}

async function helperLaunch(codexHome: string, request: LaunchRequest): Promise<PreparedLaunch> {
  const { env, cwd } = request;
  const path = await writeRequest(codexHome, request);
  return {
    spec: { argv: [...stageCommand("windows-helper"), path], env, cwd, extraFds: [], statusFd: null },
    processGroupOf: () => null,
    refusesBy: "rules",
    // The helper holds what keeps the sandbox together; Windows cannot become another program in place anyway.
    inPlace: null,
    networkDecisions: () => [],
    release: () => removeTree(path),
  };
}

async function resolve(plan: SandboxPlan): Promise<ResolvedWindowsPlan> {
  const found = await Promise.all(plan.writable.map((path) => findRealPath(path)));
  const writable = parentsFirst(found.filter((path) => path !== null));
  const mounts = await Promise.all(plan.protected.map((path) => protectedMounts(path, writable, refuseLink)));
  const missingFile = mounts.flat().find(({ access }) => access === "missingFile");
  if (missingFile !== undefined) throw cannotOpenGit(missingFile.path);
  const paths = parentsFirst(mounts.flat().map(({ path }) => path));
  return {
    cwd: await findRealPath(plan.cwd) ?? plan.cwd,
    writable,
    // Whoever names a protected path as a root means it.
    protected: paths.filter((path) => !writable.some((root) => isInside(path, root) && isInside(root, path))),
  };
}

/** Here names are kept by folders, and a folder of that name stops git. */
function cannotOpenGit(path: string): CodexError {
  return new CodexError(
    "SANDBOX_UNSUPPORTED",
    `Cannot open .git for commits on Windows: "${path}" cannot be kept away`,
    {
      hint: "Leave out sandbox_workspace_write.allow_git_writes, and commit outside of the sandbox",
    },
  );
}

/** In a file, because a command line has too little room; its name cannot be guessed, and the helper removes it. */
async function writeRequest(codexHome: string, request: LaunchRequest): Promise<string> {
  const folder = joinPath(codexHome, ".sandbox", "requests");
  await makeFolder(folder, { mode: 0o700 });
  const path = joinPath(folder, `${crypto.randomUUID()}.frame`);
  await writeBytes(path, encodeFrame("launch", request), { createNew: true, mode: 0o600 });
  return path;
}
