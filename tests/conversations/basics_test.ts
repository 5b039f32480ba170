// Conversations about the protocol itself: the handshake, what is refused and how, what a client does not hear.
import { conversation, settle } from "./conversation.ts";
import { threadIdOf } from "./fake_agent.ts";

conversation(
  "initialize_rules",
  `Nothing but a well-formed "initialize" passes before it, and it passes once.
The user agent begins with the first client's name, whoever asks.`,
  async (talk) => {
    const a = talk.connect("A");
    await a.request("model/list", {});
    await a.request("no/such", {});
    await a.say({ method: "initialized" });
    await a.request("account/read", {});
    await a.request("initialize", {});
    await a.request("initialize");
    await a.request("initialize", { clientInfo: { name: "x" } });
    await a.request("initialize", { clientInfo: { name: "a\nb", version: "1" } });
    await a.say({ method: "initialize", id: "str-id", params: { clientInfo: { name: "probe", version: "1.0" } } });
    await a.request("initialize", { clientInfo: { name: "probe", version: "1.0" }, capabilities: null });
    await a.request("account/read", {});
    talk.note("a second client, with an empty name");
    const b = talk.connect("B");
    await b.request("initialize", { clientInfo: { name: "", title: null, version: "" } });
    talk.note("nobody waits for the answer to initialize");
    const c = talk.connect("C");
    c.silently({ method: "initialize", id: 1, params: { clientInfo: { name: "c", version: "1" } } });
    c.silently({ method: "initialized" });
    c.silently({ method: "account/read", id: 2, params: {} });
    await settle();
  },
);

conversation(
  "jsonrpc_errors",
  `Requests that cannot be decoded are answered with -32600 and the decoder's reason.`,
  async (talk) => {
    const a = await talk.join("A");
    await a.request("no/such/method");
    const rows: [string, unknown?][] = [
      ["thread/read", {}],
      ["thread/read", { threadId: 5 }],
      ["thread/read", []],
      ["thread/read", "x"],
      ["thread/read"],
      ["thread/read", null],
      ["account/read", 5],
      ["model/list", { limit: "x" }],
      ["model/list", { limit: -1 }],
      ["model/list", { limit: 1.5 }],
      ["model/list", { unknownField: 1 }],
      ["turn/start", { threadId: "x", input: [{ type: "bogus" }] }],
      ["turn/start", { threadId: "x", input: [{}] }],
      ["turn/start", { threadId: "x", input: [{ type: "text" }] }],
      ["turn/start", { threadId: "x", input: [5] }],
      ["turn/start", { threadId: "x", input: {} }],
      ["turn/start", { threadId: "x" }],
      ["thread/start", { sandbox: "bogus" }],
      ["thread/start", { approvalPolicy: 5 }],
      ["thread/start", { approvalPolicy: { granular: 5 } }],
      ["thread/start", { config: 5 }],
      ["thread/start", { ephemeral: 5 }],
      ["thread/list", { sortKey: "bogus" }],
      ["thread/list", { sourceKinds: "x" }],
      ["initialize", { clientInfo: 5 }],
    ];
    for (const [method, params] of rows) await a.request(method, params);
    talk.note("ids");
    for (const id of ["abc", 0, -1, 9007199254740992]) await a.say({ method: "account/read", id, params: {} });
    await a.say({ jsonrpc: "2.0", method: "account/read", id: 501, params: {}, extra: 1 });
    talk.note("failures of the server's own");
    await a.request("config/read", {});
    await a.request("thread/start", { modelProvider: "nope" });
    await a.request("thread/start", { model: "boom" });
    for (const line of talk.logged) talk.write(`log: ${line}`);
  },
);

conversation(
  "malformed",
  `What is no message is answered with an error whose id is null, and the connection goes on.
Answers that nobody waits for and notifications are taken silently.`,
  async (talk) => {
    const a = await talk.join("A");
    const texts = ["not json", "{", "", "null", "5", "[]", "{}", '{"id":1}', '{"method":5,"id":1}'];
    for (const text of texts) await a.text(text);
    for (const id of [1.5, null, [1], true]) await a.say({ method: "account/read", id, params: {} });
    await a.text('[{"method":"account/read","id":701,"params":{}}]');
    await a.text('{"method":"account/read","id":601,"params":{}}{"method":"account/read","id":602,"params":{}}');
    talk.note("silence");
    await a.text('{"id":1,"result":{}}');
    await a.text('{"id":1,"error":{"code":1,"message":"x"}}');
    await a.text('{"method":"unknown/notification"}');
    await a.text('{"method":"account/read"}');
    talk.note("still alive");
    await a.request("account/read", {});
  },
);

