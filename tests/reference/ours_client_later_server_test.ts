// The terminal UI of `ours` attached to the app server of a later reference; the scenarios are in scenarios.ts. Left out:
// patches, for which that server has no tool with this model and no `untrusted` to ask under.
import { testPair } from "./run_pair.ts";
import { SCENARIOS } from "./scenarios.ts";

testPair("ours", "later", SCENARIOS.filter(({ name }) => !name.startsWith("a patch")));
