// What is in the tarball, and how large it is.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { publint } from "publint";
import { listFiles, makeApp, packed, root, run, bin, tarball } from "./support/packed.mjs";

const limit = { timeout: 180_000 };
const read = (name) => readFile(join(packed(), name), "utf8");

test("the_tarball_holds_what_it_promises_and_nothing_else", limit, async () => {
  const files = await listFiles(packed());
  const manifest = JSON.parse(await read("package.json"));
  const promised = [...manifest.files, "package.json", "README.md"];
  const isPromised = (name) => promised.some((one) => name === one || name.startsWith(`${one}/`));
  assert.deepEqual(
    files.filter((name) => !isPromised(name)),
    [],
  );
  for (const one of promised) {
    assert.ok(
      files.some((name) => name === one || name.startsWith(`${one}/`)),
      `${one} is missing`,
    );
  }
  const kinds =
    /^(dist\/[\w/]+\.(js|d\.ts|js\.map|d\.ts\.map|wasm)|src\/[\w/.]+\.ts|examples\/.*|[A-Z-]+(\.md|\.txt)?|package\.json)$/;
  assert.deepEqual(
    files.filter((name) => !kinds.test(name)),
    [],
    "files of another kind",
  );
  assert.deepEqual(
    files.filter((name) => /test|fixture|\.env|\.npmrc|\.log/i.test(name)),
    [],
  );
  assert.equal(files.filter((name) => name.endsWith(".wasm")).length, 1, "one module");
});

test("nothing_in_the_tarball_says_where_it_was_built_or_holds_a_secret", limit, async () => {
  const home = process.env.HOME || "/root";
  const places = [root.replace(/\/$/, ""), `${home}/`, "/home/", "/Users/"];
  const secrets =
    /npm_[A-Za-z0-9]{36}|ghp_[A-Za-z0-9]{36}|-----BEGIN [A-Z ]*PRIVATE KEY|_authToken/;
  for (const name of await listFiles(packed())) {
    // Byte by byte, so that the module's own strings are looked at too.
    const text = await readFile(join(packed(), name), "latin1");
    for (const place of places) {
      const at = text.indexOf(place);
      assert.equal(at, -1, `${name} names ${place}: ${text.slice(Math.max(0, at - 40), at + 80)}`);
    }
    assert.doesNotMatch(text, secrets, name);
    if (!name.startsWith("examples/") && name.endsWith(".js")) {
      assert.doesNotMatch(text, /\beval\(|new Function\(/, `${name} would need unsafe-eval`);
    }
  }
});

test("source_maps_lead_to_sources_that_are_in_the_tarball", limit, async () => {
  const files = new Set(await listFiles(packed()));
  const scripts = [...files].filter((name) => /^dist\/.*\.(js|d\.ts)$/.test(name));
  assert.ok(scripts.length > 20);
  for (const script of scripts) {
    if (script === "dist/glue.js") continue;
    const named = /\/\/# sourceMappingURL=(.*)$/.exec((await read(script)).trimEnd())?.[1];
    assert.equal(named, `${script.split("/").at(-1)}.map`, `${script} names its map`);
    const map = JSON.parse(await read(`${script}.map`));
    assert.ok(map.sources.length > 0, script);
    for (const source of map.sources) {
      const path = join(dirname(script), map.sourceRoot ?? "", source);
      assert.ok(files.has(path), `${script} leads to ${path}, which isn't there`);
    }
  }
});

test("declarations_name_only_declarations_that_are_in_the_tarball", limit, async () => {
  const files = new Set(await listFiles(packed()));
  for (const name of files) {
    if (!/^dist\/.*\.d\.ts$/.test(name)) continue;
    // Examples in comments are no imports.
    const text = (await read(name)).replace(/\/\*\*[^]*?\*\//g, "");
    for (const [, from] of text.matchAll(/(?:from |import\()"([^"]+)"/g)) {
      assert.ok(from.startsWith("."), `${name} names ${from}`);
      const path = join(dirname(name), from.replace(/\.js$/, ".d.ts"));
      assert.ok(files.has(path), `${name} names ${relative(".", path)}, which isn't there`);
    }
  }
});

test("publint_has_nothing_to_say", limit, async () => {
  const bytes = await readFile(await tarball());
  const pack = { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };
  const { messages } = await publint({ pack, level: "suggestion", strict: true });
  assert.deepEqual(messages, []);
});

test("are_the_types_wrong_says_no", limit, async () => {
  // The module itself is no script and has no types.
  const args = ["--profile", "esm-only", "--exclude-entrypoints", "holdpoint.wasm"];
  const attw = await bin("@arethetypeswrong/cli", "attw");
  await run(process.execPath, [attw, await tarball(), ...args]);
});

test("every_script_of_the_tarball_is_named_by_another_one_or_public", limit, async () => {
  const files = (await listFiles(packed())).filter((name) => /^dist\/[\w/]*\.js$/.test(name));
  const reached = new Set();
  const follow = async (name) => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const [, from] of (await read(name)).matchAll(/^(?:import|export)\b[^;]*?"(\.[^"]+)"/gm)) {
      await follow(join(dirname(name), from));
    }
  };
  await follow("dist/index.js");
  await follow("dist/react.js");
  const unused = files.filter((name) => !reached.has(name));
  // What holds nothing but types is compiled to nothing.
  for (const name of unused)
    assert.match(await read(name), /^(\/\*\*[^]*?\*\/\s*)?export \{\};/, name);
});

// --- Sizes.

/** Bytes, compressed by brotli as far as it goes: as a server gives files that don't change. */
const BARS = { wasm: 150_000, javascript: 20_000 };
/** The module is larger than its bar. It must not grow: lower this when it has shrunk. */
const WASM_RATCHET = 370_000;

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  }).length;
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

test("the_module_does_not_grow", limit, async (t) => {
  const bytes = await readFile(join(packed(), "dist/holdpoint.wasm"));
  const size = brotli(bytes);
  const verdict = size <= BARS.wasm ? "kept" : "MISSED";
  t.diagnostic(`wasm: ${kB(bytes.length)}, brotli ${kB(size)}; bar ${kB(BARS.wasm)}: ${verdict}`);
  assert.ok(size <= WASM_RATCHET, `${kB(size)} is more than ${kB(WASM_RATCHET)}`);
});

test("all_javascript_bundled_and_minified_is_at_most_20_kb", limit, async (t) => {
  const app = await makeApp(t, [], { "app.mjs": `export * from "holdpoint";` });
  const { outputFiles } = await build({
    absWorkingDir: app,
    entryPoints: ["app.mjs"],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const bytes = outputFiles[0].contents;
  const size = brotli(bytes);
  t.diagnostic(`JavaScript: ${kB(bytes.length)}, brotli ${kB(size)}; bar ${kB(BARS.javascript)}`);
  assert.ok(size <= BARS.javascript, `${kB(size)} is more than ${kB(BARS.javascript)}`);
});
