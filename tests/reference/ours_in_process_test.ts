// Plain `codex`: our terminal UI with the server in its process; the scenarios are in scenarios.ts.
import { testPair } from "./run_pair.ts";

testPair("ours", "inProcess");
