// What the types promise to whoever uses the package, and what they refuse. Checked, never run.
import { expectTypeOf } from "expect-type";
import {
  ERROR_CODES,
  Holdpoint,
  HoldpointError,
  init,
  initSync,
  isHoldpointError,
  Plan,
  Project,
  setLogLevel,
  Step,
  type Command,
  type CommandOptions,
  type ErrorCode,
  type EventName,
  type EventType,
  type HoldpointEvent,
  type Json,
  type ModuleInput,
  type NewProject,
  type OpenOptions,
  type Outcome,
  type PlanView,
  type Preview,
  type Receipt,
  type InboxEntry,
  type LeaseView,
  type Live,
  type ResumeReport,
  type RetentionReport,
  type Steps,
  type RollbackReport,
  type RunHold,
  type RunOptions,
  type RunResult,
  type StepResult,
  type StepView,
} from "holdpoint";

interface Input {
  url: string;
}
interface Output {
  title: string;
}
declare const hp: Holdpoint;
declare const project: Project;
declare const plan: Plan<Input, Output>;
declare const loose: Plan;

// --- Loading and opening.

expectTypeOf(init).parameter(0).toEqualTypeOf<ModuleInput | Promise<ModuleInput> | undefined>();
expectTypeOf(init()).toEqualTypeOf<Promise<void>>();
expectTypeOf(initSync).returns.toEqualTypeOf<void>();
expectTypeOf(Holdpoint.open).returns.toEqualTypeOf<Promise<Holdpoint>>();
void Holdpoint.open({ name: "a", durability: "relaxed", countTokens: (text) => text.length });
setLogLevel("debug");
// @ts-expect-error there is no such storage
void Holdpoint.open({ storage: "sqlite" });
// @ts-expect-error names are in camelCase
void Holdpoint.open({ count_tokens: () => 1 });
// @ts-expect-error a counter counts
void Holdpoint.open({ countTokens: (text) => text });
// @ts-expect-error it is opened, not made
new Holdpoint();
// @ts-expect-error there is no such level
setLogLevel("trace");

// --- Optional is left out, or given: `undefined` is neither.

// @ts-expect-error
const absentActor: OpenOptions = { actor: undefined };
// @ts-expect-error
const absentId: CommandOptions = { commandId: undefined };
// @ts-expect-error
const absentPlan: NewProject = { name: "a", plan: undefined };
// @ts-expect-error
const absentSignal: RunOptions = { signal: undefined };
// @ts-expect-error
const absentOutput: StepResult<string> = { output: undefined };
void [absentActor, absentId, absentPlan, absentSignal, absentOutput];

// --- What goes into steps, and comes out of them.

const made = project.createPlan<Input, Output>({
  request: "Read these pages",
  steps: ["a title", { title: "first", input: { url: "https://example.com/" } }],
});
expectTypeOf(made).toEqualTypeOf<Promise<Plan<Input, Output>>>();
void project.createPlan<Input, Output>({
  request: "x",
  // @ts-expect-error the input is another one
  steps: [{ title: "a", input: { uri: "" } }],
});
// @ts-expect-error what to do has to be said
void project.createPlan({ steps: ["a"] });
void project.createPlan({
  request: "x",
  // @ts-expect-error gates are those four
  settings: { gates: { deployment: true } },
});

void plan.run((step) => {
  expectTypeOf(step).toEqualTypeOf<Step<Input, Output>>();
  expectTypeOf(step.input).toEqualTypeOf<Input>();
  expectTypeOf(step.idempotencyKey).toBeString();
  expectTypeOf(step.signal).toEqualTypeOf<AbortSignal>();
  return { title: step.input.url };
});
void plan.run(async (step) => ({ title: step.title }));
// @ts-expect-error the output is another one
void plan.run((step) => ({ name: step.title }));
// @ts-expect-error so it is from a promise
void plan.run(async () => 5);
// @ts-expect-error steps are read, not written
void plan.run((step) => ({ title: (step.title = "another") }));
void loose.run(() => undefined);
void loose.run(async () => ({ anything: [1, "two", null] }));
// @ts-expect-error
void plan.run();

