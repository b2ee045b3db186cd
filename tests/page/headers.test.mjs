// What the server says with the page, and what the page asks for.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { atSite, isHere } from "./support/browser.mjs";
import { root } from "./support/site.mjs";

const at = atSite();
const limit = { timeout: 60_000 };

test(
  "the_policy_that_is_served_allows_nothing_inline_and_nothing_from_elsewhere",
  limit,
  async () => {
    const response = await fetch(at.site.url);
    assert.equal(response.status, 200);
    const body = await response.text();
    const inPage = /http-equiv="Content-Security-Policy" content="([^"]+)"/
      .exec(body)?.[1]
      .replaceAll("&#39;", "'");
    assert.ok(inPage, "the page carries its policy itself");
    for (const text of [response.headers.get("content-security-policy"), inPage]) {
      const policy = new Map(
        text.split(";").map((part) => {
          const [name, ...sources] = part.trim().split(/\s+/);
          return [name, sources];
        }),
      );
      assert.deepEqual(policy.get("default-src"), ["'none'"]);
      const sources = [...policy.values()].flat();
      for (const forbidden of [
        "'unsafe-inline'",
        "'unsafe-eval'",
        "*",
        "data:",
        "blob:",
        "https:",
        "http:",
      ]) {
        assert.ok(!sources.includes(forbidden), `${forbidden} in ${text}`);
      }
      assert.ok(
        sources.every((source) => source.startsWith("'")),
        "no host is named",
      );
      assert.deepEqual(policy.get("base-uri"), ["'none'"]);
      assert.deepEqual(policy.get("form-action"), ["'none'"]);
    }
    assert.match(response.headers.get("content-security-policy"), /frame-ancestors 'none'/);
    // Nothing inline is in the page to begin with.
    assert.doesNotMatch(body, /<script(?![^>]*\bsrc=)/);
    assert.doesNotMatch(body, /<style|\son\w+=|\sstyle=/);
  },
);

test("every_file_comes_with_its_type_and_is_not_guessed", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("import").waitFor();
  const types = {
    js: "text/javascript; charset=utf-8",
    css: "text/css; charset=utf-8",
    wasm: "application/wasm",
    svg: "image/svg+xml",
    webmanifest: "application/manifest+json",
  };
  const asked = new Set(app.seen.requests);
  assert.ok([...asked].some((url) => url.endsWith(".wasm")));
  for (const url of asked) {
    const response = await fetch(url, { method: "HEAD" });
    assert.equal(response.status, 200, url);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    const wanted = types[url.split(".").at(-1)];
    if (wanted) assert.equal(response.headers.get("content-type"), wanted, url);
  }
});

test("the_module_is_loaded_under_the_policy_without_a_word_in_the_console", limit, async (t) => {
  const app = await at.visit(t);
  await app.id("try-sample").click();
  await app.id("run-all").click();
  await app.doneIs(8);
  const wasm = app.seen.requests.find((url) => url.endsWith(".wasm"));
  const headers = (await fetch(wasm)).headers;
  assert.equal(
    headers.get("content-type"),
    "application/wasm",
    "so that it is compiled as it comes",
  );
  assert.deepEqual(app.seen.consoleErrors, []);
  assert.ok(app.seen.requests.every((url) => isHere(url, at.site)));
});

test("the_server_gives_nothing_but_the_page", limit, async () => {
  for (const path of [
    "serve.mjs",
    "../serve.mjs",
    "%2e%2e/serve.mjs",
    "..%2fserve.mjs",
    "assets/..%5c..%5cserve.mjs",
    "assets",
    "%00",
    "nothing.html",
  ]) {
    const response = await fetch(at.site.url + path);
    assert.equal(response.status, 404, path);
    await response.text();
  }
  for (const method of ["POST", "PUT", "DELETE"]) {
    const response = await fetch(at.site.url, { method });
    assert.equal(response.status, 405);
    await response.text();
  }
});

test("a_port_that_cannot_be_had_is_told_before_anything_is_built", limit, () => {
  const check = (PORT) =>
    spawnSync(join(root, "scripts/check-port.sh"), {
      env: { ...process.env, PORT },
      encoding: "utf8",
    });
  for (const wrong of ["abc", "-1", "65536", "1e3", "80 "]) {
    const { status, stderr } = check(wrong);
    assert.equal(status, 2, wrong);
    assert.match(stderr, /it has to be a number from 0 to 65535/);
  }
  const taken = check(new URL(at.site.url).port);
  assert.equal(taken.status, 2);
  assert.match(taken.stderr, /is taken by another program/);
  assert.equal(check("0").status, 0);
});
