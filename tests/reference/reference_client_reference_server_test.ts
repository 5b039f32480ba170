// The terminal UI of `reference` attached to the app server of `reference`; the scenarios are in scenarios.ts. It proves
// the tests, and nothing in it is ours: with a binary there is nothing more to see.
import { testsBinary } from "../support/codex_under_test.ts";
import { testPair } from "./run_pair.ts";

if (!testsBinary()) testPair("reference", "reference");
