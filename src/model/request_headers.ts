// The address and headers of a request. Source: recorded requests of the reference.
import type { ModelRequest } from "./model_client.ts";
import type { ModelProvider } from "./provider.ts";

/** Where requests go, the provider's query parameters included. */
export function requestUrl(provider: ModelProvider): string {
  const base = provider.baseUrl.replace(/\/+$/, "") + "/responses";
  const query = new URLSearchParams({ ...provider.queryParams }).toString();
  return query === "" ? base : `${base}?${query}`;
}

export interface RequestHeaderOptions {
  readonly provider: ModelProvider;
  readonly request: ModelRequest;
  readonly environment: Readonly<Record<string, string>>;
  readonly userAgent: string;
  readonly originator: string;
  readonly token: string | null;
}

/**
 * The provider's own headers win over the product's. An environment header whose variable is unset or blank is left out.
 * Values go out as UTF-8.
 * @throws TypeError when a header's name or value is not allowed in HTTP.
 */
export function requestHeaders(options: RequestHeaderOptions): Headers {
  const { provider, request, environment, userAgent, originator, token } = options;
  const headers = new Headers({
    "x-codex-turn-metadata": JSON.stringify({ session_id: request.threadId, turn_id: request.turnId }),
    "x-codex-window-id": `${request.threadId}:0`,
    "x-client-request-id": request.threadId,
    session_id: request.threadId,
    accept: "text/event-stream",
    "content-type": "application/json",
    "user-agent": toByteString(userAgent),
    originator: toByteString(originator),
  });
  if (token !== null) headers.set("authorization", toByteString(`Bearer ${token}`));
  for (const [name, value] of Object.entries(provider.httpHeaders)) headers.set(name, toByteString(value));
  for (const [name, variable] of Object.entries(provider.envHttpHeaders)) {
    const value = environment[variable]?.trim();
    if (value) headers.set(name, toByteString(value));
  }
  return headers;
}

/**
 * The web's headers hold bytes, one a character: this is the text's UTF-8 in that form. Control characters are looked
 * for here, since the web's headers take some that the connection then breaks on.
 */
function toByteString(text: string): string {
  // deno-lint-ignore no-control-regex
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) throw new TypeError("a header value has a control character");
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}
