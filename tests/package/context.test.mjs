// Context as the package lists it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { packed } from "./support/packed.mjs";

const { Holdpoint } = await import(pathToFileURL(join(packed(), "dist", "index.js")).href);

test("items_are_listed_with_their_texts_as_they_were_then_but_for_what_was_removed", async (t) => {
  const hp = await Holdpoint.open({ storage: "memory" });
  t.after(() => hp.close());
  const project = await hp.createProject({ name: "context" });
  const texts = ["first", "second", "third"];
  const ids = await project.addContext(
    texts.map((text) => ({ agent: "coder", kind: "note", text })),
  );
  const checkpoint = await project.createCheckpoint({ name: "three" });
  await project.addContext({ agent: "coder", kind: "note", text: "fourth" });
  await project.redactItem(ids[1]);

  const then = await project.listContext({ at: checkpoint, texts: true });
  assert.deepEqual(
    then.items.map(({ text }) => text),
    ["first", null, "third"],
  );
  for (const { importance, ...item } of then.items) {
    // Of the moment, which is another one.
    const { importance: _, ...alone } = await project.item(item.id, { at: checkpoint });
    assert.deepEqual(item, alone, "as one by one");
    assert.ok(importance > 0 && importance <= 1);
  }

  const page = await project.listContext({ texts: true, after: 2, limit: 1 });
  assert.deepEqual([page.items.map(({ text }) => text), page.next], [["third"], 3]);
  const without = await project.listContext({ texts: false });
  assert.ok(without.items.every((item) => !("text" in item) && !("body" in item)));
  await assert.rejects(project.listContext({ texts: "yes" }), { code: "INVALID_INPUT" });
});
