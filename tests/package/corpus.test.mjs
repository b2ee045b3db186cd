// The corpus of bad input, through every place where the package takes a text or JSON.
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { through } from "../bad_input/through.mjs";
import { imported, root } from "./support/packed.mjs";
import { atTabs } from "./support/tabs.mjs";

const at = atTabs({}, (folder) =>
  cp(join(root, "tests/bad_input"), join(folder, "bad_input"), { recursive: true }),
);
const limit = { timeout: 1_800_000 };
// Of each place's values only every so many-th is tried, unless all are asked for.
const all = process.env.HOLDPOINT_BAD_INPUT === "all";
const share = { memory: all ? 1 : 8, indexeddb: all ? 1 : 25 };

function tell(t, found, where) {
  const { values, places, taken, refused, asked, projects } = found;
  t.diagnostic(
    `bad input: ${where}: ${values} values at ${places} places: ${taken} taken and given back, ` +
      `${refused} refused; ${asked} asked for again in ${projects} projects opened and imported anew`,
  );
  assert.equal(found.flaws, 0, `${found.flaws} flaws:\n${found.told.join("\n")}`);
}

test(
  "r6_r70_whatever_is_given_is_kept_exactly_or_refused_and_nothing_changes_in_memory",
  limit,
  async (t) => {
    const holdpoint = await imported();
    const open = (opened) => opened ?? holdpoint.Holdpoint.open({ storage: "memory" });
    tell(t, await through(holdpoint, { open, copy: () => open(), share: share.memory }), "memory");
  },
);

test(
  "r6_r31_r70_whatever_is_given_is_kept_exactly_or_refused_and_nothing_changes_in_indexeddb",
  limit,
  async (t) => {
    const { page } = await at.tabs(t);
    const found = await page.evaluate(async (share) => {
      const { through } = await import("/bad_input/through.mjs");
      const open = (opened) => {
        opened?.close();
        return holdpoint.Holdpoint.open({ name: "corpus" });
      };
      const copy = () => holdpoint.Holdpoint.open({ name: "a copy" });
      return through(holdpoint, { open, copy, share });
    }, share.indexeddb);
    tell(t, found, "IndexedDB");
  },
);
