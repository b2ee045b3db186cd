import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** Asks again until it is so; what it then is. The last answer is told if it never is. */
export async function until(what, ask, { timeout = 60_000, every = 50 } = {}) {
  const end = performance.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) assert.fail(`waited ${timeout} ms in vain until ${what}`);
    await sleep(every);
  }
}
