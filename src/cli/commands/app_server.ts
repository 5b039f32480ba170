// in the making
import type { AppServerArgs } from "../high_args.ts";
import type { CliContext } from "../command.ts";
export function runAppServer(_args: AppServerArgs, _context: CliContext): Promise<number> {
  return Promise.reject(new Error("in the making"));
}
