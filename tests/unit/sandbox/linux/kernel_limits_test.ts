import { equal, match } from "node:assert/strict";
import { probeError } from "../../../../src/sandbox/linux/bwrap_probe.ts";
import { describeNamespaceLimits, isWsl1, type KernelLimits } from "../../../../src/sandbox/linux/kernel_limits.ts";
import { warningsOf } from "../../../../src/sandbox/linux/start_warnings.ts";

const open: KernelLimits = {
  unprivilegedUserns: "1",
  maxUserNamespaces: "15000",
  apparmorRestriction: "0",
  seccompMode: "0",
};

const ROWS: readonly (readonly [Partial<KernelLimits>, RegExp, RegExp])[] = [
  [{ maxUserNamespaces: "0" }, /user\.max_user_namespaces is 0/, /sysctl -w user\.max_user_namespaces=15000/],
  [{ unprivilegedUserns: "0" }, /kernel\.unprivileged_userns_clone is 0/, /kernel\.unprivileged_userns_clone=1/],
  [{ apparmorRestriction: "1" }, /AppArmor/, /bwrap-userns-restrict.*apparmor_restrict_unprivileged_userns=0/],
  [{ seccompMode: "2" }, /seccomp filter/, /--privileged/],
  [{}, /the system forbids it/, /--privileged/],
];

for (const [limits, problem, remedy] of ROWS) {
  Deno.test(`describeNamespaceLimits() names the setting: ${JSON.stringify(limits)}`, () => {
    const described = describeNamespaceLimits({ ...open, ...limits });
    match(described.problem, problem);
    match(described.remedy, remedy);
  });
}

const OUTPUTS: readonly (readonly [number | null, string, RegExp])[] = [
  [null, "", /gave no answer within 2000 ms/],
  [1, "bwrap: setting up uid map: Permission denied\n", /may not create user namespaces here: AppArmor/],
  [1, "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted\n", /may not create user namespaces here/],
  [1, "bwrap: Can't mount proc on /newroot/proc: Operation not permitted\n", /may not mount \/proc here/],
  [127, "bwrap: error while loading shared libraries: libcap.so.2\n", /does not work: .*libcap/],
  [9, "", /does not work: exit code 9/],
];

for (const [exitCode, output, expected] of OUTPUTS) {
  Deno.test(`probeError() tells apart: ${exitCode} ${output.trim()}`, () => {
    const machine = { limits: { ...open, apparmorRestriction: "1" }, timeoutMs: 2_000 };
    const error = probeError("/usr/bin/bwrap", { exitCode, output }, machine);
    match(error.message, expected);
    equal(error.code, "SANDBOX_UNAVAILABLE");
    equal(typeof error.hint, "string");
  });
}

Deno.test("isWsl1() knows WSL1 from WSL2 and Linux", () => {
  equal(
    isWsl1("Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com) (gcc version 5.4.0) #1237-Microsoft"),
    true,
  );
  equal(isWsl1("Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1) (gcc 11.2.0)"), false);
  equal(isWsl1("Linux version 4.19.84-microsoft-standard (oe-user@oe-host) (gcc version 8.2.0)"), false);
  equal(isWsl1("Linux version 6.18.44 (builder@host) (gcc (GCC) 15.3.0)"), false);
});

Deno.test("warningsOf() is silent when all is well, and says what is used instead when it is not", () => {
  const choice = { path: "/usr/bin/bwrap", proc: "fresh", isBundled: false, troubles: [] } as const;
  equal(warningsOf(choice).length, 0);
  match(warningsOf({ ...choice, isBundled: true })[0]?.summary ?? "", /not on PATH: commands use the one that ships/);
  match(warningsOf({ ...choice, proc: "shared" })[0]?.details ?? "", /command lines of other processes/);
});
