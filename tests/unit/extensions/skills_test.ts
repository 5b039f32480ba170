import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { createSkillFinder, type SkillFinder } from "../../../src/extensions/skills.ts";

interface Tree extends AsyncDisposable {
  readonly root: string;
  readonly finder: SkillFinder;
  write(path: string, text: string): Promise<void>;
}

async function makeTree(
  disabled: readonly string[] = [],
  markers: readonly string[] | null = null,
): Promise<Tree> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  return {
    root,
    finder: createSkillFinder({
      codexHome: `${root}/home`,
      home: `${root}/user`,
      serverCwd: `${root}/ws`,
      settings: () =>
        Promise.resolve({
          projectRootMarkers: markers,
          disabledPaths: disabled.map((path) => `${root}/${path}`),
          disabledNames: ["switched-off"],
        }),
    }),
    async write(path, text): Promise<void> {
      const full = `${root}/${path}`;
      await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(full, text);
    },
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

const skill = (name: string, more = ""): string => `---\nname: ${name}\ndescription: does ${name}\n${more}---\nBody.\n`;

Deno.test("listSkills() finds skills of the repository and the person, in order", async () => {
  await using tree = await makeTree(["home/skills/a/SKILL.md"]);
  await Deno.mkdir(`${tree.root}/ws/.git`, { recursive: true });
  await Deno.mkdir(`${tree.root}/ws/sub/deep`, { recursive: true });
  for (
    const [path, text] of [
      ["home/skills/a/SKILL.md", skill("a")],
      ["home/skills/group/of/b/SKILL.md", skill("b", "metadata:\n  short-description: 'shorty'\n  other: 1\n")],
      ["home/skills/.hidden/x/SKILL.md", skill("x")],
      ["home/skills/other/skill.md", skill("y")],
      ["user/.agents/skills/u/SKILL.md", skill("u")],
      ["ws/.agents/skills/r/SKILL.md", skill("r")],
      ["ws/.codex/skills/rc/SKILL.md", skill("rc")],
      ["ws/sub/.agents/skills/a/SKILL.md", skill("a")],
      ["outside/o/SKILL.md", skill("o")],
      ["extra/e/SKILL.md", skill("e")],
    ] as const
  ) await tree.write(path, text);
  await Deno.symlink(`${tree.root}/outside`, `${tree.root}/home/skills/link`);
  await Deno.symlink(`${tree.root}/home/skills`, `${tree.root}/home/skills/loop`);
  const cwd = `${tree.root}/ws/sub/deep`;
  const { data } = await tree.finder.listSkills({
    cwds: [cwd, "/nowhere"],
    perCwdExtraUserRoots: [{ cwd, extraUserRoots: [`${tree.root}/extra`] }],
  });
  const entry = (name: string, path: string, scope: string, more = {}): unknown => ({
    name,
    description: `does ${name}`,
    path: `${tree.root}/${path}/SKILL.md`,
    scope,
    enabled: true,
    ...more,
  });
  const repo = [
    entry("a", "ws/sub/.agents/skills/a", "repo"),
    entry("r", "ws/.agents/skills/r", "repo"),
    entry("rc", "ws/.codex/skills/rc", "repo"),
  ];
  const ab = [
    entry("a", "home/skills/a", "user", { enabled: false }),
    entry("b", "home/skills/group/of/b", "user", { shortDescription: "shorty" }),
  ];
  const ou = [entry("o", "outside/o", "user"), entry("u", "user/.agents/skills/u", "user")];
  assert.deepEqual(data, [
    { cwd, skills: [...repo, ...ab, entry("e", "extra/e", "user"), ...ou], errors: [] },
    { cwd: "/nowhere", skills: [...ab, ...ou], errors: [] },
  ]);
  const own = await tree.finder.listSkills({});
  assert.deepEqual(own.data.map((each) => [each.cwd, each.skills.length]), [[`${tree.root}/ws`, 6]]);
});

Deno.test("listSkills() switches off by path, through links too, and by name; and ends at the configured root", async () => {
  await using tree = await makeTree(["link/a/SKILL.md"], [".marker"]);
  for (const name of ["a", "b", "switched-off"]) await tree.write(`ws/in/.agents/skills/${name}/SKILL.md`, skill(name));
  await tree.write("ws/.agents/skills/above/SKILL.md", skill("above"));
  await tree.write("ws/in/.marker/x", "");
  await Deno.symlink(`${tree.root}/ws/in/.agents/skills`, `${tree.root}/link`);
  const { data: [entry] } = await tree.finder.listSkills({ cwds: [`${tree.root}/ws/in`] });
  assert.deepEqual(entry?.skills.map((each) => [each.name, each.enabled]), [
    ["a", false],
    ["b", true],
    ["switched-off", false],
  ]);
});

Deno.test("listSkills() tells of broken skills", async () => {
  await using tree = await makeTree();
  const rows: [string, string, string][] = [
    ["bad_list", "---\nname: [x]\ndescription: d\n---\n", "invalid YAML: name: expected a string"],
    [
      "long_description",
      `---\ndescription: ${"d".repeat(1025)}\n---\n`,
      "invalid description: exceeds maximum length of 1024 characters",
    ],
    ["long_name", skill("n".repeat(65)), "invalid name: exceeds maximum length of 64 characters"],
    ["no_description", "---\nname: x\n---\n", "missing field `description`"],
    ["no_front_matter", "# Title\n", "missing YAML frontmatter delimited by ---"],
    ["too_large", skill("big") + "x".repeat(1024 * 1024), "Cannot read the file: it has more than 1048576 bytes"],
    ["unclosed", "---\nname: x\ndescription: d\n", "missing YAML frontmatter delimited by ---"],
  ];
  for (const [name, text] of rows) await tree.write(`home/skills/${name}/SKILL.md`, text);
  await tree.write("home/skills/good/SKILL.md", "---\ndescription: good\n---");
  const { data: [entry] } = await tree.finder.listSkills({});
  assert.deepEqual(entry?.skills.map((each) => each.name), ["good"]);
  assert.deepEqual(
    entry?.errors,
    rows.map(([name, , message]) => ({ path: `${tree.root}/home/skills/${name}/SKILL.md`, message })),
  );
});

Deno.test("listSkills() refuses extra roots that are not absolute", async () => {
  await using tree = await makeTree();
  await assert.rejects(
    tree.finder.listSkills({ perCwdExtraUserRoots: [{ cwd: "/x", extraUserRoots: ["rel"] }] }),
    (error) =>
      error instanceof CodexError && error.code === "PROTOCOL" &&
      error.message === "skills/list perCwdExtraUserRoots extraUserRoots paths must be absolute: rel",
  );
});
