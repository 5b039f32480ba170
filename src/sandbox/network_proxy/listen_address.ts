// Where our proxies are told to listen. Pure. Anything but a loopback address and a port of 1–65535 is an error before a
// command starts.
import { isLoopbackAddress, parseIpAddress } from "../../base/ip_address.ts";
import { CodexError } from "../../base/errors.ts";
import type { NetworkRules } from "../plan.ts";

export interface ProxyAddress {
  readonly address: string;
  readonly port: number;
}

/** Null members: no wish (`http`), or no wish or none at all (`socks`). */
export interface ProxyAddresses {
  readonly http: ProxyAddress | null;
  readonly socks: ProxyAddress | "off" | null;
}

type ListenRules = Pick<NetworkRules, "httpListen" | "socksListen" | "allowNonLoopbackListen">;

/** @throws CodexError CONFIG_INVALID */
export function proxyAddresses(rules: ListenRules): ProxyAddresses {
  const http = rules.httpListen === null ? null : parseListen(rules.httpListen, ["http:"], rules);
  const socks = rules.socksListen === null || rules.socksListen === "off"
    ? rules.socksListen
    : parseListen(rules.socksListen, ["socks5:", "socks5h:"], rules);
  if (http !== null && socks !== null && socks !== "off" && http.port === socks.port) {
    throw bad(rules.socksListen ?? "", "the HTTP proxy has this port already", "Give the two proxies two ports");
  }
  return { http, socks };
}

function parseListen(text: string, schemes: readonly string[], rules: ListenRules): ProxyAddress {
  const [scheme] = schemes;
  const url = URL.parse(/^[a-z0-9+.-]+:\/\//i.test(text) ? text : `${scheme}//${text}`);
  if (url === null || !schemes.includes(url.protocol)) {
    throw bad(text, `it is no ${scheme}// address`, `Write ${scheme}//127.0.0.1:PORT`);
  }
  const portText = /:([0-9]+)\/?$/.exec(text)?.[1];
  const port = Number(portText ?? (scheme === "http:" ? 80 : 1080));
  if (!(port >= 1 && port <= 65_535)) {
    throw bad(text, `there is no port ${port}`, "Name a port from 1 to 65535, or leave the setting out for a free one");
  }
  if (url.username !== "" || url.password !== "") {
    throw bad(text, "it holds credentials", "Leave them out: the proxy makes its own where it needs them");
  }
  const named = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const address = named === "localhost" ? "127.0.0.1" : named;
  if (parseIpAddress(address) === null) throw bad(text, "its host is no address", `Write ${scheme}//127.0.0.1:${port}`);
  if (!isLoopbackAddress(address) && !rules.allowNonLoopbackListen) {
    throw bad(
      text,
      "other machines could reach it",
      "Use a loopback address (127.0.0.1), or set dangerously_allow_non_loopback_proxy = true",
    );
  }
  return { address, port };
}

function bad(text: string, problem: string, hint: string): CodexError {
  const shown = JSON.stringify(text.replace(/\/\/[^/]*@/, "//…@"));
  return new CodexError("CONFIG_INVALID", `Cannot use the proxy address ${shown}: ${problem}`, { hint });
}
