// in the making
import type { SessionArgs } from "../high_args.ts";
import type { CliContext } from "../command.ts";
export function runSession(_args: SessionArgs, _context: CliContext): Promise<number> {
  return Promise.reject(new Error("in the making"));
}
