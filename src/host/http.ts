// The only `fetch`. HTTP/1.1 with no idle connections kept: on reused HTTP/2 connections a body read can hang for
// ever (denoland/deno#21749), and a fresh connection costs little beside a model's answer.

export interface HttpHandle extends Disposable {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export interface HttpOptions {
  /** PEM text of certificates to trust beside the machine's. Default none. */
  readonly caCerts?: readonly string[];
}

/** Proxies are taken from the environment by the runtime itself. Dispose to close open connections. */
export function createHttp(options: HttpOptions = {}): HttpHandle {
  const client = Deno.createHttpClient({
    http1: true,
    http2: false,
    poolMaxIdlePerHost: 0,
    caCerts: [...options.caCerts ?? []],
  });
  return {
    fetch: (url, init) => fetch(url, { ...init, client }),
    [Symbol.dispose]: () => client.close(),
  };
}
