// The types that people see are written by hand, and so are the module's. Here the compiler checks
// that they say the same: a field that is added in one and forgotten in the other is an error.
import type * as Wasm from "../wasm/holdpoint.js";
import type * as Here from "../src/index.js";

type CamelName<Name extends string> = Name extends `${infer Head}_${infer Rest}`
  ? `${Head}${Capitalize<CamelName<Rest>>}`
  : Name;

/** These are keyed by values, not by names of fields: see src/names.ts. */
type KeyedByValues = "plans_by_state" | "checkpoints_by_trigger" | "projects_by_status";

/** What toCamel makes of something. */
type Camel<T> = T extends readonly (infer Item)[]
  ? Camel<Item>[]
  : T extends object
    ? {
        [
          Name in keyof T as Name extends string ? CamelName<Name> : Name
        ]: Name extends KeyedByValues ? T[Name] : Camel<T[Name]>;
      }
    : T;

/** Whether each can stand for the other, down to every field, optional or not. */
type Same<A, B> = [Required<A>] extends [Required<B>]
  ? [Required<B>] extends [Required<A>]
    ? [A] extends [B]
      ? [B] extends [A]
        ? true
        : "the hand-written one lacks something"
      : "the module's lacks something"
    : "the hand-written one lacks a field"
  : "the module's lacks a field";

/** What is listed or looked at has its own id as `id`: see src/own.ts. */
type Own<T, Name extends keyof T> = Omit<T, Name> & { id: T[Name] };

type Check<Answer extends true> = Answer;

/** Each answer of the module, beside what the package says of it. */
export type Checked = [
  Check<Same<Own<Camel<Wasm.ProjectRow>, "project">, Here.ProjectRow>>,
  Check<Same<Own<Camel<Wasm.PlanRow>, "plan">, Here.PlanRow>>,
  Check<Same<Own<Camel<Wasm.CheckpointRow>, "checkpoint">, Here.CheckpointRow>>,
  Check<Same<Own<Camel<Wasm.Resumable>, "plan">, Here.Resumable>>,
  Check<Same<Own<Camel<Wasm.InboxEntry>, "plan">, Here.InboxEntry>>,
  Check<
    Same<
      Omit<Own<Camel<Wasm.ProjectView>, "project">, "planList">,
      Omit<Here.ProjectView, "planList">
    >
  >,
  Check<Same<Own<Camel<Wasm.PlanView>, "plan">, Here.PlanView>>,
  Check<
    Same<Omit<Camel<Wasm.StepView>, "input" | "output">, Omit<Here.StepView, "input" | "output">>
  >,
  Check<Same<Camel<Wasm.ItemView>, Here.ItemView>>,
  Check<
    Same<
      Omit<Own<Camel<Wasm.CheckpointView>, "checkpoint">, "data">,
      Omit<Here.CheckpointView, "data">
    >
  >,
  Check<Same<Camel<Wasm.Statistics>, Here.Statistics>>,
  Check<Same<Camel<Wasm.StoreStatistics>, Here.StoreStatistics>>,
  Check<Same<Camel<Wasm.Diff>, Here.Diff>>,
  Check<Same<Camel<Wasm.VerifyReport>, Here.VerifyReport>>,
  Check<Same<Camel<Wasm.LeaseView>, Here.LeaseView>>,
  Check<Same<Camel<Wasm.Outcome>, Here.Outcome>>,
  Check<Same<Camel<Wasm.PauseReport>, Here.PauseReport>>,
  Check<Same<Camel<Wasm.ResumeReport>, Here.ResumeReport>>,
  Check<Same<Camel<Wasm.RollbackReport>, Here.RollbackReport>>,
  Check<Same<Camel<Wasm.ArchiveReport>, Here.ArchiveReport>>,
  Check<Same<Camel<Wasm.RetentionReport>, Here.RetentionReport>>,
  Check<Same<Camel<Wasm.ImportReport>, Here.ImportReport>>,
  Check<Same<Camel<Wasm.ExportProgress>, Here.ExportProgress>>,
  // What is added is known outside of the module.
  Check<Same<Camel<Wasm.ImportProgress>, Omit<Here.ImportProgress, "sourceBytes" | "isFinishing">>>,
  Check<Same<Camel<Wasm.BundleLimits>, Here.BundleLimits>>,
  Check<Same<Camel<Wasm.PlanSettings>, Here.PlanSettings>>,
  Check<Same<Camel<Wasm.ProjectSettings>, Here.ProjectSettings>>,
  Check<Same<Camel<Wasm.Played>, Here.Played>>,
  // A command may say what the module doesn't take as it is: titles as steps, values that become texts.
  Check<Same<Wasm.Command["type"], Here.Command["type"]>>,
];
