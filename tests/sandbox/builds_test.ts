// Real builds of small real projects, with the tools that people use, in a workspace that may be written to and without
// a network: what works outside works inside. Debuggers and the network are refused with a word, not a crash.
import { deepEqual, equal, match } from "node:assert/strict";
import { ensureTools } from "../support/tools.ts";
import { House, NOBODY, planFor, runAsNobody, whyNoSandbox } from "./house.ts";

const reason = await whyNoSandbox();
const options = { ignore: reason !== null, sanitizeOps: false, sanitizeResources: false } as const;
if (reason === null) {
  await ensureTools(
    ["git", "node", "npm", "python3", "cargo", "gcc", "make", "go", "java", "javac", "gdb", "curl"],
    () => {},
  );
}

interface Project {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly script: string;
  /** The end of what it prints. */
  readonly prints: string;
  /** It needs nothing of the home folder of root. */
  readonly forNobody?: true;
}

const C_MAIN = '#include <stdio.h>\n#include "sum.h"\nint main(void) { printf("sum %d\\n", sum(2, 3)); return 0; }\n';

const PROJECTS: readonly Project[] = [
  {
    name: "git: a repository, commits, a clone, a merge",
    files: {},
    script: "git init -q lib && cd lib && echo one > a && git add a && git commit -qm one && git branch side && " +
      "echo two > b && git add b && git commit -qm two && git checkout -q side && echo three > c && git add c && " +
      "git commit -qm three && git merge -q -m merged - && cd .. && git clone -q lib copy && git -C copy log --format=%s -1 && " +
      "git -C copy gc -q && git -C copy fsck --no-progress && git -C copy diff HEAD~1 --stat | tail -1",
    prints: "merged\n 1 file changed, 1 insertion(+)\n",
    forNobody: true,
  },
  {
    name: "gcc and make: two jobs, a library, a test",
    files: {
      "Makefile": "prog: main.o libsum.a\n\tgcc -o $@ main.o -L. -lsum\nlibsum.a: sum.o\n\tar rcs $@ $^\n" +
        "%.o: %.c sum.h\n\tgcc -O2 -c -o $@ $<\ntest: prog\n\t./prog\n",
      "main.c": C_MAIN,
      "sum.h": "int sum(int a, int b);\n",
      "sum.c": '#include "sum.h"\nint sum(int a, int b) { return a + b; }\n',
    },
    script: "make -s -j2 && make -s test",
    prints: "sum 5\n",
    forNobody: true,
  },
  {
    name: "python: a virtual environment, sqlite, processes, asyncio, tests",
    files: {
      "app.py": "import multiprocessing, sqlite3, asyncio, subprocess, sys, tempfile, threading\n" +
        "def square(x):\n    return x * x\n" +
        "async def main():\n    process = await asyncio.create_subprocess_exec('echo', 'async', stdout=subprocess.PIPE)\n" +
        "    out, _ = await process.communicate()\n    return out.decode().strip()\n" +
        "if __name__ == '__main__':\n    for way in ('fork', 'spawn'):\n" +
        "        with multiprocessing.get_context(way).Pool(2) as pool:\n            print(way, pool.map(square, [1, 2, 3]))\n" +
        "    db = sqlite3.connect('app.db')\n    db.execute('create table t (x)')\n    db.execute('insert into t values (7)')\n" +
        "    db.commit()\n    print(db.execute('select x from t').fetchone())\n    print(asyncio.run(main()))\n",
      "test_app.py": "import unittest, app\nclass T(unittest.TestCase):\n" +
        "    def test_square(self):\n        self.assertEqual(app.square(3), 9)\n",
    },
    script:
      'python3 -m venv --without-pip env && env/bin/python app.py && env/bin/python -m unittest -q 2>&1 | grep -E "^(OK|Ran 1)" | sed "s/ in .*//"',
    prints: "fork [1, 4, 9]\nspawn [1, 4, 9]\n(7,)\nasync\nRan 1 test\nOK\n",
  },
  {
    name: "node and npm: a package, an install without a network, scripts, workers",
    files: {
      "lib/package.json": '{"name":"lib","version":"1.0.0","main":"index.js"}',
      "lib/index.js": "exports.sum = (a, b) => a + b;\n",
      "package.json": '{"name":"app","version":"1.0.0","scripts":{"build":"node build.js","test":"node --test"}}',
      "build.js":
        "const { Worker } = require('node:worker_threads');\nconst { execFileSync } = require('node:child_process');\n" +
        "const { gzipSync, gunzipSync } = require('node:zlib');\nconst { sum } = require('lib');\n" +
        "const worker = new Worker(`require('node:worker_threads').parentPort.postMessage('from a worker')`, { eval: true });\n" +
        "worker.on('message', (text) => console.log(text, sum(2, 3), execFileSync('echo', ['child']).toString().trim(), " +
        "gunzipSync(gzipSync('zip')).toString(), require('node:os').cpus().length > 0));\n",
      "app.test.js": "const test = require('node:test');\nconst assert = require('node:assert');\n" +
        "test('sum', () => assert.strictEqual(require('lib').sum(1, 2), 3));\n",
    },
    script:
      "export npm_config_cache=$PWD/cache npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false; " +
      "npm pack --silent ./lib >/dev/null && npm install --silent --offline ./lib-1.0.0.tgz && npm run --silent build && " +
      'npm test --silent | grep -E "^# (pass|fail)|ℹ (pass|fail)" | sed "s/^[#ℹ] //"',
    prints: "from a worker 5 child zip true\npass 1\nfail 0\n",
  },
  {
    name: "cargo: a build script, a library, tests",
    files: {
      "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
      "build.rs": 'fn main() { println!("cargo:rustc-env=MADE_BY=build.rs"); }\n',
      "src/lib.rs": "pub fn sum(a: i32, b: i32) -> i32 { a + b }\n#[test]\nfn sums() { assert_eq!(sum(2, 3), 5); }\n",
      "src/main.rs":
        "fn main() {\n    let parts: Vec<_> = (0..4).map(|n| std::thread::spawn(move || app::sum(n, n))).collect();\n" +
        '    let all: i32 = parts.into_iter().map(|part| part.join().unwrap()).sum();\n    println!("{} {}", env!("MADE_BY"), all);\n}\n',
    },
    script: "export CARGO_HOME=$PWD/cargo-home CARGO_NET_OFFLINE=true; cargo build -q && target/debug/app && " +
      'cargo test -q --lib 2>&1 | grep -o "1 passed; 0 failed"',
    prints: "build.rs 12\n1 passed; 0 failed\n",
  },
  {
    name: "go: a module, a build, tests with the race of goroutines",
    files: {
      "go.mod": "module example.com/app\n\ngo 1.18\n",
      "main.go":
        'package main\n\nimport (\n\t"fmt"\n\t"sync"\n)\n\nfunc Sum(a, b int) int { return a + b }\n\nfunc main() {\n' +
        "\tvar wait sync.WaitGroup\n\tparts := make(chan int, 4)\n\tfor n := 0; n < 4; n++ {\n\t\twait.Add(1)\n" +
        "\t\tgo func(n int) { defer wait.Done(); parts <- Sum(n, n) }(n)\n\t}\n\twait.Wait()\n\tclose(parts)\n\tall := 0\n" +
        '\tfor part := range parts {\n\t\tall += part\n\t}\n\tfmt.Println("go", all)\n}\n',
      "main_test.go":
        'package main\n\nimport "testing"\n\nfunc TestSum(t *testing.T) {\n\tif Sum(2, 3) != 5 {\n\t\tt.Fatal("no")\n\t}\n}\n',
    },
    script: "export GOCACHE=$PWD/cache GOPATH=$PWD/go GOPROXY=off GOFLAGS=-mod=mod; go build -o app . && ./app && " +
      "go test ./... | cut -f1",
    prints: "go 12\nok  \n",
    forNobody: true,
  },
  {
    name: "java: a compiler, an archive, threads",
    files: {
      "App.java":
        "import java.util.stream.IntStream;\npublic class App {\n  public static void main(String[] args) throws Exception {\n" +
        '    Process child = new ProcessBuilder("echo", "child").start();\n' +
        "    String text = new String(child.getInputStream().readAllBytes()).trim();\n" +
        '    System.out.println("java " + IntStream.range(0, 100).parallel().sum() + " " + text);\n  }\n}\n',
      "manifest": "Main-Class: App\n",
    },
    script: "javac App.java && jar cfm app.jar manifest App.class && java -jar app.jar",
    prints: "java 4950 child\n",
    forNobody: true,
  },
  {
    name: "archives, keys and sums",
    files: { "a.txt": "a\n" },
    script:
      "tar czf a.tgz a.txt && mkdir out && tar xzf a.tgz -C out && cat out/a.txt && sha256sum a.txt | cut -c1-8 && " +
      "find . -name a.txt | xargs -P2 -n1 wc -l | sort | head -1",
    prints: "a\n87428fc5\n1 ./a.txt\n",
    forNobody: true,
  },
];

