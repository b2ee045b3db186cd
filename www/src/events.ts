import type { CheckpointRow, Gate, JournalEvent, PlanState } from "holdpoint";
import { beginning, count, number, shortId } from "./text";
import { checkpointName, gateOf, nameOf, planState } from "./words";

/** How the ids in events are called on the page. */
export interface Naming {
  plan(id: string): string;
  checkpoint(id: string): string;
}

// Events come from the journal and may be newer than this page: no field is taken for granted.
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const step = (value: unknown): string =>
  typeof value === "number" ? `Step ${number(value + 1)}` : "A step";
const length = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
const because = (reason: unknown): string => (text(reason) ? `: “${text(reason)}”` : "");
const state = (value: unknown): string => {
  const known = Object.entries(planState).find(([name]) => name === value);
  return known ? known[1].word.toLowerCase() : text(value);
};

const takenName = (checkpoint: unknown): string =>
  checkpointName({
    name: text(field(checkpoint, "name")),
    trigger: text(field(checkpoint, "trigger")),
  });

/** How many checkpoints are kept. */
const kept = (policy: unknown): string =>
  `the newest ${count(Number(field(policy, "perPlan")), "checkpoint")} of each plan and ${number(
    Number(field(policy, "ofProject")),
  )} of the project are kept`;

/** A text that may be kept elsewhere: then how it begins. */
const long = (value: unknown): string =>
  beginning(text(field(value, "inline")), 300) || text(field(field(value, "stored"), "start"));

/** A decision on a submission: who decided what, why, and where it goes on. */
function decision(event: JournalEvent, of: string, who: string): string {
  const { gate, passed, lastCompletedStep: last } = event;
  const quoted = because(event["reason"] ?? long(event["notes"]));
  const onFrom =
    passed !== true && event["state"] === "implementing" && typeof last === "number"
      ? `; it goes on from step ${number(last + 2)}`
      : "";
  switch (gate) {
    case "plan":
      return passed ? `${who} approved ${of}` : `${who} sent ${of} back${quoted}`;
    case "implementation":
      return passed
        ? `${who} approved the implementation of ${of}`
        : `${who} sent the implementation of ${of} back${quoted}${onFrom}`;
    case "review":
      return `Review of ${of} ${passed ? "passed" : "not passed"}${quoted}${onFrom}`;
    case "verification":
      return `Verification of ${of} ${passed ? "passed" : "failed"}${quoted}${onFrom}`;
    default:
      return `${who} decided on ${of}${quoted}`;
  }
}

/** What it waits for now, after what else is said. */
const nowWaits = (value: unknown): string => {
  const gate = gateOf(text(value) as PlanState);
  return gate ? `; now it waits for ${waits[gate]}` : "";
};

const waits: Record<Gate, string> = {
  plan: "approval",
  implementation: "approval",
  review: "a review",
  verification: "a verification",
};

/**
 * What happened, in a sentence; the name of an event that this page doesn't know. `who` did it: it is
 * named where a person's judgement is told.
 */
export function eventInWords(event: JournalEvent, naming: Naming, who: string): string {
  const of = naming.plan(text(event["plan"]));
  switch (event.type) {
    case "project_created":
      return `Project created: “${text(event["name"])}”`;
    case "project_forked":
      return `Project forked as “${text(event["name"])}” from revision ${number(
        Number(field(event["origin"], "revision")),
      )} of another one`;
    case "project_planned":
      return "Planning began";
    case "project_started":
      return "Project started";
    case "project_paused":
      return `Paused${because(field(event["record"], "reason"))}`;
    case "project_resumed":
      return "Resumed";
    case "project_stopped":
      return `Stopped${because(event["reason"])}`;
    case "project_completed":
      return "Project completed";
    case "project_renamed":
      return `Renamed to “${text(event["name"])}”`;
    case "plan_created":
      return `${naming.plan(text(event["plan"]))} created with ${count(length(event["steps"]), "step")}`;
    case "plan_started":
      return `${of} started`;
    case "plan_submitted":
      return `${of} submitted with ${count(length(event["steps"]), "step")}${nowWaits(event["state"])}`;
    case "submission_decided":
      return decision(event, of, who);
    case "implementation_started":
      return `Implementation of ${of} started`;
    case "step_started":
      return `${step(event["step"])} of ${of} started, attempt ${String(event["attempt"])}`;
    case "step_completed":
      return `${step(event["step"])} of ${of} completed${
        event["state"] === "implementing"
          ? ""
          : nowWaits(event["state"]) || `; the plan is now ${state(event["state"])}`
      }`;
    case "step_failed":
      return `${step(event["step"])} of ${of} failed, attempt ${String(event["attempt"])}`;
    case "plan_failed":
      return `${of} failed`;
    case "plan_cancelled":
      return `${of} cancelled${because(event["reason"])}`;
    case "plan_retried":
      return `${of} goes on after its failure`;
    case "plan_reverted":
      return `${of} moved back${because(event["reason"])}`;
    case "plan_applied":
      return `${of} marked as applied`;
    case "agent_set":
      return `Agent “${text(event["agent"])}” with a limit of ${number(Number(event["tokenLimit"]))} tokens`;
    case "items_added":
      return `${count(length(event["items"]), "context item")} added`;
    case "items_archived":
      return `${count(length(event["items"]), "context item")} archived`;
    case "items_restored":
      return `${count(length(event["items"]), "context item")} brought back`;
    case "items_touched":
      return `${count(length(event["items"]), "context item")} used`;
    case "items_pinned":
      return `${count(length(event["items"]), "context item")} ${event["pinned"] === true ? "pinned" : "unpinned"}`;
    case "body_redacted":
      return `${who} removed a text for good${because(event["reason"])}`;
    case "checkpoint_created":
      return `Checkpoint “${takenName(event["checkpoint"])}” taken`;
    case "checkpoint_pinned":
      return `${event["pinned"] === true ? "Pinned" : "Unpinned"}: ${naming.checkpoint(text(event["checkpoint"]))}`;
    case "retention_set":
      return `From now on ${kept(event["policy"])}`;
    case "checkpoints_pruned":
      return `${count(length(event["checkpoints"]), "old checkpoint")} removed`;
    case "retention_applied":
      return `${who} removed ${count(length(event["pruned"]), "old checkpoint")}, so that ${kept(event["policy"])}`;
    case "rolled_back":
      return `${event["plan"] ? of : "The project"} rolled back to ${naming.checkpoint(text(event["checkpoint"]))}${because(event["reason"])}`;
    default:
      return event.type;
  }
}

/** Names from lists that may be incomplete: what isn't there is called by its id. */
export function naming(
  plans: readonly { id: string; number: number }[],
  checkpoints: readonly Pick<CheckpointRow, "id" | "name" | "trigger">[],
): Naming {
  return {
    plan: (id) => {
      const plan = plans.find((plan) => plan.id === id);
      return plan ? `plan ${number(plan.number)}` : `plan ${shortId(id)}`;
    },
    checkpoint: (id) => {
      const checkpoint = checkpoints.find((row) => row.id === id);
      return checkpoint ? `“${nameOf(checkpoint)}”` : `checkpoint ${shortId(id)}`;
    },
  };
}
