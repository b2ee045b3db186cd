// Serves what is measured on this machine: the pages and modules of `page/`, the built module below
// `/wasm/`, the npm package, and the libraries that it stands beside. All files are read when it
// starts, so that a build that happens meanwhile changes nothing.
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};

const HEADERS = {
  // Isolated, so that `performance.now()` is exact to 5 µs and not to 100.
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  // Each page downloads and compiles anew.
  "Cache-Control": "no-store",
};

/**
 * Below this address all stays in the HTTP cache, and wasm keeps its bytes: what a page costs that
 * was there before. Below the other one followed by a number, the same as anybody's first visit.
 */
const KEPT = "/kept/";
const ANEW = /^\/anew\/\d+\//;

/** Every file of a folder that can be served, by its address. What isn't installed isn't served. */
async function read(folder, address) {
  const all = await readdir(folder).catch(() => []);
  const names = all.filter((name) => extname(name) in TYPES);
  const file = async (name) => [address + name, await readFile(join(folder, name))];
  return Promise.all(names.map(file));
}

/**
 * A custom section of wasm, which means nothing. Chromium keeps compiled modules by their bytes; a
 * module with another one is compiled like one that was never there.
 */
function customSection(number) {
  const text = Buffer.from(String(number));
  const name = Buffer.from("bench");
  return Buffer.concat([Buffer.from([0, 1 + name.length + text.length, name.length]), name, text]);
}

/** Starts the server on a free port; `folders` are what is served, by the address of each. */
export async function serve(folders) {
  const read_ = Object.entries(folders).map(([address, folder]) => read(folder, address));
  const files = new Map((await Promise.all(read_)).flat());
  let count = 0;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://127.0.0.1");
    const isKept = pathname.startsWith(KEPT);
    const content = files.get(pathname.replace(isKept ? KEPT : ANEW, "/"));
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(pathname)];
    const isNew = type === TYPES[".wasm"] && !isKept;
    const body = isNew ? [content, customSection((count += 1))] : [content];
    const kept = isKept && { "Cache-Control": "max-age=3600, immutable" };
    response.writeHead(200, { ...HEADERS, ...kept, "Content-Type": type });
    response.end(Buffer.concat(body));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
