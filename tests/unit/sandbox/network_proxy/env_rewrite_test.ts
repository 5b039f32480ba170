// Every variable by which a tool finds a proxy, and nothing else of the environment.
import { deepEqual, equal, ok } from "node:assert/strict";
import { rewriteProxyEnvironment } from "../../../../src/sandbox/network_proxy/env_rewrite.ts";

const URLS = { http: "http://127.0.0.1:3128", socks: "socks5h://127.0.0.1:1080" };

Deno.test("rewriteProxyEnvironment() names our proxies in both cases and keeps the rest", () => {
  const env = rewriteProxyEnvironment({ PATH: "/bin", HOME: "/h" }, URLS);
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "YARN_HTTPS_PROXY", "PIP_PROXY", "CARGO_HTTP_PROXY"]) {
    equal(env[name], URLS.http);
    equal(env[name.toLowerCase()], URLS.http);
  }
  deepEqual([env["ALL_PROXY"], env["all_proxy"]], [URLS.socks, URLS.socks]);
  deepEqual([env["PATH"], env["HOME"], env["NO_PROXY"], env["no_proxy"]], ["/bin", "/h", "", ""]);
  equal(env["CODEX_SANDBOX_NETWORK_PROXIED"], "1");
});

Deno.test("rewriteProxyEnvironment() leaves nothing of what was there before", () => {
  const before = {
    Http_Proxy: "http://corp:1",
    HTTPS_PROXY: "http://user:secret@corp:1",
    all_proxy: "socks5://corp:2",
    no_proxy: "*",
    NPM_CONFIG_PROXY: "http://corp:3",
    npm_config_https_proxy: "http://corp:3",
    npm_config_http_proxy: "http://corp:3",
    CODEX_SANDBOX_NETWORK_DISABLED: "1",
    JAVA_TOOL_OPTIONS: "-Xmx1g -Dhttp.proxyHost=corp -Dhttps.proxyPort=1 -DsocksProxyHost=corp -Dhttp.nonProxyHosts=*",
  };
  const env = rewriteProxyEnvironment(before, URLS);
  ok(!Object.values(env).some((value) => value.includes("corp")));
  ok(!("Http_Proxy" in env) && !("CODEX_SANDBOX_NETWORK_DISABLED" in env));
  equal(env["npm_config_http_proxy"], URLS.http);
  equal(
    env["JAVA_TOOL_OPTIONS"],
    "-Xmx1g -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=3128 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=3128 " +
      "-Dhttp.nonProxyHosts=",
  );
});

Deno.test("rewriteProxyEnvironment() uses the HTTP proxy for all when there is no SOCKS proxy", () => {
  equal(rewriteProxyEnvironment({}, { ...URLS, socks: null })["ALL_PROXY"], URLS.http);
});

Deno.test("rewriteProxyEnvironment() adds to settings of git that come by the environment", () => {
  const given = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "user.name", GIT_CONFIG_VALUE_0: "x" };
  const env = rewriteProxyEnvironment(given, URLS);
  deepEqual(
    [env["GIT_CONFIG_COUNT"], env["GIT_CONFIG_KEY_0"], env["GIT_CONFIG_KEY_1"], env["GIT_CONFIG_VALUE_1"]],
    ["2", "user.name", "http.proxy", URLS.http],
  );
  equal(rewriteProxyEnvironment({ GIT_CONFIG_COUNT: "many" }, URLS)["GIT_CONFIG_COUNT"], "1");
});
