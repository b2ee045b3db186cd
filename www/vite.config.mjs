import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { policy } from "./csp.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The built page carries its policy. Not while developing: Vite's own client is partly inline. */
function contentSecurityPolicy() {
  return {
    name: "holdpoint:content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: policy },
        injectTo: "head-prepend",
      },
    ],
  };
}

/** Tells the service worker which files the page consists of, and a version made from all of them. */
function precacheList() {
  return {
    name: "holdpoint:precache-list",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = bundle["sw.js"];
        if (worker?.type !== "chunk") this.error("sw.js is missing from the bundle");
        const files = Object.values(bundle)
          .filter((file) => file !== worker && !file.fileName.endsWith(".map"))
          .map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]);
        const still = readdirSync(here("public")).map((name) => [
          name,
          readFileSync(here(`public/${name}`)),
        ]);
        const all = [...files, ...still].sort(([a], [b]) => (a < b ? -1 : 1));
        const hash = createHash("sha256");
        for (const [name, content] of all) hash.update(name).update("\0").update(content);
        const version = hash.digest("hex").slice(0, 12);
        const list = all.map(([name]) => name);
        worker.code = worker.code
          .replace(/["'`]__FILES__["'`]/, () => JSON.stringify(JSON.stringify(list)))
          .replaceAll("__VERSION__", version);
        if (!worker.code.includes(version)) this.error("sw.js has no place for its version");
      },
    },
  };
}

export default defineConfig({
  // Relative, so that the page also works from a folder of a host.
  base: "./",
  plugins: [contentSecurityPolicy(), precacheList()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { fs: { allow: [here("..")] } },
  build: {
    // `light-dark()` is what asks for these.
    target: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: { index: here("index.html"), sw: here("src/sw/sw.ts") },
      output: {
        // A service worker is known by its address: it has no hash.
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
