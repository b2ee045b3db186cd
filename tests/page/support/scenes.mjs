// Every view and every dialog, as they are looked at for accessibility and drawn for people.
import { throughUpkeep } from "./upkeep_scenes.mjs";
import { file, readSample, trajectory } from "./trajectories.mjs";

const at = (app, hash) => app.page.evaluate((hash) => (location.hash = hash), hash);

async function dialog(app, button) {
  await app.id(button).first().click();
  await app.dialog().waitFor();
  if (button.startsWith("roll-back")) await app.id("rollback-preview").waitFor();
}

async function closed(app) {
  await app.page.keyboard.press("Escape");
  await app.dialog().waitFor({ state: "detached" });
}

/**
 * Goes through the page and calls back at each scene. What one scene leaves behind the next one
 * finds: the order is that of a visit.
 */
export async function throughAllScenes(app, look) {
  const { page } = app;
  await app.id("empty").waitFor();
  await look("home-empty");
  await dialog(app, "new-project");
  await look("dialog-new-project");
  await closed(app);
  await at(app, "#/inbox");
  await app.id("inbox-empty").waitFor();
  await look("inbox-empty");
  await dialog(app, "you");
  await look("dialog-name");
  await app.id("name").fill(" ");
  await app.id("name-confirm").click();
  await app.problem("INVALID_INPUT");
  await look("dialog-name-refused");
  await closed(app);
  await at(app, "#/");

  await app.choose(file("parser-fix.traj", await readSample()), file("broken.traj", "{"));
  await look("home-imported");

  const ids = await app.importPlan(trajectory({ name: "second.traj", steps: 250 }));
  await look("plan-many-steps");
  await app.id("pace").selectOption("second");
  await app.id("run-all").click();
  await app.doneReaches(1);
  await look("plan-running");
  await dialog(app, "you");
  await app.id("name-waits").waitFor();
  await look("dialog-name-waits");
  await closed(app);
  await app.id("stop-running").click();
  await app.atRest();
  await look("plan-stopped");

  await at(app, "#/");
  await page
    .locator("[data-testid=resumable-row]")
    .filter({ hasText: "parser-fix" })
    .getByRole("link")
    .first()
    .click();
  await app.id("run-panel").waitFor();
  await app.title().getByText("duration.py").waitFor();
  await app.runSteps(4);
  await app.id("step").nth(2).getByRole("button").first().click();
  await app.id("step-output").or(app.id("step-detail").getByText("Empty")).first().waitFor();
  await page.getByText("What was asked for").click();
  await look("plan-step-open");

  for (const [name, button] of [
    ["dialog-checkpoint", "take-checkpoint"],
    ["dialog-pause", "pause"],
    ["dialog-cancel-plan", "cancel-plan"],
    ["dialog-rollback-plan", "roll-back"],
  ]) {
    await dialog(app, button);
    await look(name);
    await closed(app);
  }
  await app.takeCheckpoint("halfway", "A good place to come back to");
  const first = app.ids();
  await at(app, `#/p/${first.project}`);
  await app.id("history-row").first().waitFor();
  await look("project");
  for (const [name, button] of [
    ["dialog-rename", "rename"],
    ["dialog-stop", "stop-project"],
    ["dialog-delete", "delete"],
    ["dialog-fork", "fork"],
    ["dialog-new-plan", "new-plan"],
    ["dialog-rollback-project", "roll-back"],
  ]) {
    await dialog(app, button);
    await look(name);
    await closed(app);
  }
  await app.checkpoint("halfway").getByTestId("checkpoint-more").click();
  await look("project-checkpoint-more");
  await throughThePast(app, first.project, look);
  await at(app, `#/p/${first.project}`);
  await app.id("history-row").first().waitFor();
  await app.verify();
  await app.pause("deploy tonight");
  await app.id("pause-report").waitFor();
  await look("project-paused");
  await dialog(app, "roll-back");
  await look("dialog-resume-from");
  await closed(app);
  await at(app, `#/p/${first.project}/plan/${first.plan}`);
  await app.id("held-by-pause").waitFor();
  await look("plan-paused");

  // A step that was running when the page went away.
  await app.call("execute", {
    project: ids.project,
    command: { type: "start_step", plan: ids.plan },
  });
  await at(app, `#/p/${ids.project}/plan/${ids.plan}`);
  await app.id("interrupted").waitFor();
  await look("plan-interrupted");
  await app.call("execute", {
    project: ids.project,
    command: { type: "fail_plan", plan: ids.plan, error: "The disk was full." },
  });
  await app.id("plan-failure").waitFor();
  await look("plan-failed");

  const made = await app.call("execute", {
    command: {
      type: "create_project",
      name: "By another program",
      plan: {
        plan: {
          request: "Carry it out elsewhere",
          steps: [{ title: "design" }, { title: "code" }],
        },
      },
    },
  });
  await at(app, `#/p/${made.project}/plan/${made.outcome.plan}`);
  await app.id("not-playable").waitFor();
  await look("plan-not-playable");
  await app.call("execute", {
    project: made.project,
    command: { type: "cancel_plan", plan: made.outcome.plan },
  });
  await at(app, `#/p/${made.project}`);
  await app.id("history-row").first().waitFor();
  await look("project-without-context");

  await throughDecisions(app, look);
  await throughUpkeep(app, look);

  await at(app, "#/");
  await app.id("resumable-row").first().waitFor();
  await look("home");
  await at(app, `#/p/${"0".repeat(26)}`);
  await app.id("missing").waitFor();
  await look("missing-project");
  await at(app, "#/nowhere");
  await app.page.getByText("No such page").first().waitFor();
  await look("missing-page");
}

