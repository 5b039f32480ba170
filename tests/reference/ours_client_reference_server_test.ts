// The terminal UI of `ours` attached to the app server of `reference`; the scenarios are in scenarios.ts.
import { testPair } from "./run_pair.ts";

testPair("ours", "reference");
