import type { CheckpointRow, ProjectView } from "#wasm";
import { useState } from "preact/hooks";
import { eventInWords, naming } from "../events";
import { useQuery } from "../live";
import { number, visible } from "../text";
import { Button, Foreign, Loading, Moment } from "./basics";
import { ProblemBox } from "./ProblemBox";

const PAGE = 20;

/** Every commit, newest first: revision, when, who, what. */
export function History({
  project,
  checkpoints,
}: {
  project: ProjectView;
  checkpoints: readonly CheckpointRow[];
}) {
  // How many pages back; the first one moves along with the project.
  const [page, setPage] = useState(0);
  const last = Math.max(project.revision - page * PAGE, 0);
  const after = Math.max(last - PAGE, 0);
  const { data, problem, again } = useQuery({
    type: "history",
    project: project.project,
    after,
    limit: Math.max(last - after, 1),
  });
  const words = naming(project.plan_list, checkpoints);
  const entries = data && [...data].reverse();
  return (
    <section class="card" aria-labelledby="history" data-testid="history">
      <header class="card-head">
        <h2 id="history">
          History <span class="count">{number(project.revision)}</span>
        </h2>
        {project.revision > PAGE && (
          <nav class="buttons" aria-label="Pages of the history">
            <Button disabled={page === 0} onClick={() => setPage(page - 1)} testId="history-newer">
              Newer
            </Button>
            <Button disabled={after === 0} onClick={() => setPage(page + 1)} testId="history-older">
              Older
            </Button>
          </nav>
        )}
      </header>
      <ProblemBox problem={problem} onAgain={again} />
      {!entries && !problem && <Loading what="the history" />}
      {entries && (
        <table class="history" role="table">
          <thead role="rowgroup">
            <tr role="row">
              <th scope="col" role="columnheader" class="figure">
                Rev<span class="hidden">ision</span>
              </th>
              <th scope="col" role="columnheader">
                What happened
              </th>
              <th scope="col" role="columnheader">
                Who
              </th>
              <th scope="col" role="columnheader">
                When
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {entries.map((entry) => (
              <tr
                key={entry.revision}
                role="row"
                data-testid="history-row"
                data-revision={entry.revision}
              >
                <td role="cell" class="figure muted">
                  {number(entry.revision)}
                </td>
                <td role="cell" class="what">
                  {entry.events.map((event, index) => (
                    <p key={index} data-event={event.type}>
                      {visible(sentence(eventInWords(event, words)), true)}
                    </p>
                  ))}
                </td>
                <td role="cell" class="muted">
                  <Foreign text={entry.actor} />
                </td>
                <td role="cell" class="muted">
                  <Moment time={entry.at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
