// A job: all processes of a command, ended when its handle closes, in whatever way we end. Source: winnt.h, JobObject.
import { win32Error, type WindowsApi } from "./api.ts";
import { jobExtendedLimits } from "./structs.ts";

const EXTENDED_LIMITS = 9;
const UI_RESTRICTIONS = 4;
const KILL_ON_JOB_CLOSE = 0x2000;
const DIE_ON_UNHANDLED_EXCEPTION = 0x400;
/** Handles of others' windows, system parameters, display settings, global atoms, desktops, end of the session. */
const UI_LIMITS = 0x1 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80;

/** The handle of the job; closing it ends all in it. @throws CodexError SANDBOX_UNAVAILABLE */
export function createKillingJob(api: WindowsApi, options: { readonly limitUi: boolean }): bigint {
  const job = api.CreateJobObjectW(null, null);
  if (job === 0n) throw win32Error(api, "make a job");
  const limits = jobExtendedLimits.write({ LimitFlags: KILL_ON_JOB_CLOSE | DIE_ON_UNHANDLED_EXCEPTION });
  if (api.SetInformationJobObject(job, EXTENDED_LIMITS, limits, limits.length) === 0) {
    const error = win32Error(api, "set the limits of a job");
    api.CloseHandle(job);
    throw error;
  }
  if (options.limitUi) {
    const bits = new Uint8Array(Uint32Array.of(UI_LIMITS).buffer);
    if (api.SetInformationJobObject(job, UI_RESTRICTIONS, bits, bits.length) === 0) {
      const error = win32Error(api, "keep a job from other windows");
      api.CloseHandle(job);
      throw error;
    }
  }
  return job;
}
