import type { PlanView } from "holdpoint";
import { number, visible } from "../text";
import { verdict } from "../words";
import { Badge, Foreign, Moment } from "./basics";

/** All that was decided on a plan's submissions, newest first: it stays whatever rollback comes. */
export function Verdicts({ plan }: { plan: PlanView }) {
  if (plan.verdicts.length === 0) return null;
  return (
    <section class="card" aria-labelledby="verdicts" data-testid="verdicts">
      <header class="card-head">
        <h2 id="verdicts">
          Decisions <span class="count">{number(plan.verdicts.length)}</span>
        </h2>
      </header>
      <ol class="rows">
        {[...plan.verdicts].reverse().map((row) => (
          <li key={row.submission} class="row" data-testid="verdict" data-passed={row.passed}>
            <div class="row-main">
              <p class="meta">
                <Badge tone={row.passed ? "good" : "bad"}>{verdict(row)}</Badge>
                <span>
                  by <Foreign text={row.by} />
                </span>
                <Moment time={row.at} />
                <span>submission {number(row.submission)}</span>
              </p>
              {[row.reason, row.notes].map(
                (text, index) =>
                  text !== null && (
                    <p key={index} class="small said" dir="auto">
                      {visible(text)}
                    </p>
                  ),
              )}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
