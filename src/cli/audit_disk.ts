// The audit log's file on a real disk.
import { findStat, openAppend, readRange } from "../host/files.ts";
import type { AuditDisk } from "./audit_file.ts";

const LINE_BREAK = 0x0a;

export const AUDIT_DISK: AuditDisk = {
  async append(path, text): Promise<void> {
    const file = await openAppend(path, { mode: 0o600 });
    try {
      const size = await file.size();
      try {
        await file.write(new TextEncoder().encode(text));
      } catch (error) {
        // What is no plain file cannot be cut, and keeps nothing either.
        await file.truncate(size).catch(() => {});
        throw error;
      }
    } finally {
      file.close();
    }
  },
  async endsInLine(path): Promise<boolean> {
    const stat = await findStat(path);
    if (stat === null || stat.kind !== "file" || stat.size === 0) return false;
    const [last] = await readRange(path, stat.size - 1, 1);
    return last !== undefined && last !== LINE_BREAK;
  },
};
