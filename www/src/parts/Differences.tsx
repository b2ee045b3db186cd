import type { Change } from "holdpoint";
import { useState } from "preact/hooks";
import { type Difference, type Group, grouped, type Names } from "../differences";
import { count, number, visible } from "../text";
import { Button } from "./basics";
import { Icon, type IconName } from "./Icon";

const FEW = 40;

/** What differs between two points, group by group; marked by a sign and a word, not by colour. */
export function Differences({ changes, names }: { changes: readonly Change[]; names: Names }) {
  return (
    <>
      {grouped(changes, names).map((group) => (
        <GroupCard key={group.key} group={group} />
      ))}
    </>
  );
}

function GroupCard({ group }: { group: Group }) {
  const major = group.differences.filter(({ isMinor }) => !isMinor);
  const minor = group.differences.filter(({ isMinor }) => isMinor);
  return (
    <section class="card" aria-label={visible(group.title, true)} data-testid="difference-group">
      <h2>
        <bdi>{visible(group.title, true)}</bdi>{" "}
        <span class="count">{number(group.differences.length)}</span>
      </h2>
      <List rows={major} />
      {minor.length > 0 && (
        <details class="minor">
          <summary>{count(minor.length, "counter or time", "counters and times")}</summary>
          <List rows={minor} />
        </details>
      )}
    </section>
  );
}

function List({ rows }: { rows: readonly Difference[] }) {
  const [limit, setLimit] = useState(FEW);
  if (rows.length === 0) return null;
  return (
    <>
      <ul class="differences">
        {rows.slice(0, limit).map((row) => (
          <Row key={row.change.path} row={row} />
        ))}
      </ul>
      {rows.length > limit && (
        <Button kind="quiet" onClick={() => setLimit(limit + 5 * FEW)}>
          Show more of {number(rows.length)}
        </Button>
      )}
    </>
  );
}

const marks: Record<Change["kind"], { icon: IconName; word: string }> = {
  added: { icon: "plus", word: "Added" },
  removed: { icon: "minus", word: "Removed" },
  changed: { icon: "change", word: "Changed" },
};

function Row({ row: { change, what, before, after } }: { row: Difference }) {
  const mark = marks[change.kind];
  return (
    <li
      class={`difference difference-${change.kind}`}
      data-testid="difference"
      data-path={change.path}
      data-kind={change.kind}
    >
      <span class="difference-mark">
        <Icon name={mark.icon} /> {mark.word}
      </span>
      <span class="difference-what">
        <bdi>{visible(what, true)}</bdi>
      </span>
      <span class="difference-values">
        {before !== undefined && (
          <>
            <span class="hidden">before: </span>
            <bdi class="difference-before">{visible(before, true)}</bdi>
          </>
        )}
        {before !== undefined && after !== undefined && (
          <span class="arrow" aria-hidden="true">
            →
          </span>
        )}
        {after !== undefined && (
          <>
            <span class="hidden"> after: </span>
            <bdi>{visible(after, true)}</bdi>
          </>
        )}
      </span>
    </li>
  );
}
