import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./site.mjs";

export const samplePath = join(root, "samples/parser-fix.traj");
export const readSample = () => readFile(samplePath, "utf8");

const asFile = (name, content) => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(content),
});

/** A file of any content. */
export const file = (name, content) => asFile(name, content);

/** A trajectory with many short steps; `step` may change each. */
export function trajectory({ name = "many.traj", steps = 8, request = "Count", step } = {}) {
  const made = Array.from({ length: steps }, (_, index) => ({
    thought: `I count to ${index + 1}.`,
    action: `echo ${index + 1}`,
    observation: `${index + 1}\n`,
    ...step?.(index),
  }));
  return asFile(
    name,
    JSON.stringify({
      environment: "test",
      trajectory: made,
      history: [{ role: "user", content: request }],
      info: {},
    }),
  );
}
