// The environment of a command whose only network is our proxies: every variable by which a tool finds a proxy names
// them, and what was there before is gone. Pure.

export interface ProxyUrls {
  /** `http://[user:password@]127.0.0.1:PORT` */
  readonly http: string;
  /** `socks5h://…`, names resolved by the proxy; null when there is no SOCKS proxy. */
  readonly socks: string | null;
}

/** In both cases where tools read both. Tools that read `ALL_PROXY` alone may speak either protocol. */
const HTTP_VARIABLES = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "WS_PROXY",
  "WSS_PROXY",
  "FTP_PROXY",
  "RSYNC_HTTP_PROXY",
  "YARN_HTTP_PROXY",
  "YARN_HTTPS_PROXY",
  "NPM_CONFIG_HTTPS_PROXY",
  "NPM_CONFIG_PROXY",
  "BUNDLE_HTTP_PROXY",
  "BUNDLE_HTTPS_PROXY",
  "PIP_PROXY",
  "DOCKER_HTTP_PROXY",
  "DOCKER_HTTPS_PROXY",
  "CARGO_HTTP_PROXY",
  "GLOBAL_AGENT_HTTP_PROXY",
  "GLOBAL_AGENT_HTTPS_PROXY",
] as const;
const ALL_VARIABLES = ["ALL_PROXY"] as const;
/** npm warns of this name wherever it is set; so only where somebody set it. */
const ONLY_IF_SET = ["NPM_CONFIG_HTTP_PROXY"] as const;
const EMPTY_VARIABLES = ["NO_PROXY", "NPM_CONFIG_NOPROXY", "GLOBAL_AGENT_NO_PROXY"] as const;
/** They would send a tool elsewhere, or say that there is no network. */
const REMOVED = ["AUTO_PROXY", "AUTO_PROXY_URL", "CODEX_SANDBOX_NETWORK_DISABLED", "CGI_HTTP_PROXY"] as const;

/** Tells commands that their network is our proxies. */
export const NETWORK_PROXIED = "CODEX_SANDBOX_NETWORK_PROXIED";

export function rewriteProxyEnvironment(
  env: Readonly<Record<string, string>>,
  urls: ProxyUrls,
): Record<string, string> {
  const ours: Record<string, string> = {
    ...inBothCases(HTTP_VARIABLES, urls.http),
    ...inBothCases(ONLY_IF_SET.filter((name) => isSet(env, name)), urls.http),
    ...inBothCases(ALL_VARIABLES, urls.socks ?? urls.http),
    ...inBothCases(EMPTY_VARIABLES, ""),
    [NETWORK_PROXIED]: "1",
    // Node's own fetch looks at the variables above only when it is told to.
    NODE_USE_ENV_PROXY: "1",
  };
  const names = new Set([...Object.keys(ours), ...REMOVED].map((name) => name.toLowerCase()));
  const kept = Object.entries(env).filter(([name]) => !names.has(name.toLowerCase()));
  return {
    ...Object.fromEntries(kept),
    ...ours,
    ...javaOptions(env["JAVA_TOOL_OPTIONS"] ?? "", urls.http),
    ...gitConfig(env, urls.http),
  };
}

function isSet(env: Readonly<Record<string, string>>, name: string): boolean {
  return Object.keys(env).some((key) => key.toUpperCase() === name);
}

function inBothCases(names: readonly string[], value: string): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => [[name, value], [name.toLowerCase(), value]]));
}

/** The Java runtime reads no proxy variable; its own options of before are kept, less those about proxies. */
function javaOptions(options: string, http: string): Record<string, string> {
  const { hostname, port } = new URL(http);
  const kept = options.split(/\s+/).filter((word) =>
    word !== "" && !/^-D(?:https?|ftp)\.(?:proxy\w*|nonProxyHosts)=|^-DsocksProxy\w*=/.test(word)
  );
  const ours = ["http", "https"].flatMap((scheme) => [
    `-D${scheme}.proxyHost=${hostname}`,
    `-D${scheme}.proxyPort=${port}`,
  ]);
  return { JAVA_TOOL_OPTIONS: [...kept, ...ours, "-Dhttp.nonProxyHosts="].join(" ") };
}

/** A repository's or the person's `http.proxy` would win over the variables; what comes this way wins over both. */
function gitConfig(env: Readonly<Record<string, string>>, http: string): Record<string, string> {
  const count = /^[0-9]{1,4}$/.test(env["GIT_CONFIG_COUNT"] ?? "") ? Number(env["GIT_CONFIG_COUNT"]) : 0;
  return {
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: "http.proxy",
    [`GIT_CONFIG_VALUE_${count}`]: http,
  };
}