conversation(
  "experimental_gating",
  `Without experimentalApi, experimental fields are refused by name; values that say nothing are not.`,
  async (talk) => {
    const a = await talk.join("A", null);
    await a.request("thread/start", { mockExperimentalField: "x" });
    await a.request("thread/start", { persistExtendedHistory: true });
    await a.request("thread/start", {
      approvalPolicy: { granular: { sandbox_approval: true, rules: true, mcp_elicitations: true } },
    });
    await a.request("thread/resume", { threadId: threadIdOf(1), history: [] });
    await a.request("thread/start", { dynamicTools: [], persistExtendedHistory: false });
    await a.request("turn/start", { threadId: threadIdOf(1), input: [], responsesapiClientMetadata: { a: "b" } });
    talk.note("with it");
    const b = await talk.join("B", { experimentalApi: true });
    await b.request("thread/start", { mockExperimentalField: "x" });
  },
);

conversation(
  "opt_outs",
  `A client hears none of the methods that it opted out of; others hear them all.`,
  async (talk) => {
    const optOutNotificationMethods = [
      "item/agentMessage/delta",
      "thread/started",
      "bogus/method",
      "thread/status/changed",
    ];
    const a = await talk.join("A", { experimentalApi: true, optOutNotificationMethods });
    await a.request("thread/start", {});
    const b = await talk.join("B");
    await b.request("thread/resume", { threadId: threadIdOf(1) });
    await a.request("turn/start", { threadId: threadIdOf(1), input: [] });
    talk.agent.thread(1).say("Hello");
    talk.agent.thread(1).finish();
    await settle();
  },
);

conversation(
  "overload",
  `More than 128 requests of one connection that wait for their answer: the others are refused with -32001,
and the waiting ones are all answered. Other connections are not concerned.`,
  async (talk) => {
    const a = await talk.join("A");
    const b = await talk.join("B");
    await a.request("thread/start", {});
    await a.request("turn/start", { threadId: threadIdOf(1), input: [] });
    talk.agent.thread(1).slowToStop = true;
    talk.note("A sends 130 interrupts that wait for the turn to end");
    const params = { threadId: threadIdOf(1), turnId: "turn-1" };
    for (let id = 1000; id < 1130; id++) a.silently({ method: "turn/interrupt", id, params });
    await settle();
    await b.request("account/read", {});
    const before = talk.lines.length;
    talk.agent.thread(1).finish("interrupted");
    await settle();
    const answers = talk.lines.splice(before).filter((line) => line.endsWith('"result":{}}'));
    talk.write(`A got ${answers.length} answers`);
  },
);

conversation(
  "catalog",
  `Who the server is and what it offers comes from its services, as they say it.`,
  async (talk) => {
    const a = talk.connect("A");
    await a.initialize();
    await a.request("account/read", { refreshToken: false });
    await a.request("model/list", { cursor: null, limit: null, includeHidden: true });
    await a.request("model/list", { cursor: "bogus" });
    await a.request("skills/list", { forceReload: true, perCwdExtraUserRoots: null });
    await a.request("config/read", { includeLayers: false });
  },
);

conversation(
  "windows_sandbox_setup",
  `Setup of the Windows sandbox is answered at once, and its end told to the client that asked, to no other.`,
  async (talk) => {
    const a = await talk.join("A");
    await talk.join("B");
    await a.request("windowsSandbox/setupStart", { mode: "unelevated", cwd: null });
    await settle();
    await a.request("windowsSandbox/setupStart", { mode: "elevated", cwd: "/work" });
    await settle();
    talk.note("what is refused");
    await a.request("windowsSandbox/setupStart", { mode: "x" });
    await a.request("windowsSandbox/setupStart", {});
    await a.request("windowsSandbox/setupStart", { mode: "elevated", cwd: "rel" });
    for (const line of talk.logged) talk.write(`log: ${line}`);
  },
);

conversation(
  "windows_world_writable",
  `Folders that everybody may write to are told to each client once, after its handshake.`,
  async (talk) => {
    const a = talk.connect("A");
    await a.initialize();
    await settle();
    await a.request("account/read", {});
    const b = talk.connect("B");
    await b.initialize();
    await settle();
  },
  { worldWritable: { samplePaths: ["C:\\tools", "C:\\temp"], extraCount: 4, failedScan: false } },
);
