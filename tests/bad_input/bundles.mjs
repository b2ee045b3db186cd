// Bundles and trajectories that are made to break whoever reads them.
import { names } from "./values.mjs";

const INVALID = ["BUNDLE_INVALID"];
const TOO_LARGE = ["BUNDLE_TOO_LARGE"];
const bytes = (text) => new TextEncoder().encode(text);

/** Bytes that are made as they are read: a bomb needs no room where it comes from. */
function endless(piece, count) {
  let left = count;
  return new ReadableStream({
    pull(controller) {
      if ((left -= 1) < 0) controller.close();
      else controller.enqueue(piece);
    },
  });
}

async function gzipped(stream) {
  return new Response(stream.pipeThrough(new CompressionStream("gzip"))).blob();
}

/** What is made of a good bundle that has to be refused, each with the codes that say why. */
export function bundleBombs(bundle) {
  const lines = bundle.trimEnd().split("\n");
  const [first, project] = lines;
  const made = [];
  const add = (what, source, codes, options) => made.push({ what, source, codes, options });
  const text = (what, text, codes = INVALID) => add(what, () => bytes(text), codes);
  const without = (line) => `${line.slice(0, -1)},`;
  const mib = new Uint8Array(2 ** 20).fill(0x78);

  text("nothing", "");
  text("a line that is cut", bundle.slice(0, -2));
  text("an end that is missing", `${lines.slice(0, -1).join("\n")}\n`);
  text("something after the end", `${bundle}{}\n`);
  text("a first line twice", `${first}\n${bundle}`);
  text("a project twice", bundle.replace(project, `${project}\n${project}`));
  text("an empty line", bundle.replace("\n", "\n\n"));
  text("ends of lines of another system", bundle.replaceAll("\n", "\r\n"));
  text("a mark of the order of bytes", `\ufeff${bundle}`);
  text("a NUL", bundle.replace("\n", "\0\n"));
  text("half of a surrogate pair", bundle.replace(/"name":"[^"]*"/, '"name":"\\ud800"'));
  text("a field twice", bundle.replace(first, `${without(first)}"v":1}`));
  for (const name of names) {
    text(`a field called ${name}`, bundle.replace(first, `${without(first)}"${name}":{}}`));
  }
  text("two types", bundle.replace(project, `${without(project)}"type":"entry"}`));
  text("a number over 2^53", bundle.replace(/"revision":\d+/, '"revision":9007199254740993'));
  text("a number like no other", bundle.replace(/"revision":\d+/, '"revision":1e400'));
  text("a number with a sign", bundle.replace(/"revision":(\d+)/, '"revision":-$1'));
  for (const [what, open, close] of [
    ["lists", "[", "]"],
    ["objects", '{"a":', "}"],
  ]) {
    for (const depth of [65, 100_000]) {
      const nested = `${open.repeat(depth)}1${close.repeat(depth)}`;
      const codes = [...INVALID, ...TOO_LARGE];
      text(
        `${what} ${depth} deep`,
        bundle.replace(first, `${without(first)}"x":${nested}}`),
        codes,
      );
    }
  }
  text("only brackets", "[".repeat(1_000_000), [...INVALID, ...TOO_LARGE]);
  // The same bundle, at what it needs less one.
  const most = (limits) => ({ limits });
  const whole = () => bytes(bundle);
  const longest = Math.max(...lines.map((line) => bytes(line).length));
  add("a line too many", whole, TOO_LARGE, most({ lines: lines.length - 1 }));
  add("a byte too many", whole, TOO_LARGE, most({ bytes: bytes(bundle).length - 1 }));
  add("a line too long", whole, TOO_LARGE, most({ lineBytes: longest - 1 }));
  add("a level too deep", whole, TOO_LARGE, most({ depth: 1 }));
  add("a body too long", whole, TOO_LARGE, most({ bodyBytes: 2999 }));
  // Much from little.
  add("one line without an end", () => endless(mib, 40), [...INVALID, ...TOO_LARGE]);
  add(
    "a line without an end in its place",
    () => {
      const line = bytes(`${first}\n{"type":"project","name":"`);
      return new ReadableStream({
        start(controller) {
          controller.enqueue(line);
        },
        async pull(controller) {
          controller.enqueue(mib);
        },
      });
    },
    TOO_LARGE,
    most({ lineBytes: 2 ** 23 }),
  );
  add(
    "what grows beyond measure",
    async () => {
      const start = bytes(`${first}\n{"type":"project","name":"`);
      let left = 24;
      return gzipped(
        new ReadableStream({
          start: (controller) => controller.enqueue(start),
          pull(controller) {
            if ((left -= 1) < 0) controller.close();
            else controller.enqueue(mib);
          },
        }),
      );
    },
    TOO_LARGE,
  );
  return made;
}

/** Trajectories that have to be refused. */
export function trajectoryBombs() {
  const made = [];
  const add = (what, make, codes = ["TRAJECTORY_INVALID"]) => made.push({ what, make, codes });
  const step = '{"thought":"a","action":"b","observation":"c"}';
  const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);
  for (const depth of [129, 100_000]) {
    add(`lists ${depth} deep`, () => `{"trajectory":[${step}],"x":${nested(depth)}}`);
  }
  add("only brackets", () => "[".repeat(1_000_000));
  add("no text", () => `{"trajectory":[{"action":{"__proto__":1}}]}`);
  add("half of a surrogate pair", () => `{"trajectory":[{"action":"\\ud800"}]}`);
  add("half of a surrogate pair itself", () => `{"trajectory":[{"action":"\ud800"}]}`, [
    "INVALID_INPUT",
  ]);
  add("the steps under __proto__", () => `{"__proto__":{"trajectory":[${step}]}}`);
  add("too many steps", () => `{"trajectory":[${Array(10_001).fill(step).join()}]}`, ["TOO_LONG"]);
  add("a step that is too long", () => `{"trajectory":[{"action":"${"x".repeat(2 ** 20)}"}]}`, [
    "TOO_LONG",
  ]);
  add("more than 64 MiB", () => " ".repeat(2 ** 26) + `{"trajectory":[${step}]}`, [
    "FILE_TOO_LARGE",
    "TOO_LONG",
  ]);
  return made;
}
