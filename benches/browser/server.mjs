// Serves what is measured on this machine: the pages and modules of `page/`, and the built module
// below `/wasm/`. All files are read when it starts, so that a build that happens meanwhile
// changes nothing.
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

/** Every file of a folder that can be served, by its address. */
async function read(folder, address) {
  const names = (await readdir(folder)).filter((name) => extname(name) in TYPES);
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

/** Starts the server on a free port. */
export async function serve(pages, wasm) {
  const files = new Map([...(await read(pages, "/")), ...(await read(wasm, "/wasm/"))]);
  let count = 0;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://127.0.0.1");
    const content = files.get(pathname);
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(pathname)];
    const body = type === TYPES[".wasm"] ? [content, customSection((count += 1))] : [content];
    response.writeHead(200, { ...HEADERS, "Content-Type": type });
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
