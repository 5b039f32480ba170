// The systemd unit of a server, as text. packaging/systemd/ holds what this makes of the defaults; a test keeps the two
// equal. What is confined here must leave bubblewrap its work: it makes namespaces and mounts, and a /proc that is
// covered in part may not be mounted again inside of one. Source: systemd.exec(5), systemd.service(5).

export interface ServiceUnitOptions {
  readonly scope: "user" | "system";
  /** The program, an absolute path. */
  readonly program: string;
  readonly serverArguments: readonly string[];
}

export function serviceUnit({ scope, program, serverArguments }: ServiceUnitOptions): string {
  const command = [program, "app-server", ...serverArguments].map(unitWord).join(" ");
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["Unit", [
      "Description=codex app-server",
      ...(scope === "system" ? ["Wants=network-online.target", "After=network-online.target"] : []),
    ]],
    ["Service", [
      "Type=notify",
      `ExecStart=${command}`,
      ...serverArguments.flatMap((word) => credentialOf(word, scope)),
      "ExecReload=/bin/kill -HUP $MAINPID",
      "# A signal lets running turns end for 30 s.",
      "KillMode=mixed",
      "TimeoutStopSec=45",
      "Restart=on-failure",
      "RestartSec=2",
      "WatchdogSec=60",
      "LimitNOFILE=65536",
      "LimitCORE=0",
      "UMask=0077",
      ...(scope === "system" ? SYSTEM_ONLY : USER_ONLY),
      ...HARDENING,
    ]],
    ["Install", [`WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}`]],
  ];
  return sections.map(([name, lines]) => `[${name}]\n${lines.join("\n")}\n`).join("\n");
}

const SYSTEM_ONLY: readonly string[] = [
  "User=codex",
  "StateDirectory=codex",
  "StateDirectoryMode=0700",
  "Environment=CODEX_HOME=/var/lib/codex HOME=/var/lib/codex",
  "WorkingDirectory=/var/lib/codex",
  "# OPENAI_API_KEY=… and the like; mode 600.",
  "EnvironmentFile=-/etc/codex/environment",
  "ProtectSystem=full",
  "PrivateTmp=yes",
  "ProtectKernelModules=yes",
  "ProtectClock=yes",
  "RemoveIPC=yes",
  "KeyringMode=private",
  "CapabilityBoundingSet=",
  "AmbientCapabilities=",
];

const USER_ONLY: readonly string[] = [
  "# OPENAI_API_KEY=… and the like; mode 600.",
  "EnvironmentFile=-%h/.codex/environment",
];

/** Not here, because bubblewrap needs them: namespaces, mounts, an uncovered /proc. The runtime compiles to memory. */
const HARDENING: readonly string[] = [
  "NoNewPrivileges=yes",
  "RestrictSUIDSGID=yes",
  "RestrictRealtime=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  "SystemCallFilter=~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap",
];

/** `%d/NAME` is a file that the service manager reads as root and hands over; it is read once, at the start. */
function credentialOf(word: string, scope: ServiceUnitOptions["scope"]): string[] {
  const name = /^%d\/([A-Za-z0-9_.-]+)$/.exec(word)?.[1];
  return name === undefined
    ? []
    : [`LoadCredential=${name}:${scope === "system" ? "/etc/codex" : "%h/.codex"}/${name}`];
}

/** A word of a command line in a unit: quoted where needed; "%" and "$" mean something there. */
function unitWord(word: string): string {
  const text = word.replace(/\$/g, "$$$$").replace(/%(?!d\/)/g, "%%");
  return /^[A-Za-z0-9_@+=:,./%$[\]-]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
