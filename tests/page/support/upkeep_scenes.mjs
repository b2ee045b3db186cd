// What keeps a store healthy: history looked through, figures, old checkpoints, copies in files.
import { until } from "./until.mjs";

const at = (app, hash) => app.page.evaluate((hash) => (location.hash = hash), hash);

async function dialog(app, button) {
  await app.id(button).first().click();
  await app.dialog().waitFor();
}

async function closed(app) {
  await app.page.keyboard.press("Escape");
  await app.dialog().waitFor({ state: "detached" });
}

/** A project with two plans, one of them done, and a checkpoint of everything. */
export async function theGarden(app) {
  const { project } = await app.call("execute", {
    command: { type: "create_project", name: "The garden" },
  });
  const run = (command, actor = "gardener") =>
    app.call("execute", { project, actor, command }).then(({ outcome }) => outcome);
  const titles = ["Dig the bed over", "Sow the beans", "Water them each evening"];
  const steps = titles.map((title) => ({ title }));
  const { plan } = await run({ type: "create_plan", plan: { request: "Plant beans", steps } });
  await run({ type: "start_plan", plan });
  for (const attempt of [1, 2, 3]) {
    await run({ type: "start_step", plan });
    const output = JSON.stringify(`Step ${attempt} went well.`);
    await run({ type: "complete_step", plan, attempt, output });
  }
  const other = await run({
    type: "create_plan",
    plan: { request: "Mend the fence", steps: [{ title: "Buy nails" }] },
  });
  for (const name of ["before the frost", "after the frost", "in spring"]) {
    await run({ type: "create_checkpoint", checkpoint: { name } }, "neighbour");
  }
  return { project, plan, other: other.plan, run };
}

export async function throughUpkeep(app, look) {
  const { project, plan, run } = await theGarden(app);
  await at(app, `#/p/${project}`);
  await app.id("history-row").first().waitFor();
  await app.page.getByRole("heading", { name: "The garden" }).waitFor();
  await app.id("history-filter").locator("summary").click();
  await app.id("history-what").selectOption("of-checkpoints");
  await app.id("history-actor").fill("neighbour");
  await app.id("history-actor").press("Enter");
  await until("three are found", async () => (await app.id("history-row").count()) === 3);
  await app.saves("save-history");
  await app.id("history-saved").waitFor();
  await look("history-found");
  await app.id("history-what").selectOption("project_stopped");
  await app.id("history-empty").waitFor();
  await look("history-empty");
  await app.id("history-all").click();
  await app.id("history-row").nth(3).waitFor();

  const row = app.checkpoint("before the frost");
  await row.getByTestId("checkpoint-more").click();
  await row.getByTestId("pin-checkpoint").click();
  await row.getByText("Pinned", { exact: true }).waitFor();
  await look("checkpoint-pinned");
  await dialog(app, "change-retention");
  await look("dialog-keep");
  await app.id("keep-per-plan").fill("0");
  await app.page.getByText("A whole number from").waitFor();
  await look("dialog-keep-refused");
  await closed(app);
  await dialog(app, "remove-checkpoints");
  await app.id("retention-preview").waitFor();
  await look("dialog-nothing-to-remove");
  await app.id("keep-per-plan").fill("1");
  await app.id("keep-of-project").fill("1");
  await app.id("retention-stays").waitFor();
  await look("dialog-remove-checkpoints");
  await run({ type: "rename_project", name: "The large garden" });
  await app.id("retention-confirm").click();
  await app.problem("CHANGED");
  await app.id("retention-goes").waitFor();
  await look("dialog-remove-checkpoints-changed");
  await closed(app);

  await at(app, `#/p/${project}/figures`);
  await app.id("plans-by-state").waitFor();
  await look("figures-project");
  await at(app, "#/figures");
  await app.id("projects-by-status").waitFor();
  await look("figures");

  await at(app, `#/p/${project}/plan/${plan}`);
  await app.id("plan-history").locator("summary").first().click();
  await app.id("history-row").first().waitFor();
  await look("plan-history");

  await at(app, `#/p/${project}`);
  await dialog(app, "save-copy");
  await look("dialog-save-copy");
  const copy = await app.saves("copy-confirm");
  await app.id("copy-saved").waitFor();
  await look("dialog-save-copy-done");
  await closed(app);
  await at(app, "#/");
  await dialog(app, "save-everything");
  await look("dialog-save-everything");
  await closed(app);
  const cut = { name: "cut.holdpoint.gz", bytes: copy.bytes.subarray(0, copy.bytes.length - 20) };
  const [first] = await app.opens(copy, cut);
  await look("home-copy-refused");
  await first.getByTestId("open-as-copy").click();
  await until("it is opened", async () => (await first.getAttribute("data-state")) === "opened");
  await run({ type: "delete_project" });
  await app.opens(copy);
  await look("home-copies");
  await dialog(app, "bring-back");
  await look("dialog-bring-back");
  await closed(app);
}
