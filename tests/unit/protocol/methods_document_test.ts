// METHODS.md is derived: the committed text is what the tables say now.
import assert from "node:assert/strict";
import { methodsDocument } from "../../../src/protocol/methods_document.ts";

Deno.test("methodsDocument() is what METHODS.md holds", async () => {
  const committed = await Deno.readTextFile(new URL("../../../src/protocol/METHODS.md", import.meta.url));
  assert.equal(committed, methodsDocument());
});
