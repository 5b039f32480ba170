// Registers every scenario for one pair; the server lives for the whole file, each scenario opens its own terminal.

import { type Maker, type Pair, type Server, startPair } from "./pair.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";

/** Called once by each test file of this folder. */
export function testPair(client: Maker, server: Server, scenarios: readonly Scenario[] = SCENARIOS): void {
  let pair: Pair | undefined;
  Deno.test.beforeAll(async () => {
    pair = await startPair(client, server);
  });
  Deno.test.afterAll(async () => {
    await pair?.[Symbol.asyncDispose]();
  });
  for (const scenario of scenarios) {
    Deno.test({
      name: `${client} terminal UI, ${
        server === "inProcess" ? "server in its process" : `${server} server`
      }: ${scenario.name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn(): Promise<void> {
        if (pair === undefined) throw new Error("The pair did not start");
        await scenario.run(pair);
      },
    });
  }
}