async function byHand(): Promise<void> {
  const steps = plan.steps({ limit: 2, retry: { attempts: 2, backoff: (failures) => failures } });
  expectTypeOf(steps.result).toEqualTypeOf<RunResult | undefined>();
  for await (const step of steps) {
    expectTypeOf(step).toEqualTypeOf<Step<Input, Output>>();
    await step.complete({ output: { title: step.input.url } });
    // @ts-expect-error the output is another one
    await step.complete({ output: 5 });
    step.addContext({ agent: "coder", kind: "code", text: "…" });
    // @ts-expect-error the plan is the step's own
    step.addContext({ agent: "coder", kind: "code", text: "…", plan: plan.id });
  }
  const view = await plan.step(0);
  expectTypeOf(view).toEqualTypeOf<StepView<Input, Output>>();
  expectTypeOf(view.output).toEqualTypeOf<Output | null>();
  expectTypeOf(await hp.plan<Input, Output>("p", "q")).toEqualTypeOf<Plan<Input, Output>>();
  expectTypeOf((await project.checkpoint<{ commit: string }>("c")).data).toEqualTypeOf<{
    commit: string;
  } | null>();
}
void byHand;

// --- What ended a run.

function tell(result: RunResult): string {
  expectTypeOf(result.stepsDone).toBeNumber();
  // @ts-expect-error not before it is known how it ended
  void result.hold;
  switch (result.status) {
    case "completed":
    case "cancelled":
      // @ts-expect-error
      void result.failure;
      return "over";
    case "failed":
      expectTypeOf(result.failure).toEqualTypeOf<NonNullable<PlanView["failure"]>>();
      return result.failure.error;
    case "held":
      return why(result.hold);
  }
}
function why(hold: RunHold): string {
  switch (hold.reason) {
    case "paused":
    case "stopped":
    case "not_started":
    case "project_completed":
    case "awaiting_steps":
    case "aborted":
    case "enough":
      return hold.reason;
    case "awaiting_decision":
      expectTypeOf(hold.submission).toBeNumber();
      return hold.gate;
    case "claimed":
      // @ts-expect-error it may be unknown
      return hold.holder;
    case "superseded":
      return hold.reason;
    default: {
      const none: never = hold;
      return none;
    }
  }
}
void tell;

// --- A dry run gives what confirms it, and only a dry run.

async function dryRuns(wants: boolean): Promise<void> {
  const preview = await plan.rollback("c", { dryRun: true });
  expectTypeOf(preview).toEqualTypeOf<Preview<RollbackReport>>();
  expectTypeOf(preview.confirm).toEqualTypeOf<Required<CommandOptions>>();
  const report = await plan.rollback("c", preview.confirm);
  expectTypeOf(report).toEqualTypeOf<RollbackReport>();
  // @ts-expect-error it is done: there is nothing to confirm
  void report.confirm;
  expectTypeOf(await plan.rollback()).toEqualTypeOf<RollbackReport>();
  expectTypeOf(await plan.rollback(undefined, { dryRun: true, before: 3 })).toHaveProperty(
    "confirm",
  );
  expectTypeOf(await project.rollback("c", { dryRun: true })).toEqualTypeOf<
    Preview<RollbackReport>
  >();
  expectTypeOf(await project.applyRetention({ dryRun: true })).toEqualTypeOf<
    Preview<RetentionReport>
  >();
  expectTypeOf(await project.applyRetention()).toEqualTypeOf<RetentionReport>();
  // @ts-expect-error a project is put back to a checkpoint that is named
  void project.rollback();
  // @ts-expect-error whether it is a dry run has to be known when it is written
  void plan.rollback("c", { dryRun: wants });
  expectTypeOf(await project.resume({ dryRun: true })).toEqualTypeOf<Preview<ResumeReport>>();
  expectTypeOf(await project.resume()).toEqualTypeOf<ResumeReport>();
  const general = await project.preview({ type: "pause" });
  expectTypeOf(general.outcome).toEqualTypeOf<Outcome>();
  expectTypeOf(await project.execute({ type: "pause" }, general.confirm)).toEqualTypeOf<Receipt>();
}
void dryRuns;

