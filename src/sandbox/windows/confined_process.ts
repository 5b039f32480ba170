// One command under a restricted token, in a job that ends with us, on a desktop of its own. Used by the helper, as the
// person who asked, and by the runner, as a sandbox user.
import { createKillingJob } from "../../host/windows/job.ts";
import type { WindowsApi } from "../../host/windows/api.ts";
import { shellAwareCommandLine } from "../../host/windows/command_line.ts";
import { createPrivateDesktop, type PrivateDesktop } from "../../host/windows/desktop.ts";
import { EVERYONE_SID, SYSTEM_SID } from "../../host/windows/sid.ts";
import { type SpawnedProcess, spawnWithToken, type TokenSpawn, waitForExit } from "../../host/windows/spawn.ts";
import { createRestrictedToken, openOwnToken, readToken, type TokenFacts } from "../../host/windows/token.ts";
import { allowEntry } from "./access_rules.ts";
import type { Confinement } from "./contract.ts";

export interface ConfinedCommand {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Null: a job and nothing else. */
  readonly confinement: Confinement | null;
  readonly timeoutMs: number | null;
  readonly streams: TokenSpawn["streams"];
}

export interface ConfinedExit {
  readonly exitCode: number;
  readonly timedOut: boolean;
}

export interface ConfinedProcess {
  readonly processId: number;
  /** Everything that the command started is gone by then. */
  readonly exited: Promise<ConfinedExit>;
  terminate(): void;
}

const GENERIC_ALL = 0x1000_0000;
const TIMED_OUT = 124;
const TERMINATED = 1;

/** In this order: capability SIDs, this logon, everyone. */
export function restrictingSids(confinement: Confinement, facts: Pick<TokenFacts, "logon">): readonly string[] {
  return [...new Set([...confinement.capabilitySids, ...(facts.logon === null ? [] : [facts.logon]), EVERYONE_SID])];
}

/** @throws CodexError SANDBOX_UNAVAILABLE, or EXEC_FAILED when the command itself cannot be started. */
export function startConfined(api: WindowsApi, options: ConfinedCommand): ConfinedProcess {
  const { confinement } = options;
  const closers: (() => void)[] = [];
  const closeAll = (): void => closers.splice(0).reverse().forEach((close) => close());
  try {
    const own = openOwnToken(api);
    closers.push(() => void api.CloseHandle(own));
    const job = createKillingJob(api, { limitUi: confinement?.privateDesktop === true });
    closers.push(() => void api.CloseHandle(job));
    const { token, desktop } = confinement === null
      ? { token: own, desktop: null }
      : confine(api, { own, confinement, closers });
    const child = spawnWithToken(api, {
      token,
      job,
      commandLine: shellAwareCommandLine(options.command),
      cwd: options.cwd,
      env: options.env,
      streams: options.streams,
      desktop: desktop?.name ?? null,
    });
    return attend(api, child, { job, timeoutMs: options.timeoutMs, closeAll });
  } catch (error) {
    closeAll();
    throw error;
  }
}

interface ConfineOptions {
  readonly own: bigint;
  readonly confinement: Confinement;
  readonly closers: (() => void)[];
}

function confine(
  api: WindowsApi,
  { own, confinement, closers }: ConfineOptions,
): { readonly token: bigint; readonly desktop: PrivateDesktop | null } {
  const facts = readToken(api, own);
  const owners = [
    facts.user,
    SYSTEM_SID,
    ...confinement.capabilitySids,
    ...(facts.logon === null ? [] : [facts.logon]),
  ];
  const access = owners.map((sid) => ({ ...allowEntry(sid, GENERIC_ALL), flags: 0 }));
  const token = createRestrictedToken(api, own, {
    restrictingSids: restrictingSids(confinement, facts),
    defaultDacl: access,
  });
  closers.push(() => void api.CloseHandle(token));
  if (!confinement.privateDesktop) return { token, desktop: null };
  const desktop = createPrivateDesktop(api, `codex-${crypto.randomUUID()}`, access);
  closers.push(desktop.close);
  return { token, desktop };
}

interface Attendance {
  readonly job: bigint;
  readonly timeoutMs: number | null;
  readonly closeAll: () => void;
}

function attend(api: WindowsApi, child: SpawnedProcess, { job, timeoutMs, closeAll }: Attendance): ConfinedProcess {
  let [timedOut, isOver] = [false, false];
  const timer = timeoutMs === null ? undefined : setTimeout(() => {
    timedOut = true;
    api.TerminateJobObject(job, TIMED_OUT);
  }, timeoutMs);
  async function exit(): Promise<ConfinedExit> {
    try {
      const exitCode = await waitForExit(api, child.handle);
      return { exitCode: timedOut ? TIMED_OUT : exitCode, timedOut };
    } finally {
      isOver = true;
      clearTimeout(timer);
      // What it left in the background ends with the job.
      api.TerminateJobObject(job, TERMINATED);
      closeAll();
    }
  }
  return {
    processId: child.processId,
    exited: exit(),
    terminate: () => {
      if (!isOver) api.TerminateJobObject(job, TERMINATED);
    },
  };
}
