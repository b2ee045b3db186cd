import type { ComponentChildren } from "preact";
import { adviceFor } from "../advice";
import type { Problem } from "../problem";
import { open } from "../store";
import { visible } from "../text";
import { Icon } from "./Icon";

/** What went wrong, where it happened: what, what to do, and the code to look it up by. */
export function ProblemBox({
  problem,
  advice: given,
  onDismiss,
  onAgain,
}: {
  problem: Problem | undefined;
  /** Where there is more to say than the code does. */
  advice?: string | undefined;
  onDismiss?: () => void;
  onAgain?: () => void;
}) {
  if (!problem) return null;
  const advice = given ?? adviceFor(problem.code);
  // A store that was closed on us is opened anew; that is what "again" means then.
  const again = problem.code === "CLOSED" ? () => void open() : onAgain;
  return (
    <div class="note note-bad" role="alert" data-testid="error" data-code={problem.code}>
      <Icon name="warning" />
      <div class="note-text">
        <p>
          <bdi>{visible(problem.message)}</bdi> <code class="code">{problem.code}</code>
        </p>
        {advice && <p class="muted">{advice}</p>}
        {problem.code === "TOO_NEW" && (
          <button type="button" class="button button-plain" onClick={() => location.reload()}>
            Reload the page
          </button>
        )}
        {again && (
          <button type="button" class="button button-plain" onClick={again} data-testid="try-again">
            Try again
          </button>
        )}
      </div>
      {onDismiss && (
        <button type="button" class="icon-button" onClick={onDismiss} aria-label="Dismiss">
          <Icon name="cross" />
        </button>
      )}
    </div>
  );
}

/** Something worth knowing that isn't a failure. */
export function Note({
  children,
  tone = "plain",
  testId,
  onDismiss,
}: {
  children: ComponentChildren;
  tone?: "plain" | "hold" | "good";
  testId?: string;
  onDismiss?: () => void;
}) {
  const icon = tone === "good" ? "check" : tone === "hold" ? "pause" : "info";
  return (
    <div class={`note note-${tone}`} data-testid={testId}>
      <Icon name={icon} />
      <div class="note-text">{children}</div>
      {onDismiss && (
        <button type="button" class="icon-button" onClick={onDismiss} aria-label="Dismiss">
          <Icon name="cross" />
        </button>
      )}
    </div>
  );
}