// --- Commands as data.

const command: Command = { type: "reject", plan: "p", submission: 1, reason: "no" };
// @ts-expect-error a reason has to be given
const reasonless: Command = { type: "reject", plan: "p", submission: 1 };
// @ts-expect-error there is no such command
const unknown: Command = { type: "explode" };
// @ts-expect-error names are in camelCase
const snake: Command = { type: "revert_plan", plan: "p", to: "implementing", from_step: 1 };
void [command, reasonless, unknown, snake];
// @ts-expect-error
void plan.revert({ to: "completed" });
// @ts-expect-error
void plan.recordReview(1, { notes: "passed is missing" });

// --- Events.

expectTypeOf<"project_paused">().toExtend<EventType>();
expectTypeOf<EventType | "event" | "removed" | "missed">().toEqualTypeOf<EventName>();
const stop = project.on("step_completed", (event) => {
  expectTypeOf(event).toEqualTypeOf<HoldpointEvent<"step_completed">>();
  expectTypeOf(event.revision).toBeNumber();
  expectTypeOf(event["output"]).toBeUnknown();
});
expectTypeOf(stop).toEqualTypeOf<() => void>();
hp.on("event", (event) => expectTypeOf(event.type).toEqualTypeOf<EventType>());
hp.on("removed", (event) => expectTypeOf(event.project).toBeString());
hp.on("missed", (event) => {
  // @ts-expect-error nobody knows which
  void event.project;
});
// @ts-expect-error there is no such event
hp.on("step_done", () => undefined);

// --- What is kept current.

expectTypeOf(hp.live(() => hp.inbox())).toEqualTypeOf<Live<InboxEntry[]>>();
expectTypeOf(plan.liveLease().getState().data).toEqualTypeOf<LeaseView | null | undefined>();
expectTypeOf(plan.play({ limit: 1 })).toEqualTypeOf<Steps<Input, Output>>();
// @ts-expect-error what is played is never tried again
plan.play({ retry: {} });
// @ts-expect-error it reads by itself
hp.live(hp.inbox());
expectTypeOf(project.exportHistory({ gzip: true })).toEqualTypeOf<
  ReadableStream<Uint8Array<ArrayBuffer>>
>();

// --- Errors.

const code: ErrorCode = "PROJECT_PAUSED";
// @ts-expect-error there is no such code
const noCode: ErrorCode = "PAUSED";
expectTypeOf(ERROR_CODES[0 as number]!).toEqualTypeOf<ErrorCode>();
void [code, noCode];
function handle(error: unknown): string {
  if (isHoldpointError(error, "QUOTA_EXCEEDED", "BUSY")) {
    expectTypeOf(error.code).toEqualTypeOf<"QUOTA_EXCEEDED" | "BUSY">();
    return error.message;
  }
  if (isHoldpointError(error)) {
    expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
    expectTypeOf(error).toExtend<HoldpointError>();
    expectTypeOf(error.details).toEqualTypeOf<Readonly<Record<string, unknown>>>();
    // @ts-expect-error it is read, not written
    error.code = "BUSY";
  }
  // @ts-expect-error it may be anything
  return error.message;
}
// @ts-expect-error there is no such code
isHoldpointError(new Error(), "NOT_A_CODE");
void handle;

// --- Data, and what is kept.

const json: Json = { a: [1, "two", null, { b: true }], c: undefined };
// @ts-expect-error a date isn't JSON
const date: Json = new Date();
void [json, date];
expectTypeOf(project.getSnapshot().planList[0]!.hold).toBeNullable();
// @ts-expect-error a page's items may be none
const first: string = (await hp.listPlans()).items[0].id;
const all = await hp.listPlans();
const more = await hp.listPlans(all.next ? { after: all.next } : {});
expectTypeOf(more.items[0]!.lastCompletedStep).toBeNumber();
void first;
for await (const entry of project.entries({ types: ["rolled_back"] })) {
  expectTypeOf(entry.events[0]!.type).toEqualTypeOf<EventType>();
}
for await (const bytes of project.exportBundle({ gzip: true })) {
  expectTypeOf(bytes).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
}
