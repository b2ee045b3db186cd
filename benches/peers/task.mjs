// The task that Holdpoint and what somebody might take instead are given alike: a state of so many
// items is kept through checkpoints, ten items being replaced before each, and one of them is gone
// back to later. Runs in Node and in a page.

/** How many items are replaced before each checkpoint. */
export const CHANGED = 10;

/** An item, as an agent might have noted it: some 150 bytes as JSON. */
export function itemOf(number) {
  return {
    id: `item-${String(number).padStart(8, "0")}`,
    agent: "agent",
    kind: "code",
    text: `item ${number}: what an agent found out about something, said in one sentence`,
  };
}

const range = (from, length) => Array.from({ length }, (_, place) => itemOf(from + place));

/** What there is at a checkpoint; 0 is before the first. */
const itemsAt = (checkpoint, items) => range(CHANGED * checkpoint, items);

function same(what, found, expected) {
  if (found === expected) return;
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

/** Every item with its text, whatever their order. */
function checkAll(found, expected) {
  const texts = found.map(({ text }) => text).sort();
  const wanted = expected.map(({ text }) => text).sort();
  same("items", texts.length, wanted.length);
  for (const [place, text] of wanted.entries()) same("an item", texts[place], text);
}

async function timed(work) {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

/** The first part: the state is made, and kept through all checkpoints. */
export async function work(contender, { items, checkpoints }) {
  await contender.open();
  await contender.make(itemsAt(0, items));
  const before = await contender.bytes?.();
  const times = [];
  const alone = [];
  for (let number = 1; number <= checkpoints; number += 1) {
    // Made beforehand: the items are no part of what is measured.
    const removed = range(CHANGED * (number - 1), CHANGED);
    const added = range(CHANGED * (number - 1) + items, CHANGED);
    const [taken, ofCheckpoint] = await timed(() => contender.checkpoint(number, added, removed));
    times.push(taken);
    if (ofCheckpoint !== undefined) alone.push(ofCheckpoint);
  }
  const after = await contender.bytes?.();
  const bytes = after === undefined ? undefined : (after - before) / checkpoints;
  return { times, alone, bytes, kept: contender.kept?.() };
}

/**
 * The second part, in a process or page that knows nothing yet but what `kept` says, unless it is
 * only in memory: the newest state is opened, the state at a checkpoint read, and made the current
 * one again.
 */
export async function back(contender, { items, checkpoints, to, isOpen }) {
  const found = {};
  if (!isOpen) {
    const [reopen, current] = await timed(async () => {
      await contender.open();
      return contender.current();
    });
    same("items after opening", current.length, items);
    found.reopen = reopen;
  }
  if (contender.list) {
    const [list, listed] = await timed(() => contender.list(to));
    same("items in the list", listed.length, items);
    found.list = list;
  }
  const [read, then] = await timed(() => contender.read(to));
  checkAll(then, itemsAt(to, items));
  found.read = read;
  const [restore] = await timed(() => contender.restore(to));
  found.restore = restore;
  const current = await contender.current();
  same("items after going back", current.length, items);
  const ends = await contender.texts([current[0], current.at(-1)]);
  const first = itemsAt(to, items);
  checkAll(ends, [first[0], first.at(-1)]);
  // What was newest before can still be had.
  if (contender.canReadNewest !== false) {
    const newest = await (contender.list ?? contender.read).call(contender, checkpoints);
    same("items of the newest checkpoint", newest.length, items);
  }
  await contender.close();
  return found;
}

/** The memories of the wasm modules that are started from now on. */
export function watchWasm() {
  const memories = [];
  const original = WebAssembly.instantiate;
  WebAssembly.instantiate = async (...given) => {
    const made = await original.apply(WebAssembly, given);
    const { exports } = made instanceof WebAssembly.Instance ? made : made.instance;
    if (exports.memory) memories.push(exports.memory);
    return made;
  };
  return () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
}