/** What changed, and what the agents have in mind. */
async function throughThePast(app, project, look) {
  await at(app, `#/p/${project}/compare/@3/now`);
  await app.id("difference").first().waitFor();
  await app.page.locator(".minor summary").first().click();
  await look("compare");

  await at(app, `#/p/${project}/context`);
  await app.id("item").nth(1).waitFor();
  await look("context");
  await app.id("item").nth(1).getByRole("button").first().click();
  await app.id("item-body").waitFor();
  await app.id("pin").click();
  await app.id("pin").getByText("Unpin").waitFor();
  await look("context-item-open");
  for (const [name, button] of [
    ["dialog-redact", "redact"],
    ["dialog-flash-save", "flash-save"],
  ]) {
    await dialog(app, button);
    await look(name);
    await closed(app);
  }
  await dialog(app, "flash-save");
  await app.id("flash-force").check();
  await app.id("flash-save-confirm").click();
  await app.id("flash-save-report").waitFor();
  await app.id("redact").click();
  await app.id("redact-reason").fill("It held a password");
  await app.id("redact-confirm").click();
  await app.id("redacted").waitFor();
  await look("context-redacted");
}

/** A plan with all gates, from its start to its verification, as somebody decides on it. */
async function throughDecisions(app, look) {
  const made = await app.call("execute", {
    command: { type: "create_project", name: "The shelf in the hall" },
  });
  const { project } = made;
  const run = (command) => app.call("execute", { project, actor: "agent", command });
  const gates = { plan: true, implementation: true, review: true, verification: true };
  const { outcome } = await run({
    type: "create_plan",
    plan: {
      request: "Sort the shelf in the hall, so that one finds a book again",
      settings: { gates },
    },
  });
  const { plan } = outcome;
  const toPlan = () => at(app, `#/p/${project}/plan/${plan}`);
  const gate = (name) => app.page.locator(`[data-testid=decide][data-gate=${name}]`).waitFor();
  const submit = (text) =>
    run({
      type: "submit_plan",
      plan,
      text,
      steps: ["Take all books out", "Dust the boards", "Put them back by size"].map((title) => ({
        title,
      })),
    });

  await toPlan();
  await app.id("start-plan").waitFor();
  await look("plan-to-start");
  await app.id("start-plan").click();
  await app.id("submit-plan").waitFor();
  await look("plan-to-submit");
  await dialog(app, "submit-plan");
  await look("dialog-submit-plan");
  await closed(app);
  await submit(
    "First all the books come out, then the boards are dusted.\n\nThey go back by size.",
  );
  await gate("plan");
  await dialog(app, "reject");
  await look("dialog-reject-plan");
  await app.id("reject-reason").fill("By colour, please: nobody knows how tall a book is.");
  await app.id("reject-confirm").click();
  await app.dialog().waitFor({ state: "detached" });
  await submit("All the books come out. They go back by colour.");
  await gate("plan");
  await look("plan-to-approve");
  await app.id("approve").click();
  await app.id("start-implementation").waitFor();
  await look("plan-approved");
  await app.id("start-implementation").click();
  await app.id("start-step").click();
  await app.id("record-result").waitFor();
  await look("plan-by-hand");
  for (const [name, button] of [
    ["dialog-result", "record-result"],
    ["dialog-step-failed", "step-failed"],
  ]) {
    await dialog(app, button);
    await look(name);
    await closed(app);
  }
  for (const attempt of [1, 2, 3]) {
    if (attempt > 1) await run({ type: "start_step", plan });
    await run({ type: "complete_step", plan, attempt, output: JSON.stringify(`done ${attempt}`) });
  }
  await gate("implementation");
  await app.id("open-steps").click();
  await app.id("step-output").nth(2).waitFor();
  await look("plan-implementation-to-approve");
  await dialog(app, "reject");
  await look("dialog-reject-implementation");
  await closed(app);
  await app.id("approve").click();
  await gate("review");
  await run({ type: "pause" });
  await app.id("decide-paused").waitFor();
  await look("plan-to-review-paused");
  await at(app, "#/inbox");
  await app.id("inbox-paused").waitFor();
  await look("inbox");
  await run({ type: "resume" });
  await toPlan();
  await gate("review");
  await dialog(app, "record-findings");
  await app.id("findings-failed").check();
  await look("dialog-findings");
  // Somebody else is faster.
  await run({ type: "record_review", plan, submission: 4, passed: true, notes: "Very tidy." });
  await app.problem("SUPERSEDED");
  await look("dialog-findings-superseded");
  await closed(app);
  await app.id("look-at-new").waitFor();
  await look("plan-to-verify");
}

/** The views of a page that can't open its store, or has no network. */
export async function failedScene(app, look) {
  await app.id("not-open").waitFor();
  await look("not-open");
}
