// The programs that tests and demo need from the machine: bwrap, tmux, git. On a Debian system as root they are
// installed, and it is said; anywhere else the one command that installs them is named.

import { exists } from "./exists.ts";
import { run } from "./process.ts";

/** Of Debian; several may stand for one program. */
const PACKAGES: Record<string, string> = {
  bwrap: "bubblewrap",
  tmux: "tmux",
  git: "git",
  openssl: "openssl",
  nginx: "nginx-light",
  sshd: "openssh-server",
  ssh: "openssh-client",
  ip: "iproute2",
  "systemd-analyze": "systemd",
  gcc: "gcc libc6-dev",
  python3: "python3 python3-venv",
  node: "nodejs",
  go: "golang-go",
  java: "default-jre-headless",
  javac: "default-jdk-headless",
};
/** How each says that it is there, where it is not `--version`. */
const ASK: Record<string, string[]> = {
  tmux: ["-V"],
  openssl: ["version"],
  nginx: ["-v"],
  sshd: ["-V"],
  ssh: ["-V"],
  ip: ["-V"],
};
/** Where Debian keeps programs that only root is thought to want. */
const SYSTEM_FOLDERS = ["", "/usr/sbin/", "/sbin/"];

/** Makes sure that every tool can be run, or throws with the one command to run. `say` gets one line per install. */
export async function ensureTools(tools: string[], say: (line: string) => void): Promise<void> {
  const missing: string[] = [];
  for (const tool of tools) if (!await canRun(tool)) missing.push(tool);
  if (missing.length === 0) return;
  const packages = missing.flatMap((tool) => (PACKAGES[tool] ?? tool).split(" "));
  const isDebian = await exists("/etc/debian_version") && await canRun("apt-get");
  if (!isDebian || Deno.uid() !== 0) {
    throw new Error(`Missing ${missing.join(", ")}: run ${installCommand(packages, isDebian)}`);
  }
  say(`Installing ${packages.join(", ")} with apt-get, because this is a Debian system and you are root`);
  const env = { ...Deno.env.toObject(), DEBIAN_FRONTEND: "noninteractive" };
  const install = { command: "apt-get", args: ["install", "-y", "--no-install-recommends", ...packages] };
  let result = await run(install, { env, timeoutMs: 300_000 });
  if (result.code !== 0) {
    // A fresh machine has no package lists yet.
    await run({ command: "apt-get", args: ["update"] }, { env, timeoutMs: 300_000 });
    result = await run(install, { env, timeoutMs: 300_000 });
  }
  if (result.code !== 0) {
    throw new Error(`Cannot install ${packages.join(", ")}: ${result.stderr.trim().split("\n").at(-1) ?? ""}`);
  }
}

function installCommand(packages: string[], isDebian: boolean): string {
  if (isDebian) return `sudo apt-get install -y ${packages.join(" ")}`;
  if (Deno.build.os === "darwin") return `brew install ${packages.filter((name) => name !== "bubblewrap").join(" ")}`;
  return `your package manager for: ${packages.join(" ")}`;
}

async function canRun(tool: string): Promise<boolean> {
  for (const folder of SYSTEM_FOLDERS) {
    try {
      const { code, stderr } = await run({ command: `${folder}${tool}`, args: ASK[tool] ?? ["--version"] }, {
        timeoutMs: 20_000,
      });
      // Older ones of sshd know no such flag and say so with their version.
      if (code === 0 || (tool === "sshd" && /OpenSSH/.test(stderr))) return true;
    } catch {
      // Not in this folder.
    }
  }
  return false;
}
