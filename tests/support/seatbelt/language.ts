// The part of the Seatbelt language that is known here, as tables: operations with the one above each, filters with what
// they take, modifiers. What is in no table is an error, as it is for the system.

/** Each operation and the wider one that a rule may name instead. */
export const OPERATIONS: Readonly<Record<string, string | null>> = {
  "default": null,
  "file*": "default",
  "file-clone": "file*",
  "file-ioctl": "file*",
  "file-link": "file*",
  "file-map-executable": "file*",
  "file-read*": "file*",
  "file-read-data": "file-read*",
  "file-read-metadata": "file-read*",
  "file-read-xattr": "file-read*",
  "file-write*": "file*",
  "file-write-create": "file-write*",
  "file-write-data": "file-write*",
  "file-write-flags": "file-write*",
  "file-write-mode": "file-write*",
  "file-write-owner": "file-write*",
  "file-write-times": "file-write*",
  "file-write-unlink": "file-write*",
  "file-write-xattr": "file-write*",
  "iokit-open": "default",
  "ipc-posix*": "default",
  "ipc-posix-sem": "ipc-posix*",
  "ipc-posix-shm-read*": "ipc-posix*",
  "ipc-posix-shm-read-data": "ipc-posix-shm-read*",
  "ipc-posix-shm-read-metadata": "ipc-posix-shm-read*",
  "ipc-posix-shm-write-create": "ipc-posix*",
  "ipc-posix-shm-write-data": "ipc-posix*",
  "ipc-posix-shm-write-unlink": "ipc-posix*",
  "mach*": "default",
  "mach-host*": "mach*",
  "mach-lookup": "mach*",
  "mach-register": "mach*",
  "network*": "default",
  "network-bind": "network*",
  "network-inbound": "network*",
  "network-outbound": "network*",
  "nvram*": "default",
  "process-exec*": "default",
  "process-exec": "process-exec*",
  "process-fork": "default",
  "process-info*": "default",
  "process-info-listpids": "process-info*",
  "process-info-pidinfo": "process-info*",
  "pseudo-tty": "default",
  "signal": "default",
  "sysctl-read": "default",
  "sysctl-write": "default",
  "system-socket": "default",
  "user-preference-read": "default",
};

export type ArgumentKind = "text" | "number" | "symbol" | "filter" | "address";

interface FilterForm {
  readonly takes: ArgumentKind;
  readonly least: number;
  readonly most: number;
  /** What a symbol may be. */
  readonly words?: readonly string[];
}

const ONE_TEXT: FilterForm = { takes: "text", least: 1, most: 1 };

export const FILTERS: Readonly<Record<string, FilterForm>> = {
  "extension": ONE_TEXT,
  "global-name": ONE_TEXT,
  "iokit-registry-entry-class": ONE_TEXT,
  "ioctl-command": { takes: "number", least: 1, most: 1 },
  "ipc-posix-name-prefix": ONE_TEXT,
  "ipc-posix-name-regex": ONE_TEXT,
  "literal": ONE_TEXT,
  "local": { takes: "address", least: 1, most: 2 },
  "local-name": ONE_TEXT,
  "path-ancestors": ONE_TEXT,
  "regex": ONE_TEXT,
  "remote": { takes: "address", least: 1, most: 2 },
  "require-all": { takes: "filter", least: 1, most: Infinity },
  "require-any": { takes: "filter", least: 1, most: Infinity },
  "require-not": { takes: "filter", least: 1, most: 1 },
  "socket-domain": { takes: "symbol", least: 1, most: 1, words: ["AF_SYSTEM", "AF_UNIX"] },
  "socket-protocol": { takes: "number", least: 1, most: 1 },
  "subpath": ONE_TEXT,
  "sysctl-name": ONE_TEXT,
  "sysctl-name-prefix": ONE_TEXT,
  "target": { takes: "symbol", least: 1, most: 1, words: ["same-sandbox", "self", "others", "children"] },
  "vnode-type": {
    takes: "symbol",
    least: 1,
    most: 1,
    words: ["CHARACTER-DEVICE", "DIRECTORY", "REGULAR-FILE", "SYMLINK"],
  },
};

/** `(with message "…")` and their like. */
export const MODIFIERS = ["message", "report", "no-report"];

/** The system knows two hosts. */
export const IP_ADDRESS = /^(localhost|\*):(\*|[1-9]\d{0,4})$/;

/** The operation and all that are wider, narrowest first. */
export function operationAndWider(operation: string): readonly string[] {
  const wider = OPERATIONS[operation];
  if (wider === undefined) throw new SyntaxError(`unknown operation ${operation}`);
  return wider === null ? [operation] : [operation, ...operationAndWider(wider)];
}
