// The reference's terminal UI when our server lets go of it: it ends with 1 and says why, and `resume` has everything
// that was done, by the turn itself where the server went on working.

import assert from "node:assert/strict";
import { waitUntil } from "../support/process.ts";
import { startWebSocketProxy } from "../support/websocket_proxy.ts";
import { type Pair, type Seat, startPair } from "./pair.ts";
import { quit, ready, say } from "./scenarios.ts";

const WORK = "%sh:echo kept-$((40+2)) %slow:40";
/** The last word of `%slow:40`. */
const LAST_WORD = "slow-39";

interface End {
  readonly name: string;
  /** Lets go of the client in the middle of the answer. */
  end(pair: Pair, closeClients: (code: number, reason: string) => void): void;
  /** What the reference says, without spaces. */
  readonly says: RegExp;
  /** The server went on, or waited for the turn: the resumed thread has the whole answer. */
  readonly finishes: boolean;
  readonly restarts: boolean;
}

const ENDS: readonly End[] = [
  {
    name: "drains after SIGTERM",
    end: (pair) => pair.remote?.server.signal("SIGTERM"),
    says: /disconnected:serverisshuttingdown/,
    finishes: true,
    restarts: true,
  },
  {
    name: "is killed with SIGKILL",
    end: (pair) => pair.remote?.server.signal("SIGKILL"),
    says: /transportfailed:WebSocketprotocolerror:Connectionresetwithoutclosinghandshake/,
    finishes: false,
    restarts: true,
  },
  {
    name: "closes a slow reader with 1013",
    end: (_, closeClients) => closeClients(1013, "too many messages wait for this client"),
    says: /disconnected:toomanymessageswaitforthisclient/,
    finishes: true,
    restarts: false,
  },
  {
    name: "goes away with 1001",
    end: (_, closeClients) => closeClients(1001, "going away"),
    says: /disconnected:goingaway/,
    finishes: true,
    restarts: false,
  },
];

for (const { name, end, says, finishes, restarts } of ENDS) {
  Deno.test({
    name: `reference terminal UI, ours server: the server ${name}`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(): Promise<void> {
      await using pair = await startPair("reference", "ours");
      await using proxy = startWebSocketProxy(pair.remote?.url ?? "");
      const seat: Seat = restarts ? {} : { url: proxy.url };
      {
        await using terminal = await pair.openTui([], seat);
        await ready(pair, terminal);
        await say(pair, terminal, `work on it ${WORK}`);
        // The second request of the turn: the command has run and the answer streams.
        await waitUntil("the answer streams", () => pair.model.requests.length >= 2);
        end(pair, proxy.closeClients);
        assert.equal(await terminal.waitForExit(), 1);
        assert.match((await terminal.history()).replace(/\s+/g, ""), says);
      }
      if (restarts) {
        await pair.remote?.server.exit();
        await pair.restartServer();
      }
      await using terminal = await pair.openTui(["resume", "--last"], seat);
      await terminal.waitFor([/work on it/, ...(finishes ? [new RegExp(LAST_WORD)] : [])]);
      await say(pair, terminal, "and go on %say:resumed-answer");
      await terminal.waitFor(/resumed-answer$/m);
      const heard = JSON.stringify(pair.model.requests.at(-1)?.body.input);
      assert.match(heard, /work on it/);
      assert.match(heard, /kept-42/, "the model no longer hears what the command printed");
      if (finishes) assert.ok(heard.includes(LAST_WORD), "the model no longer hears the whole answer");
      await quit(terminal);
    },
  });
}
