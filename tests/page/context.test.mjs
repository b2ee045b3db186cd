// The context browser: what agents have in mind, item by item.
import assert from "node:assert/strict";
import { test } from "node:test";
import { atSite } from "./support/browser.mjs";
import { until } from "./support/until.mjs";

const at = atSite();
const limit = { timeout: 180_000 };
const old = "2020-01-01T00:00:00.000Z";

/** Two agents with an item each of every age, one of them with a plan. */
async function withContext(app) {
  await app.id("empty").waitFor();
  const { project } = await app.call("execute", {
    command: { type: "create_project", name: "Minds" },
  });
  const run = (command) => app.call("execute", { project, actor: "ana", command });
  const { outcome } = await run({ type: "create_plan", plan: { request: "Think" } });
  const { plan } = outcome;
  const items = [
    { agent: "coder", kind: "task", body: "the task", plan },
    { agent: "coder", kind: "observation", body: "old news of the coder", created_at: old },
    { agent: "tester", kind: "observation", body: "old news of the tester", created_at: old },
    { agent: "tester", kind: "observation", body: "the password is swordfish" },
  ];
  const added = await run({ type: "add_context", items });
  return { project, plan, run, ids: added.outcome.items };
}

async function open(app, project) {
  await app.page.goto(`${app.site.url}#/p/${project}/context`);
  await app.id("item").first().waitFor();
}

const row = (app, id) => app.page.locator(`[data-testid=item][data-item="${id}"]`);
const shown = (app) => app.id("item").evaluateAll((rows) => rows.map((row) => row.dataset.item));
const shownAre = (app, ids) =>
  until(`${ids.length} items are shown`, async () => {
    const found = await shown(app);
    return found.length === ids.length && found.every((id, index) => id === ids[index]);
  });

test("r21_r22_items_are_filtered_pinned_archived_and_brought_back", limit, async (t) => {
  const app = await at.visit(t);
  const { project, plan, ids } = await withContext(app);
  await app.openProject({ project });
  await app.id("to-context").click();
  await shownAre(app, ids);
  assert.equal(await app.id("tiers").count(), 2);
  assert.match(
    await row(app, ids[1]).innerText(),
    /observation[\s\S]*of coder[\s\S]*Cold, \d+ %\s+important/,
  );
  await app.id("filter-agent").selectOption("tester");
  await shownAre(app, ids.slice(2));
  await app.id("filter-agent").selectOption("");
  await app.id("filter-plan").selectOption(plan);
  await shownAre(app, [ids[0]]);
  await app.id("filter-plan").selectOption("");
  await shownAre(app, ids);

  // A body is read only when it is asked for.
  await row(app, ids[1]).getByRole("button").first().click();
  assert.equal(await app.id("item-body").innerText(), "old news of the coder");
  await app.id("pin").click();
  await until(
    "it is pinned",
    async () => (await row(app, ids[1]).getAttribute("data-pinned")) === "true",
  );
  assert.equal(await row(app, ids[1]).getAttribute("data-tier"), "hot");
  await app.id("pin").getByText("Unpin").click();
  await until(
    "it is cold again",
    async () => (await row(app, ids[1]).getAttribute("data-tier")) === "cold",
  );

  await app.id("archive").click();
  await app.id("archive").getByText("Bring back").waitFor();
  await app.id("filter-archived").selectOption("archived");
  await shownAre(app, [ids[1]]);
  await app.id("archive").click();
  await app.id("no-items").waitFor();
  await app.id("filter-archived").selectOption("active");
  await shownAre(app, ids);
  const { items } = await app.query({ type: "context", project });
  assert.deepEqual(
    items.map(({ pinned, archived }) => [pinned, archived]),
    ids.map(() => [false, false]),
  );
});

test("r22_r23_a_flash_save_on_demand_tells_what_it_did", limit, async (t) => {
  const app = await at.visit(t);
  const { project, ids } = await withContext(app);
  await open(app, project);
  // Nobody has reached the threshold.
  await app.id("flash-save").click();
  await app.id("flash-save-confirm").click();
  await app.id("flash-save-report").getByText("Nothing was archived").waitFor();
  await app.id("flash-save").click();
  await app.id("flash-agent").selectOption("coder");
  await app.id("flash-force").check();
  await app.id("flash-save-confirm").click();
  const { agents } = await app.query({ type: "project", project });
  const coder = agents.find(({ agent }) => agent === "coder");
  assert.equal(coder.archived.items, 1);
  const report = app.id("flash-save-report");
  await report.getByText("1 item archived").waitFor();
  const before = coder.active.tokens + coder.archived.tokens;
  assert.match(
    await report.innerText(),
    new RegExp(`${before} tokens before, ${coder.active.tokens} after`),
  );
  assert.equal(await row(app, ids[1]).getAttribute("data-archived"), "true");
  assert.equal(await row(app, ids[2]).getAttribute("data-archived"), "false");
});

test("r28_a_text_is_removed_for_good_and_the_page_says_by_whom_and_why", limit, async (t) => {
  const app = await at.visit(t);
  const { project, run, ids } = await withContext(app);
  await open(app, project);
  const secret = row(app, ids[3]);
  await secret.getByRole("button").first().click();
  await app.id("item-body").getByText("swordfish").waitFor();
  await app.id("redact").click();
  await app.dialog().getByText("This can’t be undone.").waitFor();
  await app.id("cancel").click();
  await app.dialog().waitFor({ state: "detached" });
  await app.id("item-body").getByText("swordfish").waitFor();
  await app.id("redact").click();
  await app.id("redact-reason").fill("leaked");
  await app.id("redact-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  assert.match(
    await app.id("redacted").innerText(),
    /The text was removed for good by user just now: “leaked”/,
  );
  await until("its text is gone", async () => (await app.id("item-body").count()) === 0);
  assert.equal(await app.id("redact").count(), 0);
  const { body, redacted } = await app.query({ type: "item", project, item: ids[3] });
  assert.equal(body, null);
  assert.equal(redacted.reason, "leaked");

  // An output goes in the same way.
  const { outcome } = await run({
    type: "create_plan",
    plan: { request: "Leak", steps: [{ title: "say it" }, { title: "be silent" }] },
  });
  const { plan } = outcome;
  await run({ type: "start_plan", plan });
  await run({ type: "start_step", plan });
  await run({ type: "complete_step", plan, attempt: 1, output: '"hunter2"' });
  await app.openPlan({ project, plan });
  await app.id("step").first().getByRole("button").first().click();
  assert.equal(await app.id("step-output").innerText(), "hunter2");
  await app.id("redact-output").click();
  await app.id("redact-confirm").click();
  await app.id("redacted").getByText("The output was removed for good by").waitFor();
  await until("the output is gone", async () => (await app.id("step-output").count()) === 0);
  await app.openProject({ project });
  await app.page.getByText("user removed a text for good: “leaked”").waitFor();
  assert.equal(await app.verify(), true);
});