const ENV = {
  PATH: Deno.env.get("PATH") ?? "",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@x",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@x",
  GIT_CONFIG_NOSYSTEM: "1",
  RUSTUP_HOME: Deno.env.get("RUSTUP_HOME") ?? `${Deno.env.get("HOME")}/.rustup`,
};

async function lay(house: House, folder: string, files: Project["files"]): Promise<string> {
  const root = `${house.workspace}/${folder}`;
  await Deno.mkdir(root);
  for (const [path, text] of Object.entries(files)) {
    const target = `${root}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(target, text);
  }
  return root;
}

for (const { name, files, script, prints, forNobody } of PROJECTS) {
  Deno.test({
    ...options,
    name: `sandbox: a real build inside, ${name}`,
    async fn(): Promise<void> {
      await using house = new House();
      equal((await house.run("git init -q .", { bare: true })).exitCode, 0);
      const outside = await house.run(script, { bare: true, cwd: await lay(house, "outside", files), env: ENV });
      deepEqual([outside.output, outside.exitCode], [prints, 0], "outside");
      const inside = await house.run(script, { cwd: await lay(house, "inside", files), env: ENV });
      deepEqual([inside.output, inside.exitCode], [prints, 0], "inside");
      if (forNobody === undefined || Deno.uid() !== 0) return;
      const root = await lay(house, "nobody", files);
      await house.run(`chown -R ${NOBODY}:${NOBODY} ${root}`, { bare: true });
      const plan = planFor(root);
      await house.run("git init -q .", { bare: true, cwd: root });
      const env = { ...ENV, PATH: "/usr/local/bin:/usr/bin:/bin", HOME: root };
      const user = await runAsNobody(await house.finder.find(plan), plan, script, env);
      deepEqual([user.output, user.exitCode], [prints, 0], "as an ordinary user");
    },
  });
}

Deno.test({
  ...options,
  name: "sandbox: a debugger is refused with a word, and does not crash",
  async fn(): Promise<void> {
    await using house = new House();
    await Deno.writeTextFile(
      `${house.workspace}/p.c`,
      'int puts(const char *);\nint main(void) { puts("ran"); return 0; }\n',
    );
    const script = "gcc -g -o p p.c && gdb -nx -batch -ex run ./p 2>&1; echo status $?";
    match((await house.run(script, { bare: true, env: ENV })).output, /^ran$[^]*exited normally/m);
    const { output } = await house.run(script, { env: ENV });
    match(output, /ptrace: Operation not permitted|Could not trace the inferior process/);
    match(output, /status \d+\n$/);
    equal(/Segmentation|core dumped|internal-error/.test(output), false);
  },
});

Deno.test({
  ...options,
  name: "sandbox: curl without a network says that it cannot connect",
  async fn(): Promise<void> {
    await using house = new House();
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("served\n"));
    try {
      const script = `curl -sS --max-time 5 http://127.0.0.1:${server.addr.port}/`;
      equal((await house.run(script, { bare: true, env: ENV })).output, "served\n");
      const { output, exitCode, sandboxDenied } = await house.run(script, { env: ENV });
      match(output, /curl: \(7\)/);
      deepEqual([exitCode, sandboxDenied], [7, true]);
    } finally {
      await server.shutdown();
    }
  },
});
