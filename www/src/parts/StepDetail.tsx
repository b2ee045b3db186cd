import type { StepView } from "#wasm";
import { useState } from "preact/hooks";
import { useQuery } from "../live";
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
  const { data, problem, again } = useQuery({ type: "step", project, plan, step });
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
  const output = view.output === null ? undefined : readable(view.output);
  return (
    <>
      {view.error !== null && <LongText name="Error" of={of} text={view.error} tone="bad" />}
      {inputParts(view, output).map(([name, text]) => (
        <LongText key={name} name={name} of={of} text={text} />
      ))}
      {view.output_redacted && <Redacted what="The output" redaction={view.output_redacted} />}
      {output !== undefined && (
        <LongText name="Output" of={of} text={output} testId="step-output" />
      )}
      <Facts
        facts={[
          ["Step id", <ShortId id={view.id} />],
          ...(view.attempt !== null
            ? [["Attempt", `${number(view.attempt)}, counted over the plan`] as const]
            : []),
          ...(view.started_at !== null
            ? [["Started", <Moment time={view.started_at} />] as const]
            : []),
          ...(view.ended_at !== null ? [["Ended", <Moment time={view.ended_at} />] as const] : []),
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
          project={view.project}
          what={{ type: "redact_output", plan: view.plan, step: view.step }}
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
  if (view.input === null) return [];
  let value: unknown;
  try {
    value = JSON.parse(view.input);
  } catch {
    return [["Input", view.input]];
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [["Input", readable(view.input)]];
  }
  return Object.entries(value)
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
