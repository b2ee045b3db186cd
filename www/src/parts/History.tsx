import type { CheckpointRow, FoundEntry, PlanRow } from "holdpoint";
import { useRef, useState } from "preact/hooks";
import { eventInWords, naming } from "../events";
import { useKeptFocus } from "../focus";
import { anything, type Filter, isFiltered, PAGE, useSearch } from "../history";
import { toCompare } from "../router";
import { number, visible } from "../text";
import { Button, Foreign, Loading, Moment } from "./basics";
import { HistoryFilter } from "./HistoryFilter";
import { Icon } from "./Icon";
import { ProblemBox } from "./ProblemBox";
import { SaveHistory } from "./SaveHistory";

interface HistoryProps {
  project: string;
  /** What the file is called that it is saved to. */
  name: string;
  /** That of one plan; without it, the whole project's. */
  plan?: string;
  plans: readonly PlanRow[];
  checkpoints: readonly CheckpointRow[];
}

/** Every commit, newest first: revision, when, who, what. */
export function History({ entries, ...props }: HistoryProps & { entries: number }) {
  return (
    <section class="card" aria-labelledby="history" data-testid="history">
      <header class="card-head">
        <h2 id="history">
          History <span class="count">{number(entries)}</span>
        </h2>
        <a class="button button-plain" href={toCompare(props.project)} data-testid="to-compare">
          Compare two points…
        </a>
      </header>
      <Found {...props} />
    </section>
  );
}

/** A plan's, folded away until somebody wants to read it. */
export function PlanHistory(props: HistoryProps & { plan: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      class="card request"
      data-testid="plan-history"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <h2>History of this plan</h2>
      </summary>
      {isOpen && <Found {...props} />}
    </details>
  );
}

function Found({ project, name, plan, plans, checkpoints }: HistoryProps) {
  const [filter, setFilter] = useState<Filter>({ ...anything, plan: plan ?? "" });
  // Where each page begins that one went back through; the newest one moves along.
  const [trail, setTrail] = useState<readonly number[]>([]);
  const before = trail.at(-1);
  const { entries, next, isSearching, problem, stop, goOn } = useSearch(project, filter, before);
  const words = naming(plans, checkpoints);
  const isFull = (entries?.length ?? 0) >= PAGE;
  const region = useRef<HTMLDivElement>(null);
  useKeptFocus(region);
  return (
    <div ref={region} tabIndex={-1} class="found">
      <HistoryFilter
        filter={filter}
        plans={plan === undefined ? plans : undefined}
        seen={entries ?? []}
        onChange={(filter) => {
          setFilter(filter);
          setTrail([]);
        }}
      />
      <ProblemBox problem={problem} onAgain={goOn} />
      {!entries && !problem && <Loading what="the history" />}
      {entries && entries.length > 0 && <Table entries={entries} words={words} />}
      {entries?.length === 0 && !isSearching && next === null && !problem && (
        <p class="muted" data-testid="history-empty">
          {before !== undefined ? "No older ones." : "Nothing of the kind has happened."}
        </p>
      )}
      {entries && !isFull && isSearching && next !== null && (
        <div class="looking" role="status" data-testid="history-searching">
          <p class="muted loading">
            <Icon name="arc" /> Looking further back than revision {number(next)}…
          </p>
          <Button onClick={stop} testId="history-stop">
            Stop looking
          </Button>
        </div>
      )}
      {entries && !isFull && !isSearching && next !== null && !problem && (
        <div class="looking" data-testid="history-stopped">
          <p class="muted">Looked back to revision {number(next)}; there may be more before it.</p>
          <Button onClick={goOn} testId="history-go-on">
            Look further back
          </Button>
        </div>
      )}
      <div class="history-foot">
        {(trail.length > 0 || next !== null) && (
          <nav class="buttons" aria-label="Pages of the history">
            <Button
              isOff={trail.length === 0}
              onClick={() => setTrail(trail.slice(0, -1))}
              testId="history-newer"
            >
              Newer
            </Button>
            <Button
              isOff={next === null || !isFull}
              onClick={() => next !== null && setTrail([...trail, next])}
              testId="history-older"
            >
              Older
            </Button>
          </nav>
        )}
        <SaveHistory
          project={project}
          name={name}
          filter={filter}
          isPart={isFiltered({ ...filter, plan: plan === undefined ? filter.plan : "" })}
        />
      </div>
    </div>
  );
}

function Table({
  entries,
  words,
}: {
  entries: readonly FoundEntry[];
  words: ReturnType<typeof naming>;
}) {
  return (
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
                  {visible(sentence(eventInWords(event, words, entry.actor), entry.actor), true)}
                </p>
              ))}
            </td>
            <td role="cell" class="who muted">
              <Foreign text={entry.actor} />
            </td>
            <td role="cell" class="muted">
              <Moment time={entry.at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Begins with a capital, unless it begins with somebody's name, which is as they write it. */
const sentence = (text: string, who: string): string =>
  text.startsWith(who) ? text : text.charAt(0).toUpperCase() + text.slice(1);
