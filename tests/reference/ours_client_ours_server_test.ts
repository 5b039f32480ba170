// The terminal UI of `ours` attached to the app server of `ours`; the scenarios are in scenarios.ts.
import { testPair } from "./run_pair.ts";

testPair("ours", "ours");
