import type { PauseReport } from "holdpoint";
import { count, number, percent } from "../text";
import { pauseWarning } from "../words";
import { Foreign, Moment, ShortId } from "./basics";
import { Icon } from "./Icon";

/** What a pause did: tokens before and after, what was archived, and what somebody should know. */
export function PauseReportCard({ report }: { report: PauseReport }) {
  return (
    <section class="card card-hold" aria-labelledby="pause-report" data-testid="pause-report">
      <h2 id="pause-report">
        <Icon name="pause" /> Paused <Moment time={report.pausedAt} />
      </h2>
      {report.reason !== null && (
        <blockquote class="reason" data-testid="pause-report-reason">
          <Foreign text={report.reason} />
        </blockquote>
      )}
      <dl class="figures">
        <div>
          <dt>Active context</dt>
          <dd data-testid="pause-report-tokens">
            {number(report.tokensBefore)}
            <span class="arrow" role="img" aria-label="tokens before, tokens after:">
              {" "}
              →{" "}
            </span>
            {number(report.tokensAfter)} <small>tokens</small>
          </dd>
        </div>
        <div>
          <dt>Reduced by</dt>
          <dd>{percent(report.reductionPercentage)}</dd>
        </div>
        <div>
          <dt>Archived</dt>
          <dd data-testid="pause-report-archived">
            {number(report.itemsArchived)} <small>items</small>
          </dd>
        </div>
        <div>
          <dt>Checkpoint</dt>
          <dd>
            <ShortId id={report.checkpointId} />
          </dd>
        </div>
      </dl>
      {report.agents.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="The pause, agent by agent">
          <table>
            <thead>
              <tr>
                <th scope="col">Agent</th>
                <th scope="col" class="figure">
                  Before
                </th>
                <th scope="col" class="figure">
                  After
                </th>
                <th scope="col" class="figure">
                  Archived
                </th>
                <th scope="col" class="figure">
                  Kept hot
                </th>
                <th scope="col" class="figure">
                  Kept warm
                </th>
              </tr>
            </thead>
            <tbody>
              {report.agents.map((agent) => (
                <tr key={agent.agent}>
                  <th scope="row">
                    <Foreign text={agent.agent} />
                  </th>
                  <td class="figure">{number(agent.tokensBefore)}</td>
                  <td class="figure">{number(agent.tokensAfter)}</td>
                  <td class="figure">{count(agent.itemsArchived, "item")}</td>
                  <td class="figure">{number(agent.hotKept)}</td>
                  <td class="figure">{number(agent.warmKept)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {report.warnings.length > 0 && (
        <ul class="warnings">
          {report.warnings.map((warning) => (
            <li key={JSON.stringify(warning)}>
              <Icon name="info" /> {pauseWarning(warning)}
            </li>
          ))}
        </ul>
      )}
      <p class="muted small">
        Resuming goes on at the next step with this smaller context. Resuming from the checkpoint of
        this pause brings all of it back.
      </p>
    </section>
  );
}
