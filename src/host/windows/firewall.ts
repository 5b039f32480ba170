// Outbound rules of Windows' firewall that are about one user, through the firewall's own objects (HNetCfg) in Windows
// PowerShell: they are COM, and cannot be called here. Every rule is read back. Source: INetFwPolicy2, INetFwRule3.
import { CodexError, messageOf } from "../../base/errors.ts";
import { quoted, runPowershell } from "./powershell.ts";

const TIMEOUT_MS = 60_000;
const ACTION_BLOCK = 0;
const OUTBOUND = 2;
const ALL_PROFILES = 0x7fff_ffff;
const ANY_PROTOCOL = 256;

export interface UserRule {
  readonly name: string;
  /** Who is blocked. */
  readonly sid: string;
  /** Addresses that it is about, as the firewall reads them; `*` for all. */
  readonly addresses: string;
}

/** Who each rule blocks: null when there is none, "" when it is not as `setUserRule` leaves it. */
export async function readUserRules(rules: readonly Omit<UserRule, "sid">[]): Promise<readonly (string | null)[]> {
  const names = rules.map(({ name }) => quoted(name)).join(",");
  const output = await powershell(`
$p = New-Object -ComObject HNetCfg.FwPolicy2
$found = @($p.Rules | Where-Object { @(${names}) -contains $_.Name } | ForEach-Object {
  @{ n=$_.Name; d=$_.Direction; a=$_.Action; e=$_.Enabled; p=$_.Profiles; r=$_.RemoteAddresses; o=$_.Protocol; u=$_.LocalUserAuthorizedList } })
ConvertTo-Json -Compress -InputObject $found`);
  const found = parseRules(output);
  return rules.map(({ name, addresses }) => {
    const [first, ...more] = found.filter((rule) => rule["n"] === name);
    if (first === undefined) return null;
    const isRight = more.length === 0 && first["d"] === OUTBOUND && first["a"] === ACTION_BLOCK &&
      first["e"] === true &&
      first["p"] === ALL_PROFILES && first["o"] === ANY_PROTOCOL && isSameAddresses(first["r"], addresses);
    return isRight ? userOf(first["u"]) ?? "" : "";
  });
}

/** In place of any of that name. @throws CodexError SANDBOX_UNAVAILABLE */
export async function setUserRule({ name, sid, addresses }: UserRule): Promise<void> {
  await powershell(`
${removing(name)}
$r = New-Object -ComObject HNetCfg.FWRule
$r.Name = ${quoted(name)}
$r.Description = 'Keeps commands of codex that run without a network from the network'
$r.Direction = ${OUTBOUND}
$r.Action = ${ACTION_BLOCK}
$r.Protocol = ${ANY_PROTOCOL}
$r.Profiles = ${ALL_PROFILES}
$r.RemoteAddresses = ${quoted(addresses)}
$r.LocalUserAuthorizedList = ${quoted(`O:LSD:(A;;CC;;;${sid})`)}
$r.Enabled = $true
$p.Rules.Add($r)
'done'`);
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export async function removeUserRule(name: string): Promise<void> {
  await powershell(`${removing(name)}\n'done'`);
}

/** One call takes away one rule, and there may be several of a name. */
function removing(name: string): string {
  return `$p = New-Object -ComObject HNetCfg.FwPolicy2
@($p.Rules | Where-Object { $_.Name -eq ${quoted(name)} }) | ForEach-Object { $p.Rules.Remove(${quoted(name)}) }`;
}

/** The firewall writes masks out: `127.0.0.0/255.0.0.0`. */
function isSameAddresses(found: unknown, wanted: string): boolean {
  if (typeof found !== "string") return false;
  const bare = (text: string): string =>
    text.split(",").map((one) => one.trim().replace(/\/.*$/, "").split("-")[0] ?? "").sort().join();
  return bare(found) === bare(wanted);
}

/** The one SID that an SDDL text allows. */
function userOf(sddl: unknown): string | null {
  return typeof sddl === "string" ? /D:\(A;;CC;;;(S-1-[0-9-]+)\)$/.exec(sddl)?.[1] ?? null : null;
}

function parseRules(output: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const value: unknown = JSON.parse(output);
    if (Array.isArray(value)) return value.filter((one) => typeof one === "object" && one !== null);
  } catch {
    // Said below.
  }
  throw unavailable(`PowerShell answered ${JSON.stringify(output.slice(0, 200))}`);
}

async function powershell(script: string): Promise<string> {
  try {
    return await runPowershell(script, { timeoutMs: TIMEOUT_MS });
  } catch (cause) {
    throw unavailable(messageOf(cause), cause);
  }
}

function unavailable(why: string, cause?: unknown): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot use the firewall of Windows: ${why}`, {
    hint: "See that the services MpsSvc and BFE run, and that nothing forbids Windows PowerShell",
    ...(cause === undefined ? {} : { cause }),
  });
}
