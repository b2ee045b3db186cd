import { count, number } from "../text";
import type { Tone } from "../words";
import { Badge } from "./basics";

/** A small table of how many there are of each kind; kinds that there are none of are left out. */
export function Counted({
  title,
  one,
  rows,
  testId,
}: {
  title: string;
  one: string;
  rows: readonly { key: string; word: string; tone?: Tone; count: number }[];
  testId: string;
}) {
  const shown = rows.filter((row) => row.count > 0);
  const all = rows.reduce((sum, row) => sum + row.count, 0);
  return (
    <section class="card" aria-labelledby={testId} data-testid={testId}>
      <h2 id={testId}>{title}</h2>
      {shown.length === 0 ? (
        <p class="muted">There are none.</p>
      ) : (
        <table class="counted">
          <thead class="hidden">
            <tr>
              <th scope="col">Which</th>
              <th scope="col">How many</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.key} data-key={row.key} data-count={row.count}>
                <th scope="row">
                  {row.tone ? <Badge tone={row.tone}>{row.word}</Badge> : row.word}
                </th>
                <td class="figure">{number(row.count)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">In all</th>
              <td class="figure">{count(all, one)}</td>
            </tr>
          </tfoot>
        </table>
      )}
    </section>
  );
}

/** The heading of a table of figures. */
export function Heads({ first, figures }: { first: string; figures: readonly string[] }) {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {figures.map((name) => (
          <th key={name} scope="col" class="figure">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
