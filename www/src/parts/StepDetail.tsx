import type { StepView } from "holdpoint";
import { useState } from "preact/hooks";
import { useLive } from "../live";
import { planOf } from "../store";
import { count, number, readable, visible } from "../text";
import { Button, Facts, Loading, Moment, ShortId } from "./basics";
import { ProblemBox } from "./ProblemBox";
import { RedactDialog, Redacted } from "./RedactDialog";

/** What went into a step and what came out; read only once somebody looks at it. */
export function StepDetail({
  project,
  plan,
  step,
}: {
  project: string;
  plan: string;
  step: number;
}) {
  const { data, problem, again } = useLive(project, ["step", plan, step], async () =>
    (await planOf(project, plan)).step(step),
  );
  return (
    <div class="step-detail" data-testid="step-detail">
      <ProblemBox problem={problem} onAgain={again} />
      {!data && !problem && <Loading what="the step" />}
      {data && <Detail view={data} />}
    </div>
  );
}

function Detail({ view }: { view: StepView }) {
  const [isRedacting, setRedacting] = useState(false);
  const of = `step ${number(view.step + 1)}`;
  const hasOutput = view.hasOutput && view.outputRedacted === null;
  const output = hasOutput ? readable(view.output) : undefined;
  return (
    <>
      {view.error !== null && <LongText name="Error" of={of} text={view.error} tone="bad" />}
      {inputParts(view, output).map(([name, text]) => (
        <LongText key={name} name={name} of={of} text={text} />
      ))}
      {view.outputRedacted && <Redacted what="The output" redaction={view.outputRedacted} />}
      {output !== undefined && (
        <LongText name="Output" of={of} text={output} testId="step-output" />
      )}
      <Facts
        facts={[
          ["Step id", <ShortId id={view.id} />],
          ...(view.attempt !== null
            ? [["Attempt", `${number(view.attempt)}, counted over the plan`] as const]
            : []),
          ...(view.startedAt !== null
            ? [["Started", <Moment time={view.startedAt} />] as const]
            : []),
          ...(view.endedAt !== null ? [["Ended", <Moment time={view.endedAt} />] as const] : []),
        ]}
      />
      {output !== undefined && (
        <div class="buttons buttons-quiet">
          <Button kind="quiet" icon="bin" onClick={() => setRedacting(true)} testId="redact-output">
            Remove the output for good…
          </Button>
        </div>
      )}
      {isRedacting && (
        <RedactDialog
          redact={async (given) =>
            (await planOf(view.project, view.plan)).redactOutput(view.step, given)
          }
          onClose={() => setRedacting(false)}
        />
      )}
    </>
  );
}

const names: Record<string, string> = {
  thought: "Thought",
  action: "Action",
  observation: "Recorded result",
  created_at: "Recorded at",
};

/** An input that is an object of texts is shown text by text, without what the output says again. */
function inputParts(view: StepView, output: string | undefined): [string, string][] {
  const { input } = view;
  if (input === null) return [];
  if (typeof input !== "object" || Array.isArray(input)) return [["Input", readable(input)]];
  return Object.entries(input)
    .map(([name, part]: [string, unknown]): [string, string, string] => [
      name,
      Object.hasOwn(names, name) ? (names[name] ?? name) : `Input: ${name}`,
      typeof part === "string" ? part : JSON.stringify(part, null, 2),
    ])
    .filter(([name, , text]) => text !== "" && text !== output && name !== "created_at")
    .map(([, name, text]) => [name, text]);
}

const FEW = 10_000;

/** A text of any length, as it is; what is long is shown whole on demand. */
export function LongText({
  name,
  of,
  text,
  tone,
  testId,
}: {
  name: string;
  /** What it belongs to, for screen readers: several may be open. */
  of?: string;
  text: string;
  tone?: "bad";
  testId?: string;
}) {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > FEW;
  const shown = isLong && !isWhole ? text.slice(0, FEW) : text;
  return (
    <section class={tone === "bad" ? "long-text long-text-bad" : "long-text"}>
      <h3>{name}</h3>
      {text === "" ? (
        <p class="muted">Empty</p>
      ) : (
        <pre
          tabIndex={0}
          role="region"
          aria-label={of === undefined ? name : `${name} of ${of}`}
          data-testid={testId}
          dir="auto"
        >
          {visible(shown)}
          {isLong && !isWhole && "…"}
        </pre>
      )}
      {isLong && (
        <Button kind="quiet" onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show less" : `Show all ${count(text.length, "character")}`}
        </Button>
      )}
    </section>
  );
}
