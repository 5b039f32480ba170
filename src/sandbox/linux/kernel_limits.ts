// Why this machine lets nobody make user namespaces, from the settings that can forbid it; and whether it is a Linux
// with namespaces at all. Reading is apart from meaning, so that each meaning can be tested anywhere.
import { CodexError } from "../../base/errors.ts";
import { findText } from "../../host/files.ts";

/** The texts of files; null for those that this kernel does not have. */
export interface KernelLimits {
  readonly unprivilegedUserns: string | null;
  readonly maxUserNamespaces: string | null;
  readonly apparmorRestriction: string | null;
  /** Of this process: 2 with a filter around us, as containers and other sandboxes have. */
  readonly seccompMode: string | null;
}

const USERNS_CLONE = "kernel.unprivileged_userns_clone";
const MAX_NAMESPACES = "user.max_user_namespaces";
const APPARMOR_USERNS = "kernel.apparmor_restrict_unprivileged_userns";

export async function readKernelLimits(): Promise<KernelLimits> {
  const read = async (path: string): Promise<string | null> => (await findText(path).catch(() => null))?.trim() ?? null;
  const setting = (name: string): Promise<string | null> => read(`/proc/sys/${name.replaceAll(".", "/")}`);
  const [unprivilegedUserns, maxUserNamespaces, apparmorRestriction, status] = await Promise.all([
    setting(USERNS_CLONE),
    setting(MAX_NAMESPACES),
    setting(APPARMOR_USERNS),
    read("/proc/self/status"),
  ]);
  const seccompMode = /^Seccomp:\s*(\d)/m.exec(status ?? "")?.[1] ?? null;
  return { unprivilegedUserns, maxUserNamespaces, apparmorRestriction, seccompMode };
}

/** The one setting that forbids it, and what to do. */
export function describeNamespaceLimits(limits: KernelLimits): { readonly problem: string; readonly remedy: string } {
  if (limits.maxUserNamespaces === "0") {
    return {
      problem: `${MAX_NAMESPACES} is 0`,
      remedy: `Allow them: sysctl -w ${MAX_NAMESPACES}=15000 (for good: a line in /etc/sysctl.d/)`,
    };
  }
  if (limits.unprivilegedUserns === "0") {
    return {
      problem: `${USERNS_CLONE} is 0`,
      remedy: `Allow them: sysctl -w ${USERNS_CLONE}=1 (for good: a line in /etc/sysctl.d/)`,
    };
  }
  if (limits.apparmorRestriction === "1") {
    return {
      problem: `AppArmor forbids it (${APPARMOR_USERNS} is 1)`,
      remedy: "Install bubblewrap and its AppArmor profile: apt-get install bubblewrap apparmor-profiles, copy " +
        "/usr/share/apparmor/extra-profiles/bwrap-userns-restrict to /etc/apparmor.d/ and load it with " +
        `apparmor_parser -r; or for all programs: sysctl -w ${APPARMOR_USERNS}=0`,
    };
  }
  if (limits.seccompMode === "2") {
    return {
      problem: "a seccomp filter is around this process, of a container or of another sandbox",
      remedy:
        "Start the container with --security-opt seccomp=unconfined or --privileged, or run outside of the sandbox",
    };
  }
  return { problem: "the system forbids it", remedy: "In a container, start it with --privileged" };
}

/** WSL1 translates system calls and has no namespaces; WSL2 runs a Linux kernel. */
export function isWsl1(procVersion: string): boolean {
  return /Microsoft/.test(procVersion) && !/WSL2|microsoft-standard/.test(procVersion);
}

export function wsl1Unsupported(): CodexError {
  return new CodexError(
    "SANDBOX_UNSUPPORTED",
    "Cannot sandbox commands: WSL1 has no namespaces, which bubblewrap needs",
    {
      hint: "Convert the distribution to WSL2: wsl --set-version DISTRIBUTION 2",
    },
  );
}
