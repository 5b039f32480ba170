// What of the network needs a namespace of its own, and what is refused rather than left out.
import { deepEqual, equal, throws } from "node:assert/strict";
import { CodexError } from "../../../../src/base/errors.ts";
import { needsOwnNetwork, refuseSocketLists, socketListOf } from "../../../../src/sandbox/linux/own_network.ts";
import { FULL_NETWORK, NO_NETWORK } from "../../../../src/sandbox/plan.ts";

Deno.test("needsOwnNetwork() is for single loopback ports, not for none or all of the network", () => {
  equal(needsOwnNetwork(NO_NETWORK), false);
  equal(needsOwnNetwork(FULL_NETWORK), false);
  equal(needsOwnNetwork({ ...NO_NETWORK, loopbackPorts: [5432] }), true);
});

Deno.test("refuseSocketLists() refuses to keep sockets shut beside the whole network", () => {
  for (const unixSockets of [[], ["/run/docker.sock"], "all"] as const) {
    refuseSocketLists({ ...NO_NETWORK, unixSockets });
    if (unixSockets === "all") refuseSocketLists({ ...FULL_NETWORK, unixSockets });
    else {
      throws(() => refuseSocketLists({ ...FULL_NETWORK, unixSockets }), (error: unknown) => {
        return error instanceof CodexError && error.code === "SANDBOX_UNSUPPORTED" && error.hint !== undefined;
      });
    }
  }
});

Deno.test("socketListOf() is a list where somebody has to decide, else null", () => {
  const list = ["/run/docker.sock"];
  deepEqual(socketListOf({ ...NO_NETWORK, unixSockets: list }), list);
  for (const network of [NO_NETWORK, FULL_NETWORK, { ...NO_NETWORK, unixSockets: "all" as const }]) {
    equal(socketListOf(network), null);
  }
});
