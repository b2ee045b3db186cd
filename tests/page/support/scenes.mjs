// Every view and every dialog, as they are looked at for accessibility and drawn for people.
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

  await app.choose(file("parser-fix.traj", await readSample()), file("broken.traj", "{"));
  await look("home-imported");

  const ids = await app.importPlan(trajectory({ name: "second.traj", steps: 250 }));
  await look("plan-many-steps");
  await app.id("pace").selectOption("second");
  await app.id("run-all").click();
  await app.doneIs(1);
  await look("plan-running");
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
    ["dialog-rollback-project", "roll-back"],
  ]) {
    await dialog(app, button);
    await look(name);
    await closed(app);
  }
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

/** The views of a page that can't open its store, or has no network. */
export async function failedScene(app, look) {
  await app.id("not-open").waitFor();
  await look("not-open");
}
