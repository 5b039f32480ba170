// `codex app-server install-service`: writes the systemd unit that runs this program as a server, and says what to do
// with it. It starts nothing by itself.
import { isAbsolutePath, joinPath, parentPath } from "../../base/absolute_path.ts";
import { CodexError, systemMessageOf } from "../../base/errors.ts";
import { joinShellWords } from "../../base/shell_words.ts";
import { homeFolder } from "../../host/env.ts";
import { findText, makeFolder, writeText } from "../../host/files.ts";
import { programPath, readPlatform } from "../../host/platform.ts";
import type { CliContext } from "../command.ts";
import { EXIT_OK } from "../exit_codes.ts";
import { type InstallServiceArgs, SYSTEM_TOKEN_FILE } from "../server_tool_args.ts";
import { serviceUnit, type ServiceUnitOptions } from "../service_unit.ts";
import { type FlagName, flagOf } from "../shared_flags.ts";

/** Where a person would have put it. */
const USUAL_PROGRAM = "/usr/local/bin/codex";
const UNIT_NAME = "codex-app-server.service";
const FILE_FLAGS: readonly FlagName[] = ["tlsCert", "tlsKey", "wsTokenFile", "wsSharedSecretFile", "auditLog"];

export async function runInstallService(args: InstallServiceArgs, context: CliContext): Promise<number> {
  const { scope, dryRun, force } = args;
  const serverArguments = fromAnywhere(args.serverArguments, context.folder);
  if (readPlatform().os !== "linux") {
    throw new CodexError("SERVICE_FAILED", "Cannot install a service: systemd is a part of Linux", {
      hint: "Start codex app-server with the service manager of this system",
    });
  }
  const program = programPath() ?? (dryRun ? USUAL_PROGRAM : null);
  if (program === null) {
    throw new CodexError("SERVICE_FAILED", "Cannot install a service: this program runs from its source", {
      hint: "Build it with `deno task build`, then use dist/codex",
    });
  }
  const text = serviceUnit({ scope, program, serverArguments });
  if (dryRun) {
    context.printStdout(text);
    return EXIT_OK;
  }
  const path = joinPath(unitFolder(scope, context), UNIT_NAME);
  const existing = await findText(path);
  if (existing !== null && existing !== text && !force) {
    throw new CodexError("SERVICE_FAILED", `Cannot write the unit: "${path}" is there and says something else`, {
      hint: "Look at the difference with --dry-run, then use --force",
    });
  }
  try {
    await makeFolder(parentPath(path));
    await writeText(path, text, { mode: 0o644 });
  } catch (cause) {
    throw new CodexError("SERVICE_FAILED", `Cannot write the unit "${path}": ${systemMessageOf(cause)}`, {
      cause,
      ...(scope === "system" ? { hint: "Run it with sudo, or use --user" } : {}),
    });
  }
  context.printStdout(`${path}\n`);
  context.printStderr(nextSteps({ scope, program, serverArguments }));
  return EXIT_OK;
}

/** A service starts in another folder: files are named by whole paths. "%d" and the like are the service manager's. */
function fromAnywhere(words: readonly string[], folder: string): readonly string[] {
  const takers: readonly string[] = FILE_FLAGS.map((name) => flagOf(name).long);
  return words.map((word, at) =>
    takers.includes(words[at - 1] ?? "") && !isAbsolutePath(word) && !word.startsWith("%")
      ? joinPath(folder, word)
      : word
  );
}

function unitFolder(scope: InstallServiceArgs["scope"], { environment }: CliContext): string {
  if (scope === "system") return "/etc/systemd/system";
  const home = homeFolder(environment);
  const config = environment["XDG_CONFIG_HOME"] || (home === null ? "" : joinPath(home, ".config"));
  if (config === "") throw new CodexError("SERVICE_FAILED", "Cannot install a service: HOME is not set");
  return joinPath(config, "systemd/user");
}

function nextSteps({ scope, program, serverArguments }: ServiceUnitOptions): string {
  const run = joinShellWords([program]);
  const steps = scope === "user"
    ? [
      "systemctl --user daemon-reload",
      `systemctl --user enable --now ${UNIT_NAME}`,
      "loginctl enable-linger          # to keep it running while you are logged out",
    ]
    : [
      "id codex || useradd --system --home-dir /var/lib/codex --shell /usr/sbin/nologin codex",
      ...(serverArguments.includes(SYSTEM_TOKEN_FILE)
        ? [
          `install -d -m 700 -o codex ${parentPath(SYSTEM_TOKEN_FILE)}`,
          `runuser -u codex -- ${run} app-server token new ${SYSTEM_TOKEN_FILE}`,
        ]
        : []),
      "systemctl daemon-reload",
      `systemctl enable --now ${UNIT_NAME}`,
    ];
  return `The unit is written. Next:\n${steps.map((step) => `  ${step}\n`).join("")}`;
}
