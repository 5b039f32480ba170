// What of the network needs a namespace of its own, and what is refused rather than left out.
import { equal, throws } from "node:assert/strict";
import { CodexError } from "../../../../src/base/errors.ts";
import { needsOwnNetwork, refuseSocketLists } from "../../../../src/sandbox/linux/own_network.ts";
import { FULL_NETWORK, NO_NETWORK } from "../../../../src/sandbox/plan.ts";

Deno.test("needsOwnNetwork() is for single loopback ports, not for none or all of the network", () => {
  equal(needsOwnNetwork(NO_NETWORK), false);
  equal(needsOwnNetwork(FULL_NETWORK), false);
  equal(needsOwnNetwork({ ...NO_NETWORK, loopbackPorts: [5432] }), true);
});

Deno.test("refuseSocketLists() refuses sockets that no filter can open alone", () => {
  refuseSocketLists(NO_NETWORK);
  refuseSocketLists(FULL_NETWORK);
  for (
    const plan of [
      { ...NO_NETWORK, unixSockets: ["/run/docker.sock"] },
      { ...NO_NETWORK, unixSockets: "all" as const },
      { ...FULL_NETWORK, unixSockets: [] },
      { ...FULL_NETWORK, unixSockets: ["/run/docker.sock"] },
    ]
  ) {
    throws(() => refuseSocketLists(plan), (error: unknown) => {
      return error instanceof CodexError && error.code === "SANDBOX_UNSUPPORTED" && error.hint !== undefined;
    });
  }
});
