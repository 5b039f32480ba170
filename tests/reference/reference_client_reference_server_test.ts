// The terminal UI of `reference` attached to the app server of `reference`; the scenarios are in scenarios.ts.
import { testPair } from "./run_pair.ts";

testPair("reference", "reference");
