// Serves the built page on this machine. No dependencies: it is to be read in one go.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { policy } from "./csp.mjs";

const root = fileURLToPath(new URL("dist", import.meta.url));
const host = "127.0.0.1";
const port = Number(process.env.PORT ?? 4173);

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".traj": "application/json; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

const everywhere = {
  "Content-Security-Policy": `${policy}; frame-ancestors 'none'`,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** The file that an address stands for; none if it isn't one of ours. */
async function find(address) {
  let path;
  try {
    path = decodeURIComponent(new URL(address, `http://${host}`).pathname);
  } catch {
    return undefined;
  }
  if (path.includes("\0") || path.includes("\\")) return undefined;
  const file = normalize(join(root, path.endsWith("/") ? `${path}index.html` : path));
  if (!file.startsWith(root + sep)) return undefined;
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? { file, size: found.size } : undefined;
}

function refuse(response, status, text, headers = {}) {
  response.writeHead(status, {
    ...everywhere,
    ...headers,
    "Content-Type": "text/plain; charset=utf-8",
  });
  response.end(`${text}\n`);
}

const server = createServer(async (request, response) => {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return refuse(response, 405, "Only GET and HEAD.", { Allow: "GET, HEAD" });
  }
  const found = await find(request.url ?? "/");
  if (!found) return refuse(response, 404, "There is no such file.");
  // The names under assets/ have a hash of what is in them; all else is asked for anew.
  const isHashed = found.file.startsWith(join(root, "assets") + sep);
  response.writeHead(200, {
    ...everywhere,
    "Cache-Control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    "Content-Length": found.size,
    "Content-Type": types[extname(found.file)] ?? "application/octet-stream",
  });
  if (request.method === "HEAD") return response.end();
  createReadStream(found.file)
    .on("error", () => response.destroy())
    .pipe(response);
});

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (!Number.isInteger(port) || port < 0 || port > 65535) {
  fail(`PORT is "${process.env.PORT}"; it has to be a number from 0 to 65535.`);
}
if (!(await stat(join(root, "index.html")).catch(() => undefined))) {
  fail("The page isn't built yet: npm run build --workspace www");
}

server.on("error", (error) => {
  fail(
    error.code === "EADDRINUSE"
      ? `Port ${port} is taken by another program. Choose another one: PORT=${port + 1} npm start`
      : `The server cannot start: ${error.message}`,
  );
});
server.listen(port, host, () => {
  console.log(`Holdpoint is at http://${host}:${server.address().port}/ (Ctrl+C ends it)`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
